"""A school year lived day by day stays whole, the same every time, and fits into deltas."""

import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path

import msgspec
import pytest

from homeroom.mocks.district import DistrictError, load_district
from homeroom.mocks.district.changes import Change, changed
from homeroom.mocks.district.csv_binding import digest, read_delta, write_delta
from homeroom.mocks.district.evolve import EventKind, Rates, evolve
from homeroom.mocks.district.records import (
    COLLECTIONS,
    REFERENCES,
    AcademicSession,
    Class,
    Enrollment,
    Status,
    User,
)
from homeroom.mocks.district.tests.lived import (
    FIRST,
    LAST,
    NOW,
    after_year,
    district,
    records,
    year,
)

YEAR_LOG_DIGEST = "b47a73e1bbd2cd36da497321d1597e7cec8e31e65f1dc08646469c0987ee060c"


YEAR_DIGEST = "1f5a906d3b3438428ab328c5a779d9ad86cf64d88a49acc6e0ba20899ba6f96a"


def test_a_year_has_the_same_bytes_as_ever() -> None:
    log = "\n".join(json.dumps(day.log(), ensure_ascii=False) for day in year("tiny", 10))
    ids = hashlib.sha256(log.encode()).hexdigest()
    assert (ids, digest(after_year("tiny", 10))) == (YEAR_LOG_DIGEST, YEAR_DIGEST)


def test_everything_that_can_happen_happens_in_a_year() -> None:
    kinds = {event.kind for day in year("small", 1) for event in day.events}
    rare = {
        EventKind.SCHOOL_RENAMED,
        EventKind.SECTIONS_REGENERATED,
        EventKind.YEAR_ROLLED_OVER,
    }
    assert kinds >= set(EventKind) - rare


@pytest.mark.parametrize(("what", "factor"), [("tiny", 20.0), ("small", 1.0)])
def test_after_a_year_every_reference_still_finds_its_record(what: str, factor: float) -> None:
    after = after_year(what, factor)
    ids = {name: {record.sourced_id for record in records(after, name)} for name in COLLECTIONS}
    for collection, references in REFERENCES.items():
        for record in records(after, collection):
            for field, target in references.items():
                value = getattr(record, field)
                named = value if isinstance(value, tuple) else (value,) if value else ()
                assert set(named) <= ids[target], (collection, record.sourced_id, field)


@pytest.mark.parametrize(("what", "factor"), [("tiny", 20.0), ("small", 1.0)])
def test_on_every_day_one_record_says_that_a_user_is_in_a_class(what: str, factor: float) -> None:
    after = after_year(what, factor)
    active = Counter(
        (record.user, record.class_)
        for record in records(after, "enrollments")
        if isinstance(record, Enrollment) and record.status == Status.ACTIVE
    )
    assert max(active.values()) == 1


@pytest.mark.parametrize(("what", "factor"), [("tiny", 20.0), ("small", 1.0)])
def test_dates_of_an_enrollment_stay_in_order_and_within_the_terms(
    what: str, factor: float
) -> None:
    after = after_year(what, factor)
    spans = {
        record.sourced_id: (record.start_date or "", record.end_date or "")
        for record in records(after, "academicSessions")
        if isinstance(record, AcademicSession)
    }
    terms = {
        record.sourced_id: [spans[term] for term in record.terms]
        for record in records(after, "classes")
        if isinstance(record, Class)
    }
    for record in records(after, "enrollments"):
        if not isinstance(record, Enrollment) or record.status != Status.ACTIVE:
            continue
        taught = terms[record.class_ or ""]
        first, last = min(begin for begin, _ in taught), max(end for _, end in taught)
        assert first <= (record.begin_date or "") <= (record.end_date or "") <= last, record


def test_classes_keep_one_primary_teacher_through_the_year() -> None:
    after = after_year("small", 1)
    primary = Counter(
        record.class_
        for record in records(after, "enrollments")
        if isinstance(record, Enrollment) and record.primary and record.status == Status.ACTIVE
    )
    classes = {record.sourced_id for record in records(after, "classes")}
    assert set(primary) == classes
    assert set(primary.values()) == {1}


def test_changes_are_stamped_with_their_day_in_order() -> None:
    for day in year("small", 1):
        stamps = [str(change.record.date_last_modified) for change in day.changes]
        assert stamps == sorted(stamps)
        assert {stamp[:10] for stamp in stamps} <= {day.day.isoformat()}


def test_the_log_names_records_and_no_people() -> None:
    people = {
        name
        for record in records(district(), "users")
        if isinstance(record, User)
        for name in (str(record.family_name), str(record.username))
        if len(name) > 3
    }
    text = json.dumps([day.log() for day in year("tiny", 10)], ensure_ascii=False)
    assert not [name for name in people if name in text]


def test_nothing_happens_when_there_is_no_school() -> None:
    holidays = {date(2026, 8, 8), date(2026, 12, 24), date(2027, 6, 15)}
    assert not [day for day in year("small", 1) if day.day in holidays]


def test_sessions_begin_and_end_in_the_log() -> None:
    said = [
        (day.day.isoformat(), event.kind, event.detail)
        for day in year("tiny", 10)
        for event in day.events
        if event.kind in (EventKind.SESSION_BEGAN, EventKind.SESSION_ENDED)
    ]
    assert said[:5] == [
        ("2026-08-10", EventKind.SESSION_BEGAN, "2026-2027"),
        ("2026-08-10", EventKind.SESSION_BEGAN, "2026-2027 Semester 1"),
        ("2026-08-10", EventKind.SESSION_BEGAN, "2026-2027 Quarter 1"),
        ("2026-10-12", EventKind.SESSION_ENDED, "2026-2027 Quarter 1"),
        ("2026-10-12", EventKind.SESSION_BEGAN, "2026-2027 Quarter 2"),
    ]


def test_a_days_changes_survive_a_delta_package(tmp_path: Path) -> None:
    day = max(year("tiny", 20), key=lambda lived: len(lived.changes))
    write_delta(day.changes, tmp_path / "delta.zip", system="tiny")
    latest = {(c.collection, c.record.sourced_id): c.record for c in day.changes}
    read = read_delta(tmp_path / "delta.zip", now=NOW)
    assert {(c.collection, c.record.sourced_id): c.record for c in read} == latest


def test_a_record_that_is_gone_is_tobedeleted_in_a_delta(tmp_path: Path) -> None:
    user = district().tables["users"].record(0)
    write_delta([Change("users", user, gone=True)], tmp_path / "delta.zip", system="tiny")
    (change,) = read_delta(tmp_path / "delta.zip", now=NOW)
    assert change.record == msgspec.structs.replace(user, status=Status.TOBEDELETED)


def test_a_delta_with_a_wrong_value_is_refused(tmp_path: Path) -> None:
    user = msgspec.structs.replace(
        district().tables["users"].record(0), date_last_modified="yesterday"
    )
    write_delta([Change("users", user)], tmp_path / "delta.zip", system="tiny")
    with pytest.raises(DistrictError, match="line 2, column dateLastModified: 'yesterday' is no"):
        read_delta(tmp_path / "delta.zip", now=NOW)


def test_no_district_is_too_small_to_live_through_a_year() -> None:
    for what in ("empty", "enrollments=1", "enrollments=30"):
        made = load_district(what, seed=1, now=NOW)
        rates = Rates().scaled(200)
        days = list(evolve(made, seed=1, first=FIRST, last=LAST, rates=rates))
        lived = changed(made, (change for day in days for change in day.changes))
        assert [day.day for day in days] == sorted({day.day for day in days})
        assert set(lived.tables) == set(made.tables)
