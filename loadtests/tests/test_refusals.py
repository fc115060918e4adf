"""What cannot be run is refused before anything is started, and the text says what to do."""

from pathlib import Path
from typing import Any

import pytest

from homeroom.config import Config
from homeroom.loadtests.limits import check_arithmetic
from homeroom.loadtests.plan import Plan, World
from homeroom.loadtests.profiles import (
    Limits,
    LoadError,
    list_profiles,
    read_limits,
    read_profile,
)
from homeroom.loadtests.runs import Options, run_all
from homeroom.loadtests.services import ServiceShape

REAL = {
    "ONEROSTER_BASE_URL": "http://sis.invalid/v1p1",
    "ONEROSTER_TOKEN_URL": "http://sis.invalid/token",
    "ONEROSTER_CLIENT_ID": "id",
    "ONEROSTER_CLIENT_SECRET": "a-secret-of-somebody",
}


@pytest.mark.parametrize("name", list_profiles())
def test_every_profile_reads_and_has_limits(name: str) -> None:
    profile = read_profile(name)
    assert profile.name == name
    assert read_limits(profile) != Limits()


@pytest.mark.parametrize(
    ("options", "variables", "part"),
    [
        ({"profile": "nightly", "target": "real"}, {}, "has no [oneroster]"),
        ({"profile": "nightly", "target": "moon"}, {}, "auto, fakes, real"),
        ({"profile": "nightly"}, REAL, "--consent sis.invalid"),
        ({"profile": "nightly", "consent": "other.host"}, REAL, "--consent sis.invalid"),
        ({"profile": "nightly", "consent": "sis.invalid", "rate": 99.0}, REAL, "is above 10"),
        ({"profile": "grade-deadline", "consent": "sis.invalid"}, REAL, "never runs against"),
        ({"profile": "nightly", "faults": ("x",), "consent": "sis.invalid"}, REAL, "--faults"),
        ({"profile": "nightly", "workers": 2}, {}, "cannot share"),
        ({"profile": "nightly", "listen": "nowhere", "joined": 1}, {}, "HOST:PORT"),
        ({"profile": "nightly", "joined": 1}, {}, "--listen"),
        ({"profile": "nightly", "service": ServiceShape(workers=4)}, {}, "service-nights loads"),
        (
            {"profile": "service-nights", "service": ServiceShape(processes=2)},
            {},
            "--database postgresql",
        ),
        ({"profile": "nightly", "baseline": Path("absent")}, {}, "--save-baseline makes one"),
    ],
)
def test_what_cannot_be_run_is_refused(
    options: dict[str, Any], variables: dict[str, str], part: str, tmp_path: Path
) -> None:
    with pytest.raises(LoadError) as refused:
        run_all(
            Options(report=tmp_path, **options), environ=variables, config=Config(),
            tell=lambda _: None,
        )  # fmt: skip
    assert part in str(refused.value)
    assert "a-secret-of-somebody" not in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ('operations = ["getAllEnrolments"]', "did you mean getAllEnrollments?"),
        ('operations = ["putResult"]', "is nothing that users of kind extract do"),
        ("operations = []", "names none"),
        ('operations = ["getAllOrgs"]\npage_limit = 0', "page_limit"),
        ('operations = ["getAllOrgs"]\nspeed = 3', "speed` - at `$.users`; there are: kind,"),
    ],
)
def test_a_wrong_profile_names_field_and_remedy(line: str, part: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        f'about = "a"\nsource = "b"\ndistricts = ["tiny"]\n'
        f'[users]\nkind = "extract"\ndeadline_s = 9\n{line}\n'
    )
    with pytest.raises(LoadError) as refused:
        read_profile(str(path))
    assert "mine.toml" in str(refused.value)
    assert part in str(refused.value)


def test_a_limit_that_is_misspelt_names_those_there_are(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("[nightly]\nwindow_minuts = 1\n")
    with pytest.raises(LoadError, match=r"window_minuts`; there are: p50_ms, .*window_minutes"):
        read_limits(read_profile("nightly"), path)


def plan(**changes: Any) -> Plan:
    world = World(base_url="http://x", token_url="http://x/token", expected={"enrollments": 10_000})
    values: dict[str, Any] = {
        "profile": read_profile("nightly"),
        "worlds": (world,),
        "users": 1,
        "expected_records": 10_000,
        "expected_pages": 10,
    }
    return Plan(**{**values, **changes})


@pytest.mark.parametrize(
    ("limits", "changes", "part"),
    [
        (Limits(window_minutes=0.0001), {"window_s": 0.006}, "10 pages follow one another"),
        (
            Limits(window_minutes=1),
            {"window_s": 60, "requests_per_s": 0.1},
            "3 tokens take 2.2 minutes",
        ),
        (Limits(records_per_s=2000), {"requests_per_s": 1.0}, "bring 1,000 records at the most"),
        (Limits(p50_ms=9, p95_ms=8), {}, "p95_ms = 8 is below p50_ms = 9"),
    ],
)
def test_a_limit_that_arithmetic_excludes_is_refused(
    limits: Limits, changes: dict[str, Any], part: str
) -> None:
    with pytest.raises(LoadError) as refused:
        check_arithmetic(plan(**changes), limits, 10)
    assert part in str(refused.value)


def test_limits_that_can_be_kept_are_not_refused() -> None:
    check_arithmetic(plan(window_s=7200), read_limits(read_profile("nightly")), 10)
