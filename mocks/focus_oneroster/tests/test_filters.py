"""The filter grammar, and its meaning against a naive evaluator: OneRoster reference, 3.3."""

import contextlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.mocks.focus_oneroster.model import MODELS
from homeroom.mocks.focus_oneroster.query.filters import (
    PREDICATES,
    Clause,
    Connective,
    Filter,
    FilterError,
    TooManyClausesError,
    parse_filter,
)
from homeroom.mocks.focus_oneroster.query.values import test_of as make_test
from homeroom.mocks.focus_oneroster.query.values import to_instant, to_number
from homeroom.mocks.focus_oneroster.selection import SINGULAR
from homeroom.mocks.focus_oneroster.store.rows import Rows

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("email='x'", [("email", "=", "x")]),
        ("email=''", [("email", "=", "")]),
        ("familyName='O''Brien'", [("familyName", "=", "O'Brien")]),
        (r"familyName='O\'Brien'", [("familyName", "=", "O'Brien")]),
        ("familyName='O'Brien'", [("familyName", "=", "O'Brien")]),
        ("title='a AND b'", [("title", "=", "a AND b")]),
        ("title='x=1, y<2'", [("title", "=", "x=1, y<2")]),
        ("title = 'x'", [("title", "=", "x")]),
        ("title='ends with a backslash\\'", [("title", "=", "ends with a backslash\\")]),
        ("class.sourcedId!='c-1'", [("class.sourcedId", "!=", "c-1")]),
        ("metadata.vendor.key~'x'", [("metadata.vendor.key", "~", "x")]),
        ("a>='1' AND b<='2'", [("a", ">=", "1"), ("b", "<=", "2")]),
        ("a='x'  OR  b='y'", [("a", "=", "x"), ("b", "=", "y")]),
        ("a='it''s' AND b='O'Neil'", [("a", "=", "it's"), ("b", "=", "O'Neil")]),
        ("a='x AND b' AND b='y'", [("a", "=", "x AND b"), ("b", "=", "y")]),
    ],
)
def test_expression_is_parsed(text: str, clauses: list[tuple[str, str, str]]) -> None:
    parsed = parse_filter(text)

    assert [(clause.field, clause.predicate, clause.value) for clause in parsed.clauses] == clauses


@pytest.mark.parametrize(
    "text",
    [
        "",
        "email",
        "email='x",
        "email=x",
        "='x'",
        "email'x'",
        "(email='x')",
        "email='x' and role='y'",
        "email='x' AND",
        "email='x' AND role",
        "email='x' role='y'",
        "email='x', role='y'",
        "email='x' && role='y'",
        "email='x' XOR role='y'",
        "email='x'AND role='y'",
        "email='x'role='y'",
        "email='x' AND NOT role='y'",
        "email='x' AND AND role='y'",
        "a..b='x'",
        "email=='x'",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        parse_filter(text)


def test_third_clause_is_outside_the_standard() -> None:
    with pytest.raises(TooManyClausesError):
        parse_filter("a='1' AND b='2' OR c='3'")


_VALUES = st.text(st.sampled_from(list("ab 'ANDOR=<>~,.é-0")), max_size=8).filter(
    lambda text: "''" not in text and not text.endswith("'")
)
_FIELDS = st.sampled_from(
    ["sourcedId", "status", "email", "familyName", "grades", "orgs.sourcedId", "metadata.a.b"]
)


def _clause(field: str, predicate: str, value: str) -> Clause:
    return Clause(tuple(field.split(".")), predicate, value)


_CLAUSES = st.builds(
    _clause,
    _FIELDS,
    st.sampled_from(PREDICATES),
    _VALUES,
)


@given(
    st.lists(_CLAUSES, min_size=1, max_size=2),
    st.sampled_from(Connective),
    st.sampled_from(["''", r"\'"]),
    st.sampled_from(["", " "]),
)
def test_what_is_written_with_escaped_quotes_is_read_back(
    clauses: list[Clause], connective: Connective, quote: str, blank: str
) -> None:
    text = f" {connective} ".join(
        f"{clause.field}{blank}{clause.predicate}{blank}'{clause.value.replace(chr(39), quote)}'"
        for clause in clauses
    )
    expected = Filter(tuple(clauses), connective if len(clauses) == 2 else Connective.AND)

    assert parse_filter(text) == expected


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(FilterError):
        parse_filter(text)


# A second, plain reading of what the standard says, for the fields of users.


def _values(row: dict[str, Any], path: tuple[str, ...]) -> list[Any]:
    value: Any = row.get(path[0])
    for step in path[1:]:
        if path[0] == "metadata":
            value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _naive(row: dict[str, Any], clause: Clause) -> bool:
    values = [str(value).casefold() for value in _values(row, clause.path)]
    wanted = clause.value.casefold()
    if clause.path[0] in ("grades", "orgs") and clause.predicate in ("=", "!=", "~"):
        listed = [item.strip() for item in wanted.split(",")]
        if clause.predicate == "~":
            return any(item in values for item in listed)
        holds = all(item in values for item in listed)
        return holds if clause.predicate == "=" else not holds
    compare: dict[str, Callable[[str], bool]] = {
        "=": lambda value: value == wanted,
        "!=": lambda value: value == wanted,
        "~": lambda value: wanted in value,
        ">": lambda value: value > wanted,
        ">=": lambda value: value >= wanted,
        "<": lambda value: value < wanted,
        "<=": lambda value: value <= wanted,
    }
    found = any(compare[clause.predicate](value) for value in values)
    return not found if clause.predicate == "!=" else found


_TEXTS = st.sampled_from(["a", "A", "b", "ab", "é", "É", "0", "09", ""])
_ROWS = st.fixed_dictionaries(
    {"sourcedId": _TEXTS, "status": st.sampled_from(["active", "tobedeleted"])},
    optional={
        "email": _TEXTS,
        "familyName": _TEXTS,
        "grades": st.lists(_TEXTS, max_size=3),
        "orgs": st.lists(_TEXTS, max_size=2),
        "metadata": st.just({"a": {"b": "ab"}}) | st.just({"a": "x"}),
    },
)


@given(
    _ROWS, _CLAUSES | st.builds(Clause, st.just(("grades",)), st.sampled_from(PREDICATES), _TEXTS)
)
def test_a_clause_means_what_a_naive_reading_says(row: dict[str, Any], clause: Clause) -> None:
    holds = make_test(MODELS["users"], clause, SINGULAR, case_sensitive=False)

    assert holds(row) == _naive(row, clause)


# The same through the fake: columns, overlay and rows must agree with one another.


@st.composite
def _asked(draw: st.DrawFn) -> str:
    clauses = draw(
        st.lists(
            st.sampled_from(
                [
                    "role='teacher'", "role!='student'", "role~'T'", "role>'s'",
                    "status='active'", "status!='tobedeleted'", "status='nope'",
                    "primary='true'", "primary='TRUE'",
                    "beginDate>='2026-09-01'", "endDate<'2027-01-01'", "beginDate!='2026-08-10'",
                    "endDate~'2026'",
                    "dateLastModified>'2026-06-15'", "dateLastModified<='2026-07-01T00:00:00.000Z'",
                    "dateLastModified>'2026-08-31'", "dateLastModified='nonsense'",
                    "class.sourcedId='{class}'", "user.sourcedId!='{user}'", "user='{user}'",
                    "school.sourcedId='{school}'", "class.sourcedId>'8'", "class.type='class'",
                    "sourcedId='{enrollment}'", "sourcedId~'a1'",
                ]
            ),
            min_size=1, max_size=2,
        )
    )  # fmt: skip
    return draw(st.sampled_from([" AND ", " OR "])).join(clauses)


@cache
def every_row(rows: Rows) -> list[dict[str, Any]]:
    """The rows of a collection that nobody changes any more."""
    return [rows.row(handle) for handle in rows.handles().tolist()]


@settings(max_examples=60, deadline=None)
@given(_asked())
def test_columns_overlay_and_rows_agree(changed_tiny: "Focus", template: str) -> None:
    rows = changed_tiny.world.truth.rows["enrollments"]
    some = rows.row(37)
    text = template.format(
        enrollment=some["sourcedId"].upper(),
        **{name: some[name] for name in ("class", "user", "school")},
    )
    parsed = parse_filter(text)
    tests = [
        make_test(MODELS["enrollments"], clause, SINGULAR, case_sensitive=False)
        for clause in parsed.clauses
    ]
    combine = all if parsed.connective is Connective.AND else any
    expected = [
        row["sourcedId"] for row in every_row(rows) if combine(holds(row) for holds in tests)
    ]

    assert changed_tiny.ids("/enrollments", limit="5000", filter=text) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/users", "orgs.sourcedId='{school}'"),
        ("/users", "orgs.sourcedId!='{school}' OR role='aide'"),
        ("/users", "orgs='{school},{district}'"),
        ("/classes", "terms.sourcedId='{term}' AND school.sourcedId='{school}'"),
        ("/classes", "terms~'{term},x'"),
        ("/classes", "course.sourcedId>'8'"),
        ("/academicSessions", "type='gradingPeriod' AND parent.sourcedId='{term}'"),
        ("/academicSessions", "startDate>='2026-12-01'"),
        ("/orgs", "type!='school'"),
    ],
)
def test_columns_and_rows_agree_elsewhere(tiny: "Focus", path: str, text: str) -> None:
    rows = tiny.world.truth.rows[path[1:]]
    text = text.format(
        school=tiny.ids("/schools")[0],
        district=tiny.ids("/orgs", filter="type='district'")[0],
        term=tiny.ids("/terms")[0],
    )
    parsed = parse_filter(text)
    tests = [
        make_test(rows.model, clause, SINGULAR, case_sensitive=False) for clause in parsed.clauses
    ]
    combine = all if parsed.connective is Connective.AND else any
    every = [rows.row(handle) for handle in rows.handles().tolist()]
    expected = [row["sourcedId"] for row in every if combine(holds(row) for holds in tests)]

    assert tiny.ids(path, limit="5000", filter=text) == expected


@pytest.mark.parametrize(
    "text",
    ["email~'a@'", "givenName>'M' AND role='student'", "enabledUser='true'", "middleName!='x'",
     "identifier<='5' OR familyName~'e'", "email='{email}'"],
)  # fmt: skip
def test_values_read_before_and_rows_agree(
    fresh_tiny: "Focus", monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("homeroom.mocks.focus_oneroster.selection._TURN_ROWS", 40)
    rows = fresh_tiny.world.truth.rows["users"]
    changed = rows.row(9)
    rows.put({**rows.row(20), "email": changed["email"], "middleName": None})
    rows.remove(rows.row(30)["sourcedId"])
    text = text.format(email=changed["email"].upper())
    parsed = parse_filter(text)
    tests = [
        make_test(rows.model, clause, SINGULAR, case_sensitive=False) for clause in parsed.clauses
    ]
    combine = all if parsed.connective is Connective.AND else any
    every = [rows.row(handle) for handle in rows.handles().tolist()]
    expected = [row["sourcedId"] for row in every if combine(holds(row) for holds in tests)]

    assert fresh_tiny.ids("/users", limit="5000", filter=text) == expected
    rows.put({**changed, "email": "other"})
    assert (changed["sourcedId"] in fresh_tiny.ids("/users", limit="5000", filter=text)) == (
        combine(holds({**changed, "email": "other"}) for holds in tests)
    )


@given(st.text(max_size=30) | st.sampled_from(["0001-01-01", "9999-12-31T23:59:59-14:00"]))
def test_any_value_is_an_instant_and_a_number_or_is_not(text: str) -> None:
    assert to_instant(text) is None or isinstance(to_instant(text), float)
    number = to_number(text)
    assert number is None or number.is_finite()


@pytest.fixture(scope="module")
def changed_tiny(module_tiny: "Focus") -> "Focus":
    """A generated school in which some enrollments were changed, added and taken away."""
    focus = module_tiny
    rows = focus.world.truth.rows["enrollments"]
    first, second, third = (rows.row(handle) for handle in (3, 5, 7))
    rows.put({**first, "role": "teacher", "status": "tobedeleted"})
    rows.put({**second, "beginDate": None, "class": "c-unknown"})
    rows.put({**third, "sourcedId": "e-new", "dateLastModified": "2026-09-01T06:00:00.000Z"})
    rows.remove(rows.row(11)["sourcedId"])
    return focus


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("metadata.vendor.key='x'", ["u-1"]),
        ("metadata.deep.vendor.key='y'", ["u-1"]),
        ("metadata.vendor='x'", []),
        ("metadata.vendor.key.more='x'", []),
        ("metadata.count>'9'", ["u-1"]),
        ("metadata.count='10.0'", ["u-1"]),
        ("metadata.count>'a'", []),
        ("metadata.room>'9'", []),
    ],
)
def test_metadata_is_found_by_dotted_keys_and_compared_by_type(
    focus: "Focus", expression: str, found: list[str]
) -> None:
    metadata = {"vendor.key": "x", "deep": {"vendor.key": "y"}, "count": 10, "room": "10"}
    focus.record("users", "u-1", metadata=metadata)

    assert focus.ids("/users", filter=expression) == found


def test_dates_compare_as_they_are_shown(focus: "Focus") -> None:
    focus.record("lineItems", "li-1", assignDate="2026-10-01")
    focus.record("results", "r-1", scoreDate="2026-10-10T18:00:00.000Z")
    focus.record("results", "r-2", scoreDate="2026-10-11")

    assert focus.get("/results/r-1").json()["result"]["scoreDate"] == "2026-10-10"
    assert focus.ids("/results", filter="scoreDate='2026-10-10'") == ["r-1"]
    assert focus.ids("/results", filter="scoreDate>'2026-10-10'") == ["r-2"]
    assert focus.ids("/results", filter="scoreDate~'18:00'") == []
    assert focus.ids("/results", sort="scoreDate", orderBy="desc") == ["r-2", "r-1"]
    assert focus.ids("/lineItems", filter="assignDate~'T00:00:00.000Z'") == ["li-1"]


def test_href_is_found_as_it_was_shown(focus: "Focus") -> None:
    focus.record("orgs", "s/4")
    focus.record("classes", "c-4", school="s/4")
    href = focus.get("/classes/c-4").json()["class"]["school"]["href"]

    assert href.endswith("/orgs/s%2F4")
    assert focus.ids("/classes", filter=f"school.href='{href}'") == ["c-4"]
    assert focus.ids("/classes", filter="school.href~'/orgs/s-1'") == ["c-1"]


def test_metadata_sorts_numbers_before_text(focus: "Focus") -> None:
    for user, value in (("u-1", 10), ("u-2", "9"), ("u-3", 9.5)):
        focus.record("users", user, metadata={"n": value})
    focus.record("users", "u-4")

    assert focus.ids("/users", sort="metadata.n") == ["u-4", "u-3", "u-1", "u-2"]
    assert focus.ids("/users", sort="metadata.n", orderBy="desc") == ["u-2", "u-1", "u-3", "u-4"]
