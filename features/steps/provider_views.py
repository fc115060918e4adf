"""Steps of what belongs to what at a provider: views of schools and classes, and references."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from pytest_bdd import parsers, then, when

from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Answer
from homeroom.features.evidence.records import Row, is_given, named, ref_id, references
from homeroom.features.evidence.roster import Roster, ids, refuse_faults, rows_of, total_of
from homeroom.features.evidence.shapes import KEYS
from homeroom.reference.transport import quoted

FOLLOWED = 12
"""So many references of a kind are followed."""

# The views of one record: whose id the path takes, and what list it answers with.
VIEWS = (
    ("schools/{schools}/courses", "courses"),
    ("schools/{schools}/classes", "classes"),
    ("schools/{schools}/enrollments", "enrollments"),
    ("schools/{schools}/students", "students"),
    ("schools/{schools}/teachers", "teachers"),
    ("schools/{schools}/terms", "terms"),
    ("terms/{terms}/classes", "classes"),
    ("terms/{terms}/gradingPeriods", "gradingPeriods"),
    ("courses/{courses}/classes", "classes"),
    ("students/{students}/classes", "classes"),
    ("teachers/{teachers}/classes", "classes"),
    ("users/{students}/classes", "classes"),
    ("classes/{classes}/students", "students"),
    ("classes/{classes}/teachers", "teachers"),
)
INNER = ("enrollments", "students", "teachers")


def view_path(roster: Roster, view: str) -> str:
    """Fill a view's path with the id of a record that the provider shows."""
    owner = view[view.index("{") + 1 : view.index("}")]
    sourced_id = ids(roster.active(owner))[0]
    return view.replace(f"{{{owner}}}", quoted(sourced_id))


@when(parsers.parse('a partner reads what belongs to one of "{owner}"'), target_fixture="views")
def reads_views(roster: Roster, owner: str) -> list[tuple[str, Answer]]:
    """Read every view of one record of a kind."""
    answers = [
        (key, roster.page(view_path(roster, view), {"limit": 100}))
        for view, key in VIEWS
        if f"{{{owner}}}" in view
    ]
    if owner == "classes":
        class_ = roster.active("classes")[0]
        where = f"schools/{quoted(ref_id(class_, 'school'))}/classes/{quoted(ids([class_])[0])}"
        answers += [(key, roster.page(f"{where}/{key}", {"limit": 100})) for key in INNER]
    return answers


@when("a partner compares the views of the roster", target_fixture="roster_views")
def compares_views(roster: Roster) -> Roster:
    """The views are read where they are compared."""
    return roster


@then("each view is answered as a list of its kind")
def views_answered(views: list[tuple[str, Answer]]) -> None:
    """A view has its own path, and the key of what it holds."""
    wrong: list[tuple[str, Answer]] = []
    for kind, answer in views:
        document, key = answer.document(), KEYS[kind][0]
        if answer.status != 200:
            wrong.append((str(answer), answer))
        elif not isinstance(document, dict) or not isinstance(document.get(key), list):
            wrong.append((f"{answer}, without a list under {key}", answer))
    refuse_faults(
        [told for told, _ in wrong],
        promise="A view is not served",
        expected="200, and a list under the key of its kind",
        answers=[answer for _, answer in wrong],
    )


@then(parsers.parse('"{view}" are those whose {field} is {word}'))
def view_selects(roster: Roster, view: str, field: str, word: str) -> None:
    """A view of one kind holds nothing else, and all that the whole list shows of it."""
    sample, base = roster.sample(view), KEYS[view][0]
    faults = [
        f"{named(view, row)}: {field} is {row.get(field)!r}"
        for row in sample.rows
        if row.get(field) != word
    ]
    announced = total_of(sample.answers[0])
    if announced and not sample.rows:
        faults.append(f"{view}: {announced} announced, and none comes")
    if sample.whole:
        shown = set(ids(sample.rows))
        faults += [
            f"{named(base, row)} is missing"
            for row in roster.sample(base).rows
            if row.get(field) == word and str(row.get("sourcedId")) not in shown
        ]
    refuse_faults(
        faults,
        promise=f"The view of {view} holds something else",
        expected=f"{view}: the {base} whose {field} is {word}",
        answers=sample.answers,
    )


@then("the students of a class are those who have a place in it")
def class_students(roster: Roster) -> None:
    """The view and the enrollments tell the same."""
    class_ = ids(roster.active("classes"))[0]
    seats = rows_of(roster.filtered("enrollments", f"class.sourcedId='{class_}'"), "enrollments")
    placed = {
        ref_id(row, "user")
        for row in seats
        if row.get("role") == "student" and row.get("status") == "active" and ref_id(row, "user")
        if ref_id(row, "class") == class_
    }
    answer = roster.page(f"classes/{quoted(class_)}/students", {"limit": 500})
    shown = set(ids(rows_of(answer, "users")))
    if not placed:
        raise NotApplicable("the class that was looked at has no student's place to compare with")
    faults = [f"users {each} has no place in the class" for each in sorted(shown - placed)]
    faults += [f"users {each} is missing" for each in sorted(placed - shown)]
    refuse_faults(
        faults,
        promise="The students of a class are others than those with a place in it",
        expected=f"{len(placed)} students",
        answers=[answer],
    )


@then("whoever teaches a class is found among the teachers")
def teachers_found(roster: Roster) -> None:
    """A person with two profiles may arrive under the higher one."""
    teaching = [row for row in _seats(roster) if row.get("role") == "teacher"][:FOLLOWED]
    if not teaching:
        raise NotApplicable("no teacher's place in a class was shown")
    asked = {ref_id(row, "user") for row in teaching} - {""}
    answers = [roster.filtered("teachers", f"sourcedId='{each}'") for each in sorted(asked)]
    wrong = [answer for answer in answers if not rows_of(answer, "users")]
    refuse_faults(
        [str(answer) for answer in wrong],
        promise="Somebody teaches a class and is no teacher",
        expected="each teacher of a class is among the teachers",
        answers=wrong,
    )


@then("every record that another names is there")
def references_resolve(roster: Roster) -> None:
    """Follow a sample of references by id."""
    faults: list[str] = []
    for collection in ("enrollments", "classes", "courses", "users"):
        try:
            rows = roster.active(collection)
        except NotApplicable:
            continue
        faults += _dangling(roster, collection, rows)
    refuse_faults(
        faults,
        promise="A record names another that is not there",
        expected="every record that another names can be read",
        answers=[],
    )


def _dangling(roster: Roster, collection: str, rows: Iterable[Row]) -> list[str]:
    named_by: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        for field, target, reference in references(collection, row):
            known = named_by[field, target]
            if len(known) < FOLLOWED:
                known.setdefault(str(reference["sourcedId"]), named(collection, row))
    return [
        f"{by}: {field} names {id_}, which is not among the {target}"
        for (field, target), found in named_by.items()
        for id_, by in found.items()
        if not roster.holds(target, id_)
    ]


@then("every address leads to the record that it names")
def addresses_lead(roster: Roster) -> None:
    """An href is the record's own address."""
    faults: list[str] = []
    answers: list[Answer] = []
    for collection in ("enrollments", "classes"):
        for row in roster.active(collection)[:2]:
            for field, _, reference in references(collection, row):
                href = str(reference.get("href", ""))
                if not href.startswith(roster.target.peer.base_url):
                    faults.append(
                        f"{named(collection, row)}: {field} leads to another server: {href}"
                    )
                    continue
                answer = roster.page(href)
                document = answer.document()
                found = next(iter(document.values()), None) if isinstance(document, dict) else None
                there = isinstance(found, dict) and found.get("sourcedId") == reference["sourcedId"]
                if answer.status != 200 or not there:
                    faults.append(f"{named(collection, row)}: {field}: {answer}")
                    answers.append(answer)
    refuse_faults(
        faults,
        promise="An address leads elsewhere",
        expected="each href leads to the record with its sourcedId",
        answers=answers,
    )


@then("every class has a term")
def classes_have_terms(roster: Roster) -> None:
    """A full-year class has one, too."""
    rows = roster.active("classes")
    refuse_faults(
        [f"{named('classes', row)} has none" for row in rows if not is_given(row.get("terms"))],
        promise="A class has no term",
        expected="at least one term for every class",
        answers=roster.sample("classes").answers,
    )


@then("every place in a class lies within the class's terms")
def seats_within_terms(roster: Roster) -> None:
    """Begin and end, where given, are days of the class's terms."""
    faults: list[str] = []
    for seat in _seats(roster)[:200]:
        first, last = _span_of(roster, ref_id(seat, "class"))
        begin, end = seat.get("beginDate"), seat.get("endDate")
        if not first or not last:
            continue
        if is_given(begin) and str(begin) < first:
            faults.append(f"{named('enrollments', seat)} begins on {begin}, its class on {first}")
        if is_given(end) and str(end) > last:
            faults.append(f"{named('enrollments', seat)} ends on {end}, its class on {last}")
    refuse_faults(
        faults,
        promise="A place in a class lies outside of the class's terms",
        expected="beginDate and endDate within the class's terms",
        answers=roster.sample("enrollments").answers,
    )


def _span_of(roster: Roster, class_: str) -> tuple[str, str]:
    """Return first and last day of a sampled class's terms, empty where they are not known."""
    sessions = {str(row.get("sourcedId")): row for row in roster.sample("academicSessions").rows}
    for row in roster.sample("classes").rows:
        if row.get("sourcedId") == class_:
            terms = [
                sessions[str(each["sourcedId"])]
                for field, _, each in references("classes", row)
                if field == "terms" and str(each["sourcedId"]) in sessions
            ]
            if terms:
                firsts = [str(term.get("startDate")) for term in terms]
                return min(firsts), max(str(term.get("endDate")) for term in terms)
    return "", ""


@then("a class has one primary teacher at a time")
def one_primary(roster: Roster) -> None:
    """Only one teacher of a class is its primary one."""
    counts = Counter(
        ref_id(row, "class")
        for row in _teaching(roster)
        if ref_id(row, "class")
        if row.get("role") == "teacher" and str(row.get("primary")).lower() == "true"
    )
    refuse_faults(
        [f"classes {id_} has {number}" for id_, number in counts.items() if number > 1],
        promise="A class has several primary teachers",
        expected="one at most",
        answers=[],
    )


@then("a family is told from both sides")
def agents_both_ways(roster: Roster) -> None:
    """Who is a pupil's agent names the pupil in turn."""
    pupils = [row for row in roster.active("users") if is_given(row.get("agents"))][:FOLLOWED]
    if not pupils:
        raise NotApplicable("nobody's agents are given")
    faults: list[str] = []
    for row in pupils:
        for _, _, agent in (each for each in references("users", row) if each[0] == "agents"):
            document = roster.one("users", str(agent["sourcedId"])).document()
            other = document.get("user") if isinstance(document, dict) else None
            back = [str(each["sourcedId"]) for field, _, each in references("users", other or {})
                    if field == "agents"]  # fmt: skip
            if other and row.get("sourcedId") not in back:
                faults.append(f"users {agent['sourcedId']} does not name {row.get('sourcedId')}")
    refuse_faults(
        faults,
        promise="A family is told from one side only",
        expected="agents name each other",
        answers=[],
    )


def _seats(roster: Roster) -> list[Row]:
    """Return places in classes whose references are there; others are told elsewhere."""
    rows = [*roster.active("enrollments"), *_teaching(roster)]
    return [row for row in rows if ref_id(row, "user") and ref_id(row, "class")]


def _teaching(roster: Roster) -> list[Row]:
    """Return teachers' places, which a sample of a long list may lack."""
    answer = roster.filtered("enrollments", "role='teacher' AND status='active'")
    try:
        return rows_of(answer, "enrollments")
    except NotApplicable:
        return [row for row in roster.active("enrollments") if row.get("role") == "teacher"]
