"""Steps of what one consumer needs of a provider, beyond the standard."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from pytest_bdd import parsers, then, when

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.features.evidence.records import (
    Row,
    is_day,
    is_exact_instant,
    is_given,
    named,
    ref_id,
    references,
)
from homeroom.features.evidence.roster import Roster, Sample, refuse_faults, status_words
from homeroom.features.evidence.shapes import ROSTER

SDS_TYPES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "enrollments": {"user": ("user", "student", "teacher"), "class": ("class",)},
    "classes": {"course": ("course",)},
}
NO_TYPES: Mapping[str, tuple[str, ...]] = {}
ORG_TYPES = ("org", "school", "district", "department", "local", "state", "national")
SESSION_TYPES = ("academicSession", "term", "schoolYear", "semester", "gradingPeriod")


@when("a partner reads everybody's places in classes", target_fixture="seats")
def reads_seats(roster: Roster) -> list[Row]:
    """A sample of enrollments that count, with their references."""
    rows = roster.active("enrollments")
    return [row for row in rows if ref_id(row, "user") and ref_id(row, "class")]


@then("nobody has two places in one class")
def one_seat(roster: Roster, seats: list[Row]) -> None:
    """One current enrollment per user and class; sampled pupils are asked for by filter."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in seats:
        pairs[ref_id(row, "user"), ref_id(row, "class")].append(str(row.get("sourcedId")))
    faults = [
        f"users {user} in classes {class_}: {', '.join(found)}"
        for (user, class_), found in pairs.items()
        if len(found) > 1
    ]
    refuse_faults(
        faults,
        promise="Somebody has two places in one class",
        expected="the one that is right now",
        answers=roster.sample("enrollments").answers,
    )


@then("each has its first and last day")
def both_days(roster: Roster, seats: list[Row]) -> None:
    """Canvas takes a first day only with a last one."""
    faults = [
        f"{named('enrollments', row)} has no {name}"
        for row in seats
        for name in ("beginDate", "endDate")
        if not is_given(row.get(name))
    ]
    refuse_faults(
        faults,
        promise="A place in a class has no first or last day",
        expected="beginDate and endDate",
        answers=roster.sample("enrollments").answers,
    )


@then("the present school year is there with its terms")
def year_there(roster: Roster) -> None:
    """The whole year: what vanishes from the feed is deleted in Canvas."""
    now = roster.target.space.now if roster.target.space else datetime.now(UTC)
    today = f"{now:%Y-%m-%d}"
    sessions = [row for row in roster.active("academicSessions") if is_day(row.get("startDate"))]
    years = [
        row
        for row in sessions
        if row.get("type") == "schoolYear"
        and str(row["startDate"]) <= today <= str(row.get("endDate"))
    ]
    if not years and not any(row.get("type") == "schoolYear" for row in sessions):
        faults = ["there is no session of type schoolYear"]
    elif not years:
        raise NotApplicable("today lies in no school year of the provider's")
    else:
        counts = Counter(str(row.get("type")) for row in sessions)
        faults = [] if counts["term"] or counts["semester"] else ["the year has no terms"]
    refuse_faults(
        faults,
        promise="The present school year is not there as a whole",
        expected="a session of type schoolYear that holds today, and its terms",
        answers=roster.sample("academicSessions").answers,
    )


@then("every moment is told to the thousandth of a second, in UTC")
def exact_moments(samples: list[Sample]) -> None:
    """YYYY-MM-DDTHH:mm:ss.SSSZ, and no other form."""
    faults = [
        f"{named(each.collection, row)}: dateLastModified is {row.get('dateLastModified')!r}"
        for each in samples
        for row in each.rows
        if not is_exact_instant(row.get("dateLastModified"))
    ]
    refuse_faults(
        faults,
        promise="A moment has another form",
        expected="YYYY-MM-DDTHH:mm:ss.SSSZ",
        answers=[each.answers[0] for each in samples],
    )


@then("references have the types that School Data Sync reads")
def known_types(samples: list[Sample]) -> None:
    """class, user, an org's kind, a session's kind."""
    faults: list[str] = []
    for each in samples:
        for row in each.rows:
            for field, target, reference in references(each.collection, row):
                known = SDS_TYPES.get(each.collection, NO_TYPES).get(field)
                if target == "orgs":
                    known = ORG_TYPES
                elif target == "academicSessions":
                    known = SESSION_TYPES
                if known and reference.get("type") not in known:
                    faults.append(
                        f"{named(each.collection, row)}: {field} is {reference.get('type')!r}"
                    )
    refuse_faults(
        faults,
        promise="A reference has a type that is not read",
        expected="class, user, org or its kind, academicSession or its kind",
        answers=[each.answers[0] for each in samples],
    )


@when(parsers.parse("a partner reads what {consumer} reads"), target_fixture="pages")
def reads_for(roster: Roster, consumer: str) -> list[tuple[str, Answer]]:
    """The lists that a consumer's documents name."""
    return [(name, roster.page(name, {"limit": 100, "offset": 0})) for name in ROSTER]


@then("each list is answered")
def lists_answered(pages: list[tuple[str, Answer]]) -> None:
    """200 for every one."""
    wrong = [answer for _, answer in pages if answer.status not in (0, 200)]
    refuse_faults(
        [str(answer) for answer in wrong],
        promise="A list is not served",
        expected="200",
        answers=wrong,
    )


@then("its description begins with the system's name")
def description_named(roster: Roster, strangers: list[Answer]) -> None:
    """Teachers see it, and must know who speaks."""
    name = roster.target.name
    if not name:
        raise NotApplicable("nobody said what the system is called: give subject.name")
    faults = [
        f"{answer}: {words.get('description')}"
        for answer in strangers
        for words in status_words(answer)
        if "description" in words and not str(words["description"]).startswith(name)
    ]
    refuse_faults(
        faults[:3],
        promise="A description does not say who speaks",
        expected=f"a description that begins with {name}",
        answers=strangers[:3],
    )
