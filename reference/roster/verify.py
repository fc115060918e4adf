"""Reading Canvas back after a night: what is there against what should be. Repairs nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from homeroom.reference.canvas.client import CanvasClient, quoted_id
from homeroom.reference.canvas.rows import EnrollmentRow, Row

TYPE = {"student": "StudentEnrollment", "teacher": "TeacherEnrollment", "ta": "TaEnrollment"}
STATES = [("state[]", state) for state in ("active", "invited", "inactive", "completed", "deleted")]
PATHS = {
    "accounts": "api/v1/accounts/sis_account_id:",
    "terms": "api/v1/accounts/self/terms/sis_term_id:",
    "courses": "api/v1/courses/sis_course_id:",
    "sections": "api/v1/sections/sis_section_id:",
    "users": "api/v1/users/sis_user_id:",
}
FIELDS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "accounts": {"name": lambda row: row.name},
    "terms": {
        "name": lambda row: row.name,
        "start_at": lambda row: row.start_date,
        "end_at": lambda row: row.end_date,
    },
    "courses": {"name": lambda row: row.long_name},
    "sections": {"name": lambda row: row.name, "sis_course_id": lambda row: row.course_id},
    "users": {
        "login_id": lambda row: row.login_id,
        "name": lambda row: f"{row.first_name.strip()} {row.last_name.strip()}".strip(),
    },
}
"""What is compared of each kind: Canvas's key, and what our row says of it."""


class Drift(msgspec.Struct, frozen=True):
    """Where Canvas does not hold what the plan says: people's doing, or a fault."""

    kind: str
    id: str
    field: str
    expected: str
    found: str


def verify(canvas: CanvasClient, kind: str, rows: Iterable[Row]) -> Iterator[Drift]:
    """Read the objects of some rows and yield each difference."""
    if kind == "enrollments":
        sections: defaultdict[str, list[EnrollmentRow]] = defaultdict(list)
        for row in rows:
            assert isinstance(row, EnrollmentRow)  # noqa: S101 - narrows
            sections[row.section_id].append(row)
        for section_id, seats in sections.items():
            yield from _section(canvas, section_id, seats)
        return
    for row in rows if kind in PATHS else ():
        yield from _object(canvas, kind, row)


def _object(canvas: CanvasClient, kind: str, row: Any) -> Iterator[Drift]:
    found = canvas.find(PATHS[kind] + quoted_id(row.id[0]))
    gone = row.status == "deleted"
    if (found is None) is not gone:
        state = "deleted" if gone else "there"
        yield Drift(kind, row.id[0], "state", state, "nothing" if found is None else "there")
    if found is None or gone:
        return
    for name, expected in FIELDS[kind].items():
        # A section that was cross-listed by hand is in another course, and stays there.
        if name == "sis_course_id" and found.get("nonxlist_course_id") is not None:
            continue
        wanted, held = str(expected(row)), found.get(name)
        if held is not None and not _same(wanted, str(held)):
            yield Drift(kind, row.id[0], name, wanted, str(held))


def _section(
    canvas: CanvasClient, section_id: str, seats: Iterable[EnrollmentRow]
) -> Iterator[Drift]:
    section = f"api/v1/sections/sis_section_id:{quoted_id(section_id)}"
    if canvas.find(section) is None:
        yield Drift("enrollments", section_id, "section", "there", "nothing")
        return
    path = f"{section}/enrollments"
    held: dict[tuple[str, str], str] = {}
    for each in canvas.iter_all(path, STATES):
        held[str(each.get("sis_user_id")), each["type"]] = each["enrollment_state"]
    for seat in seats:
        found = held.get((seat.user_id, TYPE[seat.role]), "deleted")
        if found != seat.status and not (found == "invited" and seat.status == "active"):
            yield Drift(
                "enrollments",
                f"{section_id} {seat.user_id} {seat.role}",
                "state",
                seat.status,
                found,
            )


def _same(wanted: str, held: str) -> bool:
    if wanted == held or wanted.strip() == held:
        return True
    try:
        return datetime.fromisoformat(wanted) == datetime.fromisoformat(held)
    except (ValueError, TypeError):
        return False
