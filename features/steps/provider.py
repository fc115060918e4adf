"""Steps of a provider's lists and records: what is served, in what envelope, of what shape."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_bdd import parsers, then, when

from homeroom.certify.certification import SESSION_VARIABLE, Certification, read_session
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.certify.target import open_provider
from homeroom.certify.world import World
from homeroom.features.evidence import records
from homeroom.features.evidence.records import Row, named
from homeroom.features.evidence.roster import Roster, Sample, refuse_faults, rows_of
from homeroom.features.evidence.shapes import GRADEBOOK, KEYS, ROSTER
from homeroom.features.subjects.tampering import TAMPERS

NOBODY = "homeroom-nobody-has-this-id"


@pytest.fixture(scope="session")
def world() -> World:
    """How our own fake stands in, as `homeroom certify` was told."""
    path = os.environ.get(SESSION_VARIABLE)
    return read_session(Path(path)).world if path else World()


@pytest.fixture(scope="session")
def roster(certification: Certification, world: World) -> Iterator[Roster]:
    """The provider under certification, read once."""
    target = open_provider(certification, world)
    with ExitStack() as stack:
        stack.callback(target.peer.close)
        if world.tamper:
            stack.callback(TAMPERS[world.tamper]().install(target.credentials.base_url))
        yield Roster(target=target)


@when(parsers.parse('a partner reads the list of "{collection}"'), target_fixture="answer")
def reads_list(roster: Roster, collection: str) -> Answer:
    """Read the first page."""
    return roster.page(collection, {"limit": 100, "offset": 0})


@when(parsers.parse('a partner reads one of "{collection}" by its id'), target_fixture="single")
def reads_one(roster: Roster, collection: str) -> tuple[str, str, Answer]:
    """Read a record that the list shows."""
    sourced_id = str(roster.rows(collection)[0].get("sourcedId"))
    return collection, sourced_id, roster.one(collection, sourced_id)


@when("a partner reads the lists of the roster", target_fixture="samples")
def reads_roster(roster: Roster) -> list[Sample]:
    """Read a sample of every list."""
    return roster.readable(ROSTER)


@when("a partner reads the lists of the gradebook", target_fixture="samples")
def reads_gradebook(roster: Roster) -> list[Sample]:
    """Read a sample of categories, line items and results."""
    return roster.readable(GRADEBOOK)


@when("a partner reads each list of the roster, whatever comes", target_fixture="pages")
def reads_pages(roster: Roster) -> list[tuple[str, Answer]]:
    """Read the first page of every list, without asking what it is."""
    return [(name, roster.page(name, {"limit": 100, "offset": 0})) for name in ROSTER]


@when("a partner looks for somebody who is not there", target_fixture="answer")
def looks_for_nobody(roster: Roster) -> Answer:
    """Filter a list down to nothing."""
    return roster.filtered("users", f"sourcedId='{NOBODY}'")


def must_be_whole(answer: Answer) -> None:
    """Raise NotApplicable where an answer broke off, which another requirement tells."""
    if answer.error and not answer.status:
        raise NotApplicable(f"{answer}; the requirement about whole answers says so")


@then("the list is answered")
def list_answered(answer: Answer) -> None:
    """A list that is there is answered with 200."""
    must_be_whole(answer)
    faults = [] if answer.status == 200 else [str(answer)]
    refuse_faults(faults, promise="A list is not served", expected="200", answers=[answer])


@then("the record is answered")
def record_answered(single: tuple[str, str, Answer]) -> None:
    """A record that the list shows is answered with 200."""
    faults = [] if single[2].status == 200 else [str(single[2])]
    refuse_faults(faults, promise="A record cannot be read", expected="200", answers=[single[2]])


@then("it is that record, under the key of its kind")
def record_enveloped(single: tuple[str, str, Answer]) -> None:
    """One record comes under its singular key, with the id it was asked by."""
    collection, sourced_id, answer = single
    if answer.status != 200:
        raise NotApplicable(f"{answer}; the requirement about records by id says so")
    key, document = KEYS[collection][1], answer.document()
    record = document.get(key) if isinstance(document, Mapping) else None
    found = record.get("sourcedId") if isinstance(record, Mapping) else None
    refuse_faults(
        [] if found == sourced_id else [f"{key}: {found}"],
        promise="One record does not come as its kind's single form",
        expected=f"{key}: {sourced_id}",
        answers=[answer],
    )


@then("each comes under the key of its kind")
def lists_enveloped(pages: list[tuple[str, Answer]]) -> None:
    """A 200 without the key may be taken for an empty school."""
    wrong: list[tuple[str, Answer]] = []
    for name, answer in pages:
        document, key = answer.document(), KEYS[name][0]
        if answer.status != 200 or document is None:
            continue
        rows = document.get(key) if isinstance(document, Mapping) else None
        if not isinstance(rows, list):
            wrong.append((f"/{name}: no list under {key}", answer))
    refuse_faults(
        [told for told, _ in wrong],
        promise="A list does not come under its key",
        expected="a list under the key of its kind",
        answers=[answer for _, answer in wrong],
    )


@then("each answer is whole JSON in UTF-8")
def answers_whole(pages: list[tuple[str, Answer]]) -> None:
    """An answer can be decoded, and says that it is JSON."""
    wrong: list[tuple[str, Answer]] = []
    for name, answer in pages:
        if answer.error and not answer.status:
            wrong.append((f"/{name}: {answer.error}", answer))
        if answer.status != 200:
            continue
        media, _, parameters = answer.headers.get("content-type", "").partition(";")
        if answer.document() is None:
            wrong.append((f"/{name}: the body is no whole JSON", answer))
        elif media.strip().lower() != "application/json":
            wrong.append((f"/{name}: Content-Type is {media or 'missing'}", answer))
        elif "charset" in parameters.lower() and "utf-8" not in parameters.lower():
            wrong.append((f"/{name}: Content-Type says{parameters}", answer))
    refuse_faults(
        [told for told, _ in wrong],
        promise="An answer is no whole JSON",
        expected="application/json in UTF-8, whole",
        answers=[answer for _, answer in wrong],
    )


@then("an empty list is answered under its key")
def empty_list(answer: Answer) -> None:
    """Nothing found is an empty list, neither an error nor a missing key."""
    document = answer.document()
    rows = document.get("users") if isinstance(document, Mapping) else None
    refuse_faults(
        []
        if answer.status == 200 and rows == []
        else [f"{answer}: users is {type(rows).__name__}"],
        promise="Nothing found is not told as an empty list",
        expected='200 and {"users": []}',
        answers=[answer],
    )


PROMISES: Mapping[str, Callable[[str, Row], Iterator[str]]] = {
    "has its id, its status and when it was last changed": records.base_faults,
    "has what its kind must have": records.required_faults,
    "uses the words of the standard": records.word_faults,
    "has texts, lists and numbers where they belong": records.type_faults,
    "says true and false in lower-case words": records.flag_faults,
    "has real days and instants, in order": records.date_faults,
    "leaves out what has no value": lambda collection, row: records.absent_faults(row, collection),
    "names every record it must, by id, address and type": records.reference_faults,
    "has an id of bearable length": records.id_faults,
}


@then(parsers.re(r"each record (?P<promise>(?!.*\bonce\b).+)"))
def records_keep(samples: list[Sample], promise: str) -> None:
    """Judge every sampled record by one promise."""
    check = PROMISES[promise]
    faults = [
        fault for each in samples for row in each.rows for fault in check(each.collection, row)
    ]
    told = {fault.partition(" ")[0] for fault in faults}
    refuse_faults(
        faults,
        promise=f"Not every record {promise}",
        expected=f"each record {promise}",
        answers=[each.answers[0] for each in samples if each.collection in told],
    )


@then("each record comes once in its page")
def records_once(samples: list[Sample]) -> None:
    """No id stands twice in one page."""
    faults: list[str] = []
    answers: list[Answer] = []
    for each in samples:
        for answer in each.answers:
            counts = Counter(
                str(row.get("sourcedId")) for row in rows_of(answer, KEYS[each.collection][0])
            )
            twice = [
                f"{each.collection} {id_}: {number} times"
                for id_, number in counts.items()
                if number > 1
            ]
            faults += twice
            answers += [answer] if twice else []
    refuse_faults(
        faults, promise="A record comes twice in one page", expected="once", answers=answers
    )


@then("each session names the year in which its school year ends")
def years_named(samples: list[Sample]) -> None:
    """2026-27 is 2027."""
    sessions = [each for each in samples if each.collection == "academicSessions"]
    faults = [fault for each in sessions for row in each.rows for fault in records.year_faults(row)]
    refuse_faults(
        faults,
        promise="A session names another year",
        expected="schoolYear is the year in which the school year ends",
        answers=[answer for each in sessions for answer in each.answers],
    )


@then("no id tells who somebody is")
def ids_tell_nothing(samples: list[Sample]) -> None:
    """A sourcedId counts as addressable and not as personal."""
    users = [each for each in samples if each.collection == "users"]
    faults = [
        f"{named('users', row)}: it is the person's {name}"
        for each in users
        for row in each.rows
        for name in ("username", "email", "identifier")
        if records.is_given(row.get(name)) and row.get("sourcedId") == row[name]
    ]
    refuse_faults(
        faults,
        promise="An id tells who somebody is",
        expected="sourcedIds without personal data",
        answers=[answer for each in users for answer in each.answers],
    )


@then("no text is damaged")
def texts_whole(samples: list[Sample]) -> None:
    """A replacement character is a letter that somebody lost on the way."""
    faults = [
        f"{named(each.collection, row)}: {name} has a letter that was lost"
        for each in samples
        for row in each.rows
        for name, value in row.items()
        if isinstance(value, str) and ("\ufffd" in value or "Ã©" in value or "Ã±" in value)
    ]
    refuse_faults(
        faults,
        promise="A text was damaged",
        expected="texts in UTF-8, encoded once",
        answers=[answer for each in samples for answer in each.answers[:1]],
    )
