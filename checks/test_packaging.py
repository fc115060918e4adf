"""The wheel: one import package, installable beside other projects, certifying on its own."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from checks.support import ROOT, environment, homeroom


def run(command: Sequence[str | Path]) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env=environment(),
    )
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT])
    return next(folder.glob("*.whl"))


def test_it_installs_one_import_package_without_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"homeroom"}
    assert not [name for name in names if "/tests/" in name]
    for needed in (
        "homeroom/mocks/focus_oneroster/openapi.yaml",
        "homeroom/mocks/canvas/openapi.yaml",
        "homeroom/reference/transport.py",
        "homeroom/loadtests/locustfile.py",
    ):
        assert needed in names
    assert [name for name in names if name.endswith(".feature")]


@pytest.mark.skipif(
    os.environ.get("HOMEROOM_OFFLINE") == "1", reason="HOMEROOM_OFFLINE=1: no package index"
)
def test_it_certifies_the_reference_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    run([sys.executable, "-m", "venv", venv])
    python = venv / "bin" / "python"
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    run([*pip, "--require-hashes", "-r", ROOT / "locks" / "runtime.txt"])
    run([*pip, "--no-deps", wheel])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = homeroom(
        "certify", "--workers", "2", "--json",
        cwd=elsewhere, program=[str(venv / "bin" / "homeroom")], timeout_s=900,
    )  # fmt: skip
    assert done.code == 0, f"{done.out[-3000:]}\n{done.err[-3000:]}"
    report = json.loads((elsewhere / "reports" / "latest" / "results.json").read_text("utf-8"))
    assert report["verdict"] == "certified"
    assert report["totals"]["failed"] == report["totals"]["harness_error"] == 0
    assert report["totals"]["passed"] >= 30
