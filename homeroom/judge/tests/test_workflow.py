"""What `judge` refuses before it judges anything."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from homeroom.config import Config, ConfigError, Subject, SubjectKind
from homeroom.judge import workflow
from homeroom.judge.recording import (
    FORMAT,
    JudgeError,
    Moment,
    Observation,
    Recording,
    Target,
    Worlds,
    write_observation,
)
from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed, Gradebook

AT = datetime(2026, 10, 5, 6, tzinfo=UTC)
PAIR = Config(subject=Subject(kind=SubjectKind.PAIR))
TARGET = Target(
    oneroster="https://sis.example", canvas="https://canvas.example", account=1,
    account_uuid="lake", districts=("lake",),
)  # fmt: skip


def store(folder: Path, before: Target, after: Target) -> workflow.Request:
    for moment, target in ((Moment.BEFORE, before), (Moment.AFTER, after)):
        recording = Recording(
            format=FORMAT, moment=moment, started_at=AT, ended_at=AT, target=target, grades=True,
            imports=(), counts={}, sha256={},
        )  # fmt: skip
        worlds = Worlds(feed=Feed(), gradebook=Gradebook(), canvas=CanvasWorld())
        write_observation(Observation(recording=recording, worlds=worlds), folder / "night")
    return workflow.Request(
        config=PAIR, environ={}, store=folder / "night", report=folder / "report", recorded=True
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"oneroster": "https://other.example"}, "of another provider"),
        ({"canvas": "https://other.example"}, "of another Canvas"),
        ({"account": 2}, "of another root account"),
        ({"account_uuid": "palm"}, "of another root account"),
        ({"districts": ("palm",)}, "of another district: its topmost orgs were lake"),
    ],
)
def test_a_before_of_something_else_is_refused(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    request = store(tmp_path, TARGET, msgspec.structs.replace(TARGET, **changed))
    with pytest.raises(JudgeError, match=told):
        workflow.after(request)
    assert not (tmp_path / "report").exists()


def test_worlds_in_which_nothing_happened_certify_nothing(tmp_path: Path) -> None:
    done = workflow.after(store(tmp_path, TARGET, TARGET))
    assert (done.results.verdict, done.exit_code) == ("incomplete", 1)
    assert {each.outcome for each in done.results.requirements} == {"not-tested"}


def test_a_store_that_holds_a_whole_night_is_not_begun_again(tmp_path: Path) -> None:
    request = store(tmp_path, TARGET, TARGET)
    with pytest.raises(JudgeError, match="holds a whole night already"):
        workflow.before(request)


@pytest.mark.parametrize(
    "subject",
    [Subject(kind=SubjectKind.CANVAS), Subject(kind=SubjectKind.SYNC, provision=("my-sync",))],
)
def test_only_pairs_are_judged(tmp_path: Path, subject: Subject) -> None:
    request = workflow.Request(config=Config(subject=subject), environ={}, store=tmp_path)
    with pytest.raises(ConfigError, match=r'`homeroom judge` is for "pair"'):
        workflow.before(request)
