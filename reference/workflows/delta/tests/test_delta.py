"""What a kept feed remembers, what a change touches, and which lines that is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.config import Choices, UserId
from homeroom.reference.oneroster.records import (
    Class,
    Course,
    Enrollment,
    Ref,
    RoleType,
    Status,
    User,
)
from homeroom.reference.workflows.delta.building import split
from homeroom.reference.workflows.delta.noting import Stamps
from homeroom.reference.workflows.delta.scope import Scope
from homeroom.reference.workflows.delta.store import Facts, Store, open_store

CHOICES = Choices()


def seat(id_: str, class_: str, user: str, *, teaches: bool = False, end: str = "") -> Enrollment:
    role = RoleType.TEACHER if teaches else RoleType.STUDENT
    refs = Ref(class_), Ref(user)
    return Enrollment(sourced_id=id_, role=role, end_date=end or None, class_=refs[0], user=refs[1])


def user(id_: str, login: str = "login", status: Status | None = None) -> User:
    return User(sourced_id=id_, username=login, role=RoleType.STUDENT, status=status)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two classes of one course: Ana and Ben in the first, Ana in the second, Tom teaches both."""
    with Store(tmp_path / "feed.sqlite", CHOICES, anew=True) as made:
        made.classes.add(Class(sourced_id=id_, course=Ref("k")) for id_ in ("c1", "c2"))
        made.users.add(user(id_) for id_ in ("ana", "ben", "tom"))
        made.seats.add(
            [
                seat("e1", "c1", "ana"),
                seat("e2", "c1", "ben", end="2026-09-03"),
                seat("e3", "c2", "ana"),
                seat("e4", "c1", "tom", teaches=True),
                seat("e5", "c2", "tom", teaches=True),
            ]
        )
        yield made


def scope_of(store: Store, choices: Choices = CHOICES) -> Scope:
    return Scope(store, choices, lambda _: True)


def looked_at(scope: Scope) -> set[str]:
    return {seat.sourced_id for shelf in range(128) for seat in scope.iter_seats(shelf)}


def test_a_changed_seat_takes_its_person_and_the_teachers_along(store: Store) -> None:
    scope = scope_of(store)
    scope.add("enrollments", seat("e2", "c1", "ben"), seat("e2", "c1", "ben"))
    assert looked_at(scope) == {"e2", "e4"}
    assert scope.holds("e2")
    assert not scope.holds("e1")


def test_a_seat_that_moved_is_looked_at_in_both_classes(store: Store) -> None:
    scope = scope_of(store)
    scope.add("enrollments", seat("e2", "c1", "ben"), seat("e2", "c2", "ben"))
    assert scope.classes == {"c1": {"ben"}, "c2": {"ben"}}


def test_a_new_name_touches_no_seat_and_a_departure_all(store: Store) -> None:
    scope = scope_of(store)
    scope.add(
        "users",
        user("ana"),
        User(sourced_id="ana", username="login", given_name="Zoë", role=RoleType.STUDENT),
    )
    assert (scope.keys, scope.classes) == ({"ana"}, {})
    scope.add("users", user("ana"), user("ana", status=Status.TOBEDELETED))
    assert scope.classes == {"c1": {"ana"}, "c2": {"ana"}}


def test_a_changed_course_takes_its_classes_whole(store: Store) -> None:
    scope = scope_of(store)
    scope.add("courses", None, Course(sourced_id="k"))
    assert scope.classes == {"c1": None, "c2": None}
    assert looked_at(scope) == {"e1", "e2", "e3", "e4", "e5"}


def test_the_day_after_an_end_finds_it_once(store: Store) -> None:
    for since, today, found in (
        ("2026-09-02", "2026-09-03", False),
        ("2026-09-03", "2026-09-04", True),
        ("2026-09-04", "2026-09-05", False),
    ):
        scope = scope_of(store)
        scope.add_dates(since, today)
        assert ("c1" in scope.classes) is found, today


def test_under_another_sis_id_classes_are_taken_whole(store: Store) -> None:
    scope = scope_of(store, Choices(user_id=UserId.EMAIL))
    scope.add("enrollments", None, seat("e2", "c1", "ben"))
    assert scope.classes == {"c1": None}


def test_lines_are_parted_by_how_they_begin() -> None:
    lines = [b'["a","1"]\n', b'["a","2"]\n', b'["ab","1"]\n', b'["b","1"]\n']
    assert split(lines, [b'["b",', b'["a",']) == ([*lines[:2], lines[3]], [lines[2]])
    assert split(lines, [b'["c",']) == ([], lines)
    assert split([], [b'["c",']) == ([], [])


def test_what_was_not_kept_is_as_if_it_never_was(store: Store, tmp_path: Path) -> None:
    assert open_store(tmp_path / "feed.sqlite", CHOICES) is None
    store.keep(Facts(run="1", read_at="2026-09-01T06:00:00+00:00"))
    again = open_store(tmp_path / "feed.sqlite", CHOICES)
    assert again is not None
    with again:
        again.seats.add([seat("e9", "c1", "ana")])
    again = open_store(tmp_path / "feed.sqlite", CHOICES)
    assert again is not None
    with again:
        assert (again.facts().run, again.seats.count) == ("1", 5)


def test_a_stamp_is_taken_off_and_the_newest_remembered() -> None:
    stamps = Stamps()
    now = datetime(2026, 9, 1, tzinfo=UTC)
    records = [user("a"), user("b")]
    for number, record in enumerate(records):
        later = now + timedelta(days=number)
        record.date_last_modified = later.isoformat().replace("+00:00", "Z")
    stamps.take(records)
    assert (stamps.newest, stamps.doubt) == ("2026-09-02T00:00:00Z", "")
    assert [record.date_last_modified for record in records] == [None, None]
    stamps.take([user("c")])
    assert stamps.doubt == "c has no dateLastModified in UTC"
