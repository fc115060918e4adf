"""Puts what Focus holds beside what Canvas holds. Pure: rows in, lines out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Row = Mapping[str, Any]
RowT = TypeVar("RowT")
CANVAS_ROLES = {
    "student": "StudentEnrollment",
    "teacher": "TeacherEnrollment",
    "aide": "TaEnrollment",
    "parent": "ObserverEnrollment",
    "guardian": "ObserverEnrollment",
}


@dataclass(frozen=True)
class Line:
    """One thing on both sides; `differs` when a person should look at it."""

    name: str
    focus: str
    canvas: str
    differs: bool


def line(name: str, focus: Any, canvas: Any, *, compared: bool = True) -> Line:
    """Make a line of two values; empty and absent are alike."""
    left, right = _text(focus), _text(canvas)
    return Line(name, left, right, compared and left != right)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def pair(
    focus: Iterable[RowT],
    canvas: Iterable[RowT],
    focus_key: Callable[[RowT], Any],
    canvas_key: Callable[[RowT], Any],
) -> list[tuple[RowT | None, RowT | None]]:
    """Match rows of both sides by key, Focus's order first, then what only Canvas has."""
    waiting: dict[Any, list[RowT]] = {}
    for row in canvas:
        waiting.setdefault(canvas_key(row), []).append(row)
    pairs: list[tuple[RowT | None, RowT | None]] = []
    for row in focus:
        partners = waiting.get(focus_key(row))
        pairs.append((row, partners.pop(0) if partners else None))
    return pairs + [(None, row) for rows in waiting.values() for row in rows]


def ref(row: Row, name: str) -> str:
    """Return the sourcedId of a OneRoster reference, or nothing."""
    value = row.get(name)
    return str(value.get("sourcedId", "")) if isinstance(value, Mapping) else ""


def full_name(user: Row | None) -> str:
    """Return a OneRoster user's name as Canvas shows one."""
    if user is None:
        return ""
    return " ".join(str(user[key]) for key in ("givenName", "familyName") if user.get(key))


def person_lines(focus: Row | None, canvas: Row | None) -> list[Line]:
    """Compare a user with a Canvas user."""
    left, right = focus or {}, canvas or {}
    both = focus is not None and canvas is not None
    login_ids = {left.get("username"), left.get("email"), left.get("identifier")}
    login = right.get("login_id")
    ids = {left.get("sourcedId"), left.get("identifier"), left.get("username"), left.get("email")}
    state = "" if canvas is None else "present"
    expected = "" if focus is None else str(left.get("status", ""))
    return [
        Line("name", full_name(focus), _text(right.get("name")),
             both and full_name(focus) != right.get("name")),
        Line("id", _text(left.get("sourcedId")), _text(right.get("sis_user_id")),
             both and right.get("sis_user_id") not in ids),
        Line("login", _text(left.get("username")), _text(login), both and login not in login_ids),
        Line("e-mail", _text(left.get("email")), _text(right.get("email")),
             both and bool(right.get("email")) and right.get("email") != left.get("email")),
        line("role", left.get("role"), "", compared=False),
        Line("state", expected, state, (expected == "active") != (canvas is not None)),
    ]  # fmt: skip


def seat_lines(
    enrollments: Sequence[Row], canvas: Sequence[Row], names: Mapping[str, str], *, by: str
) -> list[Line]:
    """Compare enrollments of a person (`by` class) or of a class (`by` user)."""
    canvas_id = {"class": "sis_section_id", "user": "sis_user_id"}[by]
    lines: list[Line] = []
    for left, right in pair(
        enrollments,
        canvas,
        lambda row: (ref(row, by), CANVAS_ROLES.get(str(row.get("role")))),
        lambda row: (row.get(canvas_id), row.get("type")),
    ):
        sourced_id = ref(left, by) if left else _text((right or {}).get(canvas_id))
        is_on = left is not None and left.get("status") == "active"
        state = _text((right or {}).get("enrollment_state"))
        lines.append(
            Line(
                names.get(sourced_id) or sourced_id or "no SIS id",
                _seat(left),
                f"{(right or {}).get('type', '')} {state}".strip(),
                is_on != (state in ("active", "invited", "creation_pending")),
            )
        )
    return lines


def _seat(row: Row | None) -> str:
    if row is None:
        return ""
    dates = [str(row[key]) for key in ("beginDate", "endDate") if row.get(key)]
    primary = "primary" if row.get("primary") in (True, "true") else ""
    return " ".join([str(row.get("role")), primary, str(row.get("status")), *dates]).replace(
        "  ", " "
    )


def grade_lines(
    results: Sequence[tuple[str, Row]], submissions: Sequence[tuple[str, Row]]
) -> list[Line]:
    """Compare results with submissions, both labelled with what they are for."""
    lines: list[Line] = []
    for left, right in pair(results, submissions, lambda row: row[0], lambda row: row[0]):
        focus = _score(left[1].get("score"), left[1].get("scoreStatus")) if left else ""
        canvas = ""
        if right:
            excused = right[1].get("excused")
            canvas = "exempt" if excused else _score(right[1].get("score"), None)
        same = focus.split(" (")[0] == canvas or (canvas == "exempt" and "exempt" in focus)
        if not focus and not canvas:
            continue
        lines.append(Line((left or right or ("", {}))[0], focus, canvas, not same))
    return lines


def _score(score: Any, status: Any) -> str:
    try:
        number = "" if score is None else f"{float(score):g}"
    except (TypeError, ValueError):
        number = _text(score)
    return f"{number} ({status})" if status else number


def class_lines(class_: Row | None, section: Row | None, course: Row | None) -> list[Line]:
    """Compare a class with a Canvas section and its course."""
    left, right, around = class_ or {}, section or {}, course or {}
    both = class_ is not None and section is not None
    return [
        line("title", left.get("title"), right.get("name"), compared=both),
        line("id", left.get("sourcedId"), right.get("sis_section_id"), compared=both),
        line("class code", left.get("classCode"), "", compared=False),
        line("course", ref(left, "course"), around.get("sis_course_id"), compared=False),
        line("course name", "", around.get("name"), compared=False),
        line("state", left.get("status"), around.get("workflow_state"), compared=False),
        _presence(class_, section),
    ]


def assignment_lines(line_item: Row | None, assignment: Row | None) -> list[Line]:
    """Compare a line item with a Canvas assignment."""
    left, right = line_item or {}, assignment or {}
    both = line_item is not None and assignment is not None
    maximum = _score(left.get("resultValueMax"), None)
    due, due_at = str(left.get("dueDate") or "")[:10], str(right.get("due_at") or "")[:10]
    return [
        line("title", left.get("title"), right.get("name"), compared=both),
        line("maximum", maximum, _score(right.get("points_possible"), None), compared=both),
        line("due", due, due_at, compared=both),
        line("id", left.get("sourcedId"), right.get("id"), compared=False),
        _presence(line_item, assignment),
    ]


def _presence(focus: Row | None, canvas: Row | None) -> Line:
    return line("present", "yes" if focus else "no", "yes" if canvas else "no")
