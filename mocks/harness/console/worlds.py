"""Looks one person, class or assignment up in both worlds. A page a question, never a crawl."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeroom.mocks.harness.console import compare
from homeroom.mocks.harness.console.compare import Line, Row, ref
from homeroom.mocks.harness.console.peers import Params, PeerError, Worlds

FOUND = 8
"""How many hits of a kind a search shows."""
PAGE = 100
NAMED = 40
"""How many line items are looked up by name at most."""
STATES: Params = [
    ("state[]", state)
    for state in (
        "active", "invited", "creation_pending", "deleted", "rejected", "completed", "inactive",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """One thing that a search found."""

    kind: str
    world: str
    id: str
    label: str
    detail: str


@dataclass
class View:
    """One thing in both worlds."""

    kind: str
    title: str
    groups: list[tuple[str, list[Line]]] = field(default_factory=list[tuple[str, list[Line]]])
    records: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    """The raw records behind it, with a title each."""
    links: list[Hit] = field(default_factory=list[Hit])
    notes: list[str] = field(default_factory=list[str])

    @property
    def differences(self) -> int:
        """How many lines differ."""
        return sum(line.differs for _, lines in self.groups for line in lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _rows(document: Any, key: str) -> list[Row]:
    if isinstance(document, Mapping):
        document = document.get(key)
    return list(document) if isinstance(document, list) else []


def _sis_id(row: Row, kind: str) -> str:
    return str(row.get(f"sis_{kind}_id") or "no SIS id")


# -- search -----------------------------------------------------------------------------------


def search(worlds: Worlds, text: str, kinds: Iterable[str]) -> tuple[list[Hit], list[str]]:
    """Find people, classes and assignments by id or part of a name, in both worlds.

    Returns:
        The hits, and what kept a world from being searched.
    """
    hits: dict[tuple[str, str, str], Hit] = {}
    troubles: list[str] = []
    for kind in kinds:
        for look in _SEARCHES[kind]:
            try:
                for hit in look(worlds, text):
                    hits.setdefault((hit.kind, hit.world, hit.id), hit)
            except PeerError as error:
                troubles.append(str(error))
    return list(hits.values()), troubles


def _focus_people(worlds: Worlds, text: str) -> Iterable[Hit]:
    first, _, rest = text.partition(" ")
    named = (
        f"givenName~{_quoted(first)} AND familyName~{_quoted(rest)}"
        if rest
        else f"givenName~{_quoted(text)} OR familyName~{_quoted(text)}"
    )
    found = worlds.focus("users", text)
    rows = [found["user"]] if found else []
    for filter_ in (f"username={_quoted(text)} OR identifier={_quoted(text)}", named):
        params: Params = [("filter", filter_), ("limit", FOUND)]
        rows += _rows(worlds.focus("users", params=params), "users")
    for row in rows:
        yield Hit("person", "focus", str(row["sourcedId"]), compare.full_name(row),
                  f"{row.get('role')} {row.get('username') or ''} {row.get('status')}")  # fmt: skip


def _canvas_people(worlds: Worlds, text: str) -> Iterable[Hit]:
    rows: list[Row] = []
    found = worlds.canvas("users", f"sis_user_id:{text}")
    if found:
        rows.append(found)
    with contextlib.suppress(PeerError):  # Canvas refuses terms of one letter
        params: Params = [("search_term", text), ("per_page", FOUND)]
        rows += _rows(worlds.canvas("accounts", "self", "users", params=params), "")
    for row in rows:
        yield Hit("person", "canvas", str(row["id"]), str(row.get("name")),
                  f"{row.get('login_id') or ''} {_sis_id(row, 'user')}")  # fmt: skip


def _focus_classes(worlds: Worlds, text: str) -> Iterable[Hit]:
    found = worlds.focus("classes", text)
    rows = [found["class"]] if found else []
    params: Params = [
        ("filter", f"title~{_quoted(text)} OR classCode~{_quoted(text)}"),
        ("limit", FOUND),
    ]
    for row in rows + _rows(worlds.focus("classes", params=params), "classes"):
        yield Hit("class", "focus", str(row["sourcedId"]), str(row.get("title")),
                  f"{row.get('classCode') or ''} {row.get('status')}")  # fmt: skip


def _canvas_classes(worlds: Worlds, text: str) -> Iterable[Hit]:
    found = worlds.canvas("sections", f"sis_section_id:{text}")
    if found:
        yield Hit("class", "canvas", str(found["id"]), str(found.get("name")),
                  str(found.get("sis_section_id")))  # fmt: skip
    params: Params = [("search_term", text), ("per_page", 3)]
    with contextlib.suppress(PeerError):
        for course in _rows(worlds.canvas("accounts", "self", "courses", params=params), ""):
            sections = worlds.canvas("courses", str(course["id"]), "sections")
            for row in _rows(sections, "")[:FOUND]:
                yield Hit("class", "canvas", str(row["id"]), str(row.get("name")),
                          f"in {course.get('name')}, {_sis_id(row, 'section')}")  # fmt: skip


def _assignments(worlds: Worlds, text: str) -> Iterable[Hit]:
    found = worlds.focus("lineItems", text)
    rows = [found["lineItem"]] if found else []
    params: Params = [("filter", f"title~{_quoted(text)}"), ("limit", FOUND)]
    for row in rows + _rows(worlds.focus("lineItems", params=params), "lineItems"):
        yield Hit("assignment", "focus", str(row["sourcedId"]), str(row.get("title")),
                  f"class {ref(row, 'class')}")  # fmt: skip


_SEARCHES: Mapping[str, tuple[Callable[[Worlds, str], Iterable[Hit]], ...]] = {
    "person": (_focus_people, _canvas_people),
    "class": (_focus_classes, _canvas_classes),
    "assignment": (_assignments,),
}
KINDS = tuple(_SEARCHES)


# -- one thing in both worlds -----------------------------------------------------------------


def show(worlds: Worlds, kind: str, world: str, id_: str) -> View:
    """Look one thing up in both worlds; raises PeerError."""
    return {"person": _person, "class": _class, "assignment": _assignment}[kind](worlds, world, id_)


def _both_users(worlds: Worlds, world: str, id_: str) -> tuple[Row | None, Row | None]:
    if world == "canvas":
        canvas = worlds.canvas("users", id_)
        sis_id = str((canvas or {}).get("sis_user_id") or "")
        found = worlds.focus("users", sis_id) if sis_id else None
        return (found["user"] if found else None), canvas
    found = worlds.focus("users", id_)
    focus = found["user"] if found else {}
    # Which of its fields a district takes as SIS id is its sync's choice.
    for candidate in (id_, *(focus.get(key) for key in ("identifier", "username", "email"))):
        canvas = worlds.canvas("users", f"sis_user_id:{candidate}") if candidate else None
        if canvas:
            return focus or None, canvas
    return focus or None, None


def _person(worlds: Worlds, world: str, id_: str) -> View:
    focus, canvas = _both_users(worlds, world, id_)
    view = View("person", compare.full_name(focus) or str((canvas or {}).get("name") or id_))
    classes: list[Row] = []
    enrollments: list[Row] = []
    results: list[Row] = []
    if focus is not None:
        mine: Params = [
            ("filter", f"user.sourcedId={_quoted(focus['sourcedId'])}"),
            ("limit", PAGE),
        ]
        enrollments = _rows(worlds.focus("enrollments", params=mine), "enrollments")
        classes = _rows(worlds.focus("users", focus["sourcedId"], "classes"), "classes")
        theirs: Params = [
            ("filter", f"student.sourcedId={_quoted(focus['sourcedId'])}"),
            ("limit", PAGE),
        ]
        results = _rows(worlds.focus("results", params=theirs), "results")
    seats: list[Row] = []
    if canvas is not None:
        page: Params = [*STATES, ("per_page", PAGE)]
        seats = _rows(worlds.canvas("users", str(canvas["id"]), "enrollments", params=page), "")
    names = {str(row["sourcedId"]): str(row.get("title")) for row in classes}
    view.groups = [
        ("Person", compare.person_lines(focus, canvas)),
        ("Enrollments", compare.seat_lines(enrollments, seats, names, by="class")),
        ("Grades", compare.grade_lines(*_grades_of(worlds, results, canvas, seats, names))),
    ]
    view.links = [Hit("class", "focus", key, name, "") for key, name in names.items()]
    view.records = [("Focus user", focus), ("Canvas user", canvas)]
    _note_pages(view, enrollments, seats)
    return view


def _grades_of(
    worlds: Worlds,
    results: list[Row],
    canvas: Row | None,
    seats: list[Row],
    names: Mapping[str, str],
) -> tuple[list[tuple[str, Row]], list[tuple[str, Row]]]:
    """Label a person's results and submissions with class and title."""
    left: list[tuple[str, Row]] = []
    for result in results[:NAMED]:
        found = worlds.focus("lineItems", ref(result, "lineItem"))
        item = found["lineItem"] if found else {}
        class_ = ref(item, "class")
        left.append((f"{names.get(class_, class_)}: {item.get('title', '?')}", result))
    right: list[tuple[str, Row]] = []
    courses = {row["course_id"]: str(row.get("sis_section_id") or "") for row in seats
               if row.get("type") == "StudentEnrollment"}  # fmt: skip
    for course, section in list(courses.items())[:NAMED]:
        params: Params = [
            ("student_ids[]", str((canvas or {})["id"])),
            ("include[]", "assignment"),
            ("per_page", PAGE),
        ]
        page: Any = None
        with contextlib.suppress(PeerError):  # a course shows nothing of who has left it
            page = worlds.canvas("courses", str(course), "students", "submissions", params=params)
        for row in _rows(page, ""):
            title = str((row.get("assignment") or {}).get("name"))
            right.append((f"{names.get(section, section)}: {title}", row))
    return left, right


def _both_classes(
    worlds: Worlds, world: str, id_: str
) -> tuple[Row | None, Row | None, Row | None]:
    if world == "canvas":
        section = worlds.canvas("sections", id_)
        sis_id = str((section or {}).get("sis_section_id") or "")
    else:
        section, sis_id = worlds.canvas("sections", f"sis_section_id:{id_}"), id_
    found = worlds.focus("classes", sis_id) if sis_id else None
    course = worlds.canvas("courses", str(section["course_id"])) if section else None
    return (found["class"] if found else None), section, course


def _class(worlds: Worlds, world: str, id_: str) -> View:
    class_, section, course = _both_classes(worlds, world, id_)
    view = View("class", str((class_ or {}).get("title") or (section or {}).get("name") or id_))
    enrollments: list[Row] = []
    people: dict[str, str] = {}
    line_items: list[Row] = []
    if class_ is not None:
        own = str(class_["sourcedId"])
        mine: Params = [("filter", f"class.sourcedId={_quoted(own)}"), ("limit", PAGE)]
        enrollments = _rows(worlds.focus("enrollments", params=mine), "enrollments")
        for role in ("students", "teachers"):
            rows = _rows(worlds.focus("classes", own, role, params=[("limit", PAGE)]), "users")
            people |= {str(row["sourcedId"]): compare.full_name(row) for row in rows}
        items = worlds.focus("classes", own, "lineItems", params=[("limit", PAGE)])
        line_items = _rows(items, "lineItems")
    seats: list[Row] = []
    assignments: list[Row] = []
    if section is not None:
        page: Params = [*STATES, ("per_page", PAGE)]
        seats = _rows(worlds.canvas("sections", str(section["id"]), "enrollments", params=page), "")
        for seat in seats:
            name = (seat.get("user") or {}).get("name")
            people.setdefault(str(seat.get("sis_user_id")), str(name))
        work = worlds.canvas("courses", str(section["course_id"]), "assignments",
                             params=[("per_page", PAGE)])  # fmt: skip
        assignments = _rows(work, "")
    pairs = compare.pair(
        line_items, assignments, lambda row: row.get("title"), lambda row: row.get("name")
    )
    view.groups = [
        ("Class", compare.class_lines(class_, section, course)),
        ("People", compare.seat_lines(enrollments, seats, people, by="user")),
        ("Assignments", [
            compare.line(str((left or {}).get("title") or (right or {}).get("name")),
                         "present" if left else "", "present" if right else "")
            for left, right in pairs
        ]),
    ]  # fmt: skip
    view.links = [
        Hit("assignment", "focus", str(row["sourcedId"]), str(row.get("title")), "")
        for row in line_items
    ] + [
        Hit("person", "focus", ref(row, "user"), people.get(ref(row, "user"), ""), "")
        for row in enrollments
    ]
    view.records = [
        ("Focus class", class_), ("Canvas section", section), ("Canvas course", course),
    ]  # fmt: skip
    _note_pages(view, enrollments, seats)
    return view


def _assignment(worlds: Worlds, world: str, id_: str) -> View:
    del world  # only Focus's line items are found: Canvas has no list of all assignments
    found = worlds.focus("lineItems", id_)
    item: Row | None = found["lineItem"] if found else None
    view = View("assignment", str((item or {}).get("title") or id_))
    class_ = ref(item, "class") if item else ""
    _, section, _ = _both_classes(worlds, "focus", class_) if class_ else (None, None, None)
    assignment: Row | None = None
    submissions: list[Row] = []
    if section is not None and item is not None:
        course = str(section["course_id"])
        params: Params = [("search_term", str(item.get("title"))), ("per_page", PAGE)]
        for row in _rows(worlds.canvas("courses", course, "assignments", params=params), ""):
            if row.get("name") == item.get("title"):
                assignment = row
        if assignment is not None:
            page: Params = [("include[]", "user"), ("per_page", PAGE)]
            submissions = _rows(
                worlds.canvas("courses", course, "assignments", str(assignment["id"]),
                              "submissions", params=page), "")  # fmt: skip
    results: list[Row] = []
    names: dict[str, str] = {}
    if item is not None:
        steps = ("classes", class_, "lineItems", id_, "results")
        results = _rows(worlds.focus(*steps, params=[("limit", PAGE)]), "results")
        students = worlds.focus("classes", class_, "students", params=[("limit", PAGE)])
        names = {str(r["sourcedId"]): compare.full_name(r) for r in _rows(students, "users")}
    left = [(names.get(ref(row, "student"), ref(row, "student")), row) for row in results]
    right: list[tuple[str, Row]] = []
    for row in submissions:
        user = row.get("user") or {}
        right.append((names.get(str(user.get("sis_user_id")), str(user.get("name"))), row))
    view.groups = [
        ("Assignment", compare.assignment_lines(item, assignment)),
        ("Grades", compare.grade_lines(left, right)),
    ]
    if class_:
        view.links = [Hit("class", "focus", class_, f"class {class_}", "")]
    view.records = [("Focus lineItem", item), ("Canvas assignment", assignment)]
    _note_pages(view, results, submissions)
    return view


def _note_pages(view: View, *pages: list[Row]) -> None:
    if any(len(page) >= PAGE for page in pages):
        view.notes.append(f"Only the first {PAGE} rows of each list were read.")
