"""Steps of what a provider is asked for: filters, order, fields; what it says to mistakes."""

from collections.abc import Callable, Mapping

from pytest_bdd import parsers, then, when

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.features.evidence.records import Row, is_given, ref_id
from homeroom.features.evidence.roster import Roster, ids, refuse_faults, rows_of, says, total_of
from homeroom.features.evidence.shapes import KEYS

ORDERED = 40
"""So many people are asked for in an order."""

Means = Callable[[Row], bool]


@when(
    parsers.parse('a partner asks for sessions whose "{field}" is "{predicate}" a known one'),
    target_fixture="filtered",
)
def asks_sessions(roster: Roster, field: str, predicate: str) -> tuple[str, Answer, Means]:
    """Compare by a day, which has one order everywhere."""
    rows = sorted(roster.rows("academicSessions"), key=lambda row: str(row.get(field)))
    known = str(rows[len(rows) // 2].get(field))
    if predicate == "~":
        known = known[: max(4, len(known) // 2)]
    return (
        "academicSessions",
        roster.filtered("academicSessions", f"{field}{predicate}'{known}'"),
        lambda row: COMPARE[predicate](str(row.get(field)), known),
    )


COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda value, known: value.lower() == known.lower(),
    "!=": lambda value, known: value.lower() != known.lower(),
    ">": lambda value, known: value > known,
    ">=": lambda value, known: value >= known,
    "<": lambda value, known: value < known,
    "<=": lambda value, known: value <= known,
    "~": lambda value, known: known.lower() in value.lower(),
}


@when(parsers.parse('a partner asks for "{collection}" by "{question}"'), target_fixture="filtered")
def asks_by(roster: Roster, collection: str, question: str) -> tuple[str, Answer, Means]:
    """Ask as real partners ask; words in braces are taken from a record that the list shows."""
    expression, means = QUESTIONS[question](roster)
    return collection, roster.filtered(collection, expression), means


def _family(roster: Roster) -> str:
    names = [str(row.get("familyName", "")) for row in roster.rows("users", role="student")]
    plain = [name for name in names if name.isascii() and name.isalpha()]
    if not plain:
        raise NotApplicable("no pupil's name is free of accents and marks")
    return plain[0]


def _by_name(roster: Roster) -> tuple[str, Means]:
    name = _family(roster)
    return f"familyName='{name}'", lambda row: COMPARE["="](str(row.get("familyName")), name)


def _by_both(roster: Roster) -> tuple[str, Means]:
    name = _family(roster)
    return (
        f"role='student' AND familyName='{name}'",
        lambda row: row.get("role") == "student" and COMPARE["="](str(row.get("familyName")), name),
    )


def _by_either(roster: Roster) -> tuple[str, Means]:
    name = _family(roster)
    return (
        f"role='teacher' OR familyName='{name}'",
        lambda row: row.get("role") == "teacher" or COMPARE["="](str(row.get("familyName")), name),
    )


def _by_status(_: Roster) -> tuple[str, Means]:
    return "status='active'", lambda row: row.get("status") == "active"


def _by_class(roster: Roster) -> tuple[str, Means]:
    seats = [row for row in roster.active("enrollments") if ref_id(row, "class")]
    if not seats:
        raise NotApplicable("no place in a class names its class")
    class_ = ref_id(seats[0], "class")
    return f"class.sourcedId='{class_}'", lambda row: ref_id(row, "class") == class_


def _by_title(roster: Roster) -> tuple[str, Means]:
    titles = [
        str(row.get("title")) for row in roster.active("classes") if " " in str(row.get("title"))
    ]
    titles = [title for title in titles if "'" not in title and "&" not in title]
    if not titles:
        raise NotApplicable("no class has a title with a blank")
    return f"title='{titles[0]}'", lambda row: COMPARE["="](str(row.get("title")), titles[0])


def _by_change(roster: Roster) -> tuple[str, Means]:
    known = sorted(str(row.get("dateLastModified")) for row in roster.rows("classes"))
    moment = known[len(known) // 2]
    return f"dateLastModified>'{moment}'", lambda row: str(row.get("dateLastModified")) > moment


def _by_day_of_change(roster: Roster) -> tuple[str, Means]:
    known = sorted(str(row.get("dateLastModified")) for row in roster.rows("classes"))
    day = known[len(known) // 2][:10]
    return (
        f"dateLastModified>'{day}'",
        lambda row: str(row.get("dateLastModified")) > f"{day}T00:00:00.000Z",
    )


def _by_other_case(roster: Roster) -> tuple[str, Means]:
    name = _family(roster)
    return (
        f"familyName='{name.swapcase()}'",
        lambda row: str(row.get("familyName")).lower() == name.lower(),
    )


QUESTIONS: Mapping[str, Callable[[Roster], tuple[str, Means]]] = {
    "family name": _by_name,
    "role and family name": _by_both,
    "role or family name": _by_either,
    "status": _by_status,
    "their class": _by_class,
    "a title with blanks": _by_title,
    "when they changed": _by_change,
    "the day they changed": _by_day_of_change,
    "a name in other letters": _by_other_case,
}


@then("it gets those and no others")
def filter_right(roster: Roster, filtered: tuple[str, Answer, Means]) -> None:
    """Whatever comes is meant, and whatever was seen and is meant comes."""
    collection, answer, means = filtered
    if answer.status != 200:
        refuse_faults(
            [str(answer)], promise="A filter is refused", expected="200", answers=[answer]
        )
    key = KEYS[collection][0]
    rows = rows_of(answer, key)
    found, total = set(ids(rows)), total_of(answer)
    faults = [f"{collection} {row.get('sourcedId')} is not meant" for row in rows if not means(row)]
    if total is None or total <= 500:
        faults += [
            f"{collection} {row.get('sourcedId')} is missing"
            for row in roster.sample(collection).rows
            if means(row) and str(row.get("sourcedId")) not in found
        ]
    refuse_faults(
        faults,
        promise="A filter finds others than those that are meant",
        expected="those that are meant, and no others",
        answers=[answer],
    )


@then("the announced number is that of what was found")
def filter_total(filtered: tuple[str, Answer, Means]) -> None:
    """X-Total-Count counts after filtering."""
    collection, answer, _ = filtered
    total, found = total_of(answer), len(rows_of(answer, KEYS[collection][0]))
    if total is None:
        raise NotApplicable("the provider does not say how many records there are")
    right = total == found or (found >= 500 and total > found)
    refuse_faults(
        [] if right else [f"{total} announced, {found} found"],
        promise="The announced number is not that of what was found",
        expected=f"{found}",
        answers=[answer],
    )


# Order, fields, and mistakes.


@when(parsers.parse('a partner makes the mistake "{mistake}"'), target_fixture="answer")
def makes_mistake(roster: Roster, mistake: str) -> Answer:
    """Ask for what is not there."""
    return roster.page("users", {"limit": 5, **MISTAKES[mistake]})


MISTAKES: Mapping[str, Mapping[str, str]] = {
    "a filter by an unknown field": {"filter": "shoeSize='9'"},
    "a filter that is no sentence": {"filter": "familyName like Smith"},
    "an order by an unknown field": {"sort": "shoeSize"},
    "an unknown field among others": {"fields": "sourcedId,shoeSize"},
    "a blank list of fields": {"fields": ""},
    "a word that the standard does not know": {"filter": "status='nope'"},
}


@when(
    parsers.parse('a partner asks for people in the order of their ids, "{direction}"'),
    target_fixture="ordered",
)
def asks_ordered(roster: Roster, direction: str) -> tuple[str, Answer]:
    """Sort by sourcedId."""
    return direction, roster.page(
        "users", {"limit": ORDERED, "sort": "sourcedId", "orderBy": direction}
    )


@then("they come in that order")
def in_order(ordered: tuple[str, Answer]) -> None:
    """By Unicode, or ignoring case."""
    direction, answer = ordered
    found = ids(rows_of(answer, "users"))
    down = direction == "desc"
    orders = (sorted(found, reverse=down), sorted(found, key=str.lower, reverse=down))
    refuse_faults(
        [] if found in orders else [f"first {', '.join(found[:5])}"],
        promise="Records do not come in the order that was asked for",
        expected=f"first {', '.join(orders[0][:5])}",
        answers=[answer],
    )


@when("a partner asks for ids and roles only", target_fixture="answer")
def asks_fields(roster: Roster) -> Answer:
    """Select two fields."""
    return roster.page("users", {"limit": 5, "fields": "sourcedId,role"})


@then("it gets these fields and no others")
def fields_kept(answer: Answer) -> None:
    """Base fields may come unasked; anything else is more than was asked for."""
    allowed = {"sourcedId", "role", "status", "dateLastModified"}
    faults: list[str] = []
    for row in rows_of(answer, "users"):
        who = f"users {row.get('sourcedId')}"
        faults += [f"{who}: {name} was not asked for" for name in sorted(set(row) - allowed)]
        missing = [name for name in ("sourcedId", "role") if not is_given(row.get(name))]
        faults += [f"{who}: {name} is missing" for name in missing]
    refuse_faults(
        faults,
        promise="Other fields come than were asked for",
        expected="sourcedId and role",
        answers=[answer],
    )


@then(parsers.parse('it is refused with 400 and "{code}", without data'))
def refused(answer: Answer, code: str) -> None:
    """A mistake that would bring the wrong records brings none."""
    document = answer.document()
    faults = [] if answer.status == 400 else [str(answer)]
    if isinstance(document, dict) and "users" in document:
        faults.append("records came all the same")
    if answer.status == 400 and not says(answer, code):
        faults.append(f"codeMinor is not {code}")
    refuse_faults(
        faults,
        promise="A mistake is not refused",
        expected=f"400, {code}, no records",
        answers=[answer],
    )


@then("it is refused with 400, without data")
def plainly_refused(answer: Answer) -> None:
    """Whatever the code."""
    document = answer.document()
    faults = [] if answer.status == 400 else [str(answer)]
    if isinstance(document, dict) and "users" in document:
        faults.append("records came all the same")
    refuse_faults(
        faults, promise="A mistake is not refused", expected="400, no records", answers=[answer]
    )


@then(parsers.parse('the records come all the same, with the warning "{code}"'))
def warned(answer: Answer, code: str) -> None:
    """A mistake that loses nothing is a warning."""
    document = answer.document()
    rows = document.get("users") if isinstance(document, dict) else None
    faults = [] if answer.status == 200 and isinstance(rows, list) and rows else [str(answer)]
    if not faults and any("role" not in row for row in rows or ()):
        faults.append("not all fields came")
    if not faults and not says(answer, code):
        faults.append(f"no warning {code}")
    refuse_faults(
        faults,
        promise="A mistake loses records, or is not told",
        expected=f"200, records, {code}",
        answers=[answer],
    )


@then("nobody is found, without an error")
def nobody_found(answer: Answer) -> None:
    """A value that cannot be is one that nobody has."""
    document = answer.document()
    rows = document.get("users") if isinstance(document, dict) else None
    refuse_faults(
        [] if answer.status == 200 and rows == [] else [str(answer)],
        promise="A word that nobody has is an error",
        expected="200 and an empty list",
        answers=[answer],
    )
