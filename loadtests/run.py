"""One load run: a target, Locust in a process of its own, and the verdict on its figures."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from homeroom.loadtests.limits import Figures, Miss, find_misses
from homeroom.loadtests.profiles import Profile

TARGET = (
    "ONEROSTER_BASE_URL",
    "ONEROSTER_TOKEN_URL",
    "ONEROSTER_CLIENT_ID",
    "ONEROSTER_CLIENT_SECRET",
)
"""Variables that name a target of the caller's own; without them a fake is started."""


class LoadError(RuntimeError):
    """The run cannot be made; the text says why and what to do."""


@dataclass(frozen=True)
class LoadRun:
    """What a run measured, and which limits it missed."""

    profile: Profile
    figures: Figures
    misses: tuple[Miss, ...]
    errors: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 when every limit was kept, else 1."""
        return 1 if self.misses else 0

    def as_dict(self) -> dict[str, Any]:
        """Write the run as one JSON document."""
        return {
            "profile": self.profile.name,
            "limits": asdict(self.profile.limits),
            "figures": {
                **asdict(self.figures),
                "records_per_s": round(self.figures.records_per_s, 1),
            },
            "misses": [asdict(miss) for miss in self.misses],
            "errors": list(self.errors),
            "passed": not self.misses,
        }


def run_load(profile: Profile, *, environ: Mapping[str, str]) -> LoadRun:
    """Run a profile against the target that `environ` names, or a fake; raises LoadError."""
    if find_spec("locust") is None:
        raise LoadError("Locust is not installed: pip install 'homeroom[load]'")
    given = [name for name in TARGET if environ.get(name)]
    if given and len(given) < len(TARGET):
        missing = ", ".join(name for name in TARGET if name not in given)
        raise LoadError(f"a target of your own needs all of its variables; missing: {missing}")
    with contextlib.ExitStack() as stack:
        target = (
            {name: environ[name] for name in TARGET}
            if given
            else stack.enter_context(_fake(profile.district, environ))
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="homeroom-load-")))
        measured = _run_locust(profile, {**environ, **target}, folder)
    figures = Figures(**measured["figures"])
    return LoadRun(
        profile, figures, tuple(find_misses(figures, profile.limits)), tuple(measured["errors"])
    )


@contextlib.contextmanager
def _fake(district: str, environ: Mapping[str, str]) -> Generator[dict[str, str]]:
    command = [sys.executable, "-m", "homeroom", "up", "--json", "--district", district]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(environ)) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise LoadError("`homeroom up` did not start; its own message stands above")
            oneroster = json.loads(line)["oneroster"]
            yield {
                "ONEROSTER_BASE_URL": oneroster["base_url"],
                "ONEROSTER_TOKEN_URL": oneroster["token_url"],
                "ONEROSTER_CLIENT_ID": oneroster["client_id"],
                "ONEROSTER_CLIENT_SECRET": oneroster["client_secret"],
            }
        finally:
            process.terminate()


def _run_locust(profile: Profile, environ: Mapping[str, str], folder: Path) -> dict[str, Any]:
    out = folder / "figures.json"
    command = [
        sys.executable, "-m", "locust", "--headless", "--only-summary", "--loglevel", "WARNING",
        "--locustfile", str(Path(__file__).with_name("locustfile.py")),
        "--users", str(profile.consumers), "--spawn-rate", str(profile.consumers),
        "--host", environ["ONEROSTER_BASE_URL"],
    ]  # fmt: skip
    variables = {
        **{key: value for key, value in environ.items() if not key.startswith("LOCUST_")},
        "HOMEROOM_LOAD_PROFILE": profile.name,
        "HOMEROOM_LOAD_FIGURES": str(out),
    }
    done = subprocess.run(  # noqa: S603 -- our own interpreter and files
        command, env=variables, cwd=folder, capture_output=True, text=True, check=False,
        timeout=profile.deadline_s + 60,
    )  # fmt: skip
    if not out.exists():
        raise LoadError(f"Locust ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    measured: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return measured
