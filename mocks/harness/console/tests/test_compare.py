"""What is the same is not marked; what a person must see is."""

from homeroom.mocks.harness.console.compare import (
    Line,
    Row,
    assignment_lines,
    grade_lines,
    pair,
    person_lines,
    seat_lines,
)

ANA = {
    "sourcedId": "s-1", "status": "active", "givenName": "Ana", "familyName": "Ruiz",
    "username": "aruiz1", "email": "aruiz1@x.example", "identifier": "0042", "role": "student",
}  # fmt: skip
CANVAS_ANA = {"id": 7, "name": "Ana Ruiz", "sis_user_id": "s-1", "login_id": "aruiz1",
              "email": "aruiz1@x.example"}  # fmt: skip


def differing(lines: list[Line]) -> list[str]:
    return [line.name for line in lines if line.differs]


def test_a_person_who_is_alike_on_both_sides_has_no_mark() -> None:
    assert differing(person_lines(ANA, CANVAS_ANA)) == []


def test_a_name_that_was_spelt_otherwise_is_marked() -> None:
    assert differing(person_lines(ANA, {**CANVAS_ANA, "name": "Ana Ruíz"})) == ["name"]


def test_any_field_that_a_district_may_take_as_id_is_right() -> None:
    assert differing(person_lines(ANA, {**CANVAS_ANA, "sis_user_id": "0042"})) == []
    assert differing(person_lines(ANA, {**CANVAS_ANA, "sis_user_id": "42"})) == ["id"]


def test_an_active_person_whom_canvas_lacks_is_marked_once() -> None:
    assert differing(person_lines(ANA, None)) == ["state"]
    assert differing(person_lines({**ANA, "status": "tobedeleted"}, None)) == []


def enrollment(class_: str, status: str = "active") -> dict[str, object]:
    return {"class": {"sourcedId": class_}, "role": "student", "status": status}


def seat(section: str, state: str = "active") -> dict[str, object]:
    return {"sis_section_id": section, "type": "StudentEnrollment", "enrollment_state": state}


def test_seats_are_matched_by_section_and_state() -> None:
    lines = seat_lines(
        [enrollment("c-1"), enrollment("c-2"), enrollment("c-3", "tobedeleted")],
        [seat("c-1"), seat("c-3"), seat("c-4")],
        {"c-1": "Algebra"},
        by="class",
    )
    assert [(line.name, line.differs) for line in lines] == [
        ("Algebra", False), ("c-2", True), ("c-3", True), ("c-4", True),
    ]  # fmt: skip


def test_a_removed_seat_that_canvas_ended_is_as_it_should_be() -> None:
    for state in ("deleted", "inactive", "completed"):
        ended = seat_lines([enrollment("c", "tobedeleted")], [seat("c", state)], {}, by="class")
        assert differing(ended) == []


def test_grades_are_compared_as_numbers_and_excused_as_exempt() -> None:
    results = [
        ("Quiz", {"score": 9.0, "scoreStatus": "fully graded"}),
        ("Test", {"score": 7, "scoreStatus": "fully graded"}),
        ("Essay", {"score": 0, "scoreStatus": "exempt"}),
    ]
    submissions: list[tuple[str, Row]] = [
        ("Quiz", {"score": 9}), ("Test", {"score": 8}), ("Essay", {"excused": True}),
        ("Not graded", {"score": None}),
    ]  # fmt: skip
    lines = grade_lines(results, submissions)
    assert [(line.name, line.focus, line.canvas, line.differs) for line in lines] == [
        ("Quiz", "9 (fully graded)", "9", False),
        ("Test", "7 (fully graded)", "8", True),
        ("Essay", "0 (exempt)", "exempt", False),
    ]


def test_an_assignment_is_compared_by_title_maximum_and_day() -> None:
    item = {"sourcedId": "l", "title": "Quiz", "resultValueMax": 10.0, "dueDate": "2026-09-20"}
    work = {"id": 3, "name": "Quiz", "points_possible": 10, "due_at": "2026-09-20T23:59:00Z"}
    assert differing(assignment_lines(item, work)) == []
    assert differing(assignment_lines(item, {**work, "points_possible": 20})) == ["maximum"]
    assert differing(assignment_lines(item, None)) == ["present"]


def test_pairs_keep_what_either_side_has_alone() -> None:
    pairs = pair([1, 2], [2, 2, 3], lambda row: row, lambda row: row)
    assert pairs == [(1, None), (2, 2), (None, 2), (None, 3)]
