"""Watched nights: what counts against them, what does not, and what is no evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from homeroom.config import Choices, CourseKey, LoginId, SectionMoves, UserId
from homeroom.judge.contradictions import contradictions
from homeroom.judge.night import WatchedNight, watch
from homeroom.judge.recording import (
    FORMAT,
    Import,
    JudgeError,
    Moment,
    Observation,
    Recording,
    Target,
    Worlds,
    read_observation,
    write_observation,
)
from homeroom.oracle.canvas import (
    Account,
    CanvasWorld,
    Course,
    Enrollment,
    Section,
    Term,
    User,
)
from homeroom.oracle.feed import AcademicSession, Class, Feed, Gradebook, Org, by_id
from homeroom.oracle.feed import Course as Taught
from homeroom.oracle.feed import Enrollment as Row
from homeroom.oracle.feed import User as Person
from homeroom.oracle.obligations import NEW_YORK

NIGHT = datetime(2026, 10, 5, 6, tzinfo=UTC)
TARGET = Target(oneroster="https://sis.example", canvas="https://canvas.example", account=1)
FALL = AcademicSession(
    sourced_id="t1", title="Fall", type="term",
    start_date=datetime(2026, 8, 10, tzinfo=UTC).date(),
    end_date=datetime(2026, 12, 18, tzinfo=UTC).date(),
)  # fmt: skip
PUPILS = tuple(f"p{number}" for number in range(1, 7))


def roster(*, without: tuple[str, ...] = (), **changed: Person) -> Feed:
    """Return a school of one class, six pupils and a teacher."""
    people = [
        Person(
            sourced_id=each, username=f"{each}.login", given_name="Ana", family_name=each.upper(),
            identifier=f"00{each}", email=f"{each}@lake.example",
            role="teacher" if each == "t" else "student",
        )
        for each in ("t", *PUPILS)
    ]  # fmt: skip
    rows = [
        Row(
            sourced_id=f"{each}@a", user=each, class_="a", school="s", primary=each == "t",
            role="teacher" if each == "t" else "student",
            begin_date=FALL.start_date, end_date=FALL.end_date,
        )
        for each in ("t", *PUPILS)
        if each not in without
    ]  # fmt: skip
    return Feed(
        orgs=by_id([Org(sourced_id="s", name="Lake Middle", type="school")]),
        academic_sessions=by_id([FALL]),
        courses=by_id([Taught(sourced_id="alg", title="Algebra", org="s")]),
        classes=by_id(
            [Class(sourced_id="a", title="Algebra 1", course="alg", school="s", terms=("t1",))]
        ),
        users={**by_id(people), **changed},
        enrollments=by_id(rows),
    )


def canvas(feed: Feed) -> CanvasWorld:
    """Return the Canvas that a right service makes of a roster."""
    people = dict(enumerate(feed.users.values(), start=100))
    numbers = {person.sourced_id: number for number, person in people.items()}
    return CanvasWorld(
        root=1,
        accounts={
            1: Account(id=1, sis_id=None, name="Lake County"),
            2: Account(id=2, sis_id="s", name="Lake Middle", parent=1),
        },
        terms={
            3: Term(
                id=3, sis_id="t1", name="Fall",
                start_at=datetime(2026, 8, 10, 12, tzinfo=UTC),
                end_at=datetime(2026, 12, 18, 12, tzinfo=UTC),
            )
        },
        courses={
            4: Course(id=4, sis_id="alg:t:t1", name="Algebra", course_code="alg", account=2,
                      term=3, state="available")
        },
        sections={5: Section(id=5, sis_id="a", name="Algebra 1", course=4)},
        users={
            number: User(
                id=number, sis_id=person.sourced_id,
                name=f"{person.given_name} {person.family_name}", login=person.username,
                email=person.email,
            )
            for number, person in people.items()
        },
        enrollments={
            number: Enrollment(
                id=number, section=5, user=numbers[row.user or ""], state="active",
                type="TeacherEnrollment" if row.role == "teacher" else "StudentEnrollment",
            )
            for number, row in enumerate(feed.enrollments.values(), start=500)
        },
    )  # fmt: skip


NOTHING = CanvasWorld(root=1, accounts={1: Account(id=1, sis_id=None, name="Lake County")})


def seen(
    moment: Moment, feed: Feed, world: CanvasWorld, *, imports: tuple[Import, ...] = ()
) -> Observation:
    at = NIGHT + timedelta(hours=-8 if moment is Moment.BEFORE else 3)
    recording = Recording(
        format=FORMAT, moment=moment, started_at=at, ended_at=at, target=TARGET, grades=True,
        imports=imports, counts={}, sha256={},
    )  # fmt: skip
    worlds = Worlds(feed=feed, gradebook=Gradebook(), canvas=world)
    return Observation(recording=recording, worlds=worlds)


def night(
    was: tuple[Feed, CanvasWorld],
    now: tuple[Feed, CanvasWorld],
    *,
    imported: bool = True,
    choices: Choices | None = None,
) -> WatchedNight:
    imports = (Import(id=1, created_at=NIGHT, state="imported"),) if imported else ()
    return watch(
        seen(Moment.BEFORE, *was),
        seen(Moment.AFTER, *now, imports=imports),
        choices or Choices(),
        zone=NEW_YORK,
    )


def renamed(world: CanvasWorld, number: int, name: str) -> CanvasWorld:
    return replace(world, users={**world.users, number: replace(world.users[number], name=name)})


def without_seat(world: CanvasWorld, number: int) -> CanvasWorld:
    kept = {key: seat for key, seat in world.enrollments.items() if key != number}
    return replace(world, enrollments=kept)


FULL = roster()


def test_a_right_first_night_has_no_findings() -> None:
    lived = night((FULL, NOTHING), (FULL, canvas(FULL)))
    assert (lived.findings, lived.unjudged, lived.seen) == ([], [], True)
    assert lived.now == NIGHT, "the import says when the night was"


def test_a_pupil_without_a_seat_is_found_whether_or_not_it_stood_so_before() -> None:
    empty_seat = without_seat(canvas(FULL), 501)
    for before in (NOTHING, canvas(FULL), empty_seat):
        lived = night((FULL, before), (FULL, empty_seat))
        assert [(each.kind, each.id[1], each.requirement) for each in lived.findings] == [
            ("enrollment", "p1", "PRV-ENR-01")
        ]


def test_a_name_that_stood_so_before_may_be_a_persons_and_one_that_changed_is_not() -> None:
    right, odd = canvas(FULL), renamed(canvas(FULL), 101, "Annie P1")
    stood = night((FULL, odd), (FULL, odd))
    assert (stood.findings, len(stood.unjudged)) == ([], 1)
    assert "as a person may have left it" in stood.unjudged[0].why
    assert [each.field for each in night((FULL, right), (FULL, odd)).findings] == ["name"]


def test_a_correction_in_focus_must_arrive_where_canvas_was_in_line_before() -> None:
    corrected = roster(p1=replace(FULL.users["p1"], family_name="Ruiz"))
    lived = night((FULL, canvas(FULL)), (corrected, canvas(FULL)))
    assert [(each.field, each.received) for each in lived.findings] == [("name", "'Ana P1'")]
    assert night((FULL, canvas(FULL)), (corrected, canvas(corrected))).findings == []


def test_a_correction_made_after_the_import_began_is_not_held_against_the_night() -> None:
    late = replace(FULL.users["p1"], family_name="Ruiz", last_modified="2026-10-05T08:30:00.000Z")
    lived = night((FULL, canvas(FULL)), (roster(p1=late), canvas(FULL)))
    assert lived.findings == []
    assert lived.unjudged[0].why == "Focus's record was changed after the night had begun"


def test_who_left_the_feed_has_left_and_who_never_was_in_it_may_stay() -> None:
    gone = roster(without=("p1",))
    kept = canvas(FULL)
    lived = night((FULL, kept), (gone, kept))
    assert [each.id[1] for each in lived.findings] == ["p1"]
    assert night((FULL, kept), (gone, without_seat(kept, 501))).findings == []
    unknown = night((gone, kept), (gone, kept))
    assert (unknown.findings, len(unknown.unjudged)) == ([], 1)


def test_a_seat_that_nothing_asks_for_and_that_the_night_brought_is_found() -> None:
    gone = roster(without=("p1",))
    lived = night((gone, canvas(gone)), (gone, canvas(FULL)))
    assert [each.expected for each in lived.findings] == ["none: nothing in the feed asks for it"]


def test_without_import_and_change_no_night_was_seen() -> None:
    assert not night((FULL, canvas(FULL)), (FULL, canvas(FULL)), imported=False).seen
    assert night((FULL, NOTHING), (FULL, canvas(FULL)), imported=False).seen


def test_a_night_that_the_brake_may_have_held_is_told() -> None:
    half = roster(without=PUPILS[:4])
    held = night((FULL, canvas(FULL)), (half, canvas(FULL)), imported=False)
    assert held.held == ["4 of 6 students would leave class a"]
    brakeless = night(
        (FULL, canvas(FULL)), (half, canvas(FULL)), imported=False, choices=Choices(brake=False)
    )
    assert (list(brakeless.held), len(brakeless.findings)) == ([], 4)


def test_a_section_moved_in_the_night_is_found() -> None:
    right = canvas(FULL)
    moved = replace(
        right,
        courses={**right.courses, 9: replace(right.courses[4], id=9, sis_id="other")},
        sections={5: replace(right.sections[5], course=9)},
    )
    for moves in SectionMoves:
        lived = night((FULL, right), (FULL, moved), choices=Choices(section_moves=moves))
        assert [each.field for each in lived.findings] == ["stays"]


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        (Choices(user_id=UserId.IDENTIFIER), "user_id is 'identifier', but 0 of 7"),
        (Choices(login_id=LoginId.EMAIL), "login_id is 'email', but 0 of 7"),
    ],
)
def test_choices_that_do_not_fit_are_named(choices: Choices, told: str) -> None:
    worlds = Worlds(feed=FULL, gradebook=Gradebook(), canvas=canvas(FULL))
    found = list(contradictions(worlds, choices, at=NIGHT, zone=NEW_YORK))
    assert len(found) == 1
    assert found[0].startswith(told)


def test_choices_that_fit_and_an_empty_canvas_contradict_nothing() -> None:
    for world in (canvas(FULL), NOTHING):
        worlds = Worlds(feed=FULL, gradebook=Gradebook(), canvas=world)
        for key in CourseKey:
            choices = Choices(course_key=key)
            assert not list(contradictions(worlds, choices, at=NIGHT, zone=NEW_YORK))


def test_an_observation_comes_back_as_it_was_and_not_when_altered(tmp_path: Path) -> None:
    whole = seen(Moment.BEFORE, FULL, canvas(FULL))
    folder = write_observation(whole, tmp_path)
    back = read_observation(tmp_path, Moment.BEFORE)
    assert msgspec.structs.replace(back.recording, sha256={}) == whole.recording
    assert back.worlds == whole.worlds
    (folder / "feed.json").write_bytes(b"{}")
    with pytest.raises(JudgeError, match="is not as it was written"):
        read_observation(tmp_path, Moment.BEFORE)
    (folder / "recording.json").unlink()
    with pytest.raises(JudgeError, match="the observation is incomplete"):
        read_observation(tmp_path, Moment.BEFORE)
    with pytest.raises(JudgeError, match="holds no observation from after the night"):
        read_observation(tmp_path, Moment.AFTER)
