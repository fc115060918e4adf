"""The pre-flight of a subject: what can be seen before anything is started."""

from pathlib import Path

import pytest

from homeroom.certify.preflight import check_subject
from homeroom.certify.results import Check
from homeroom.certify.subject import declared_commands
from homeroom.config import Choices, Config, Subject, TellsTime


def failures(subject: Subject, folder: Path, path: str = "/bin:/usr/bin") -> list[Check]:
    config = Config(subject=subject, path=folder / "homeroom.toml")
    return [each for each in check_subject(config, {"PATH": path}) if each.outcome == "failed"]


def test_reference_with_its_defaults_is_fit(tmp_path: Path) -> None:
    assert failures(Subject(), tmp_path) == []


def test_commands_that_can_be_started_are_fit(tmp_path: Path) -> None:
    script = tmp_path / "sync.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    subject = Subject(provision=("./sync.sh", "--nightly"), passback=("sh", "-c", "true"))
    assert failures(subject, tmp_path) == []


def test_a_subject_that_only_passes_grades_back_is_fit(tmp_path: Path) -> None:
    """The reference service provisions for it."""
    subject = Subject(passback=("sh", "-c", "true"))
    assert failures(subject, tmp_path) == []
    assert declared_commands(subject) == {"provision", "passback", "release"}


@pytest.mark.parametrize(
    ("subject", "detail"),
    [
        (Subject(provision=("./nowhere.sh",)), "there is no such file"),
        (Subject(provision=("./plain.txt",)), "is not executable"),
        (Subject(provision=("./",)), "is not executable"),
        (Subject(provision=("no-such-program",)), "no such program is on PATH"),
        (Subject(provision=("sh",), provision_url="http://127.0.0.1:9/"), "are both given"),
        (Subject(passback=("sh",), release=("sh",)), "without subject.provision"),
        (Subject(provision=("sh",), remaster=("sh",)), "without subject.passback"),
        (Subject(choices=Choices(time=TellsTime.FAKETIME)), "the subject is no command"),
    ],
)
def test_unfit_subject_is_told_with_a_remedy(tmp_path: Path, subject: Subject, detail: str) -> None:
    (tmp_path / "plain.txt").write_text("x")
    first = failures(subject, tmp_path)[0]
    assert detail in first.detail
    assert first.remedy


def test_faketime_that_is_not_installed_is_told(tmp_path: Path) -> None:
    (tmp_path / "sync").write_text("")
    (tmp_path / "sync").chmod(0o755)
    subject = Subject(provision=("sync",), choices=Choices(time=TellsTime.FAKETIME))
    [failed] = failures(subject, tmp_path, path=str(tmp_path))
    assert "apt-get install faketime" in failed.remedy
