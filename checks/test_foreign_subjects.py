"""Right services that nobody here shaped must be certified: refusing one is a false alarm."""

import json
from collections import Counter
from pathlib import Path

import pytest

from checks.support import ROOT, homeroom

SUBJECTS = ROOT / "features" / "subjects"
LIMIT_S = 900.0


def certify(subject: str, report: Path, *only: str) -> None:
    """Certify one foreign service as its file declares it, in part where it does only a part."""
    done = homeroom(
        "certify", "sync", "--config", str(SUBJECTS / f"{subject}.toml"),
        "--report", str(report), "--workers", "2", *(f"--only={part}" for part in only),
        timeout_s=LIMIT_S,
    )  # fmt: skip
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    refused = [
        f"{each['id']}: {each['reason']}: expected {each['expected']}; received {each['received']}"
        for each in results["scenarios"]
        if each["outcome"] not in ("passed", "not-applicable")
    ]
    assert refused == []
    assert (results["verdict"], done.code) == ("incomplete" if only else "certified", 0)
    outcomes = Counter(each["outcome"] for each in results["scenarios"])
    # What does not apply by its choices is little; a service that is hardly judged proves nothing.
    assert outcomes["passed"] > 10 * outcomes["not-applicable"]


def test_a_service_that_lets_canvas_find_the_difference_is_certified(tmp_path: Path) -> None:
    certify("foreign_diffing", tmp_path / "report")


@pytest.mark.long
def test_a_service_that_leaves_cleaning_up_to_batch_mode_is_certified(tmp_path: Path) -> None:
    certify("foreign_batch_mode", tmp_path / "report")


def test_a_service_that_reads_school_by_school_is_certified(tmp_path: Path) -> None:
    certify("foreign_school_by_school", tmp_path / "report")


def test_a_passback_that_reads_section_by_section_is_certified(tmp_path: Path) -> None:
    certify("foreign_section_by_section", tmp_path / "report", "passback", "ONB-GPB-01")


@pytest.mark.parametrize(
    "subject", sorted(SUBJECTS.glob("foreign_*.py")), ids=lambda each: each.stem
)
def test_a_foreign_service_shares_nothing_with_homeroom(subject: Path) -> None:
    assert "import homeroom" not in subject.read_text(encoding="utf-8")
    assert "from homeroom" not in subject.read_text(encoding="utf-8")
