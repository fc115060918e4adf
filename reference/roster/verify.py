"""Reading Canvas back after a night: what is there against what should be. Repairs nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from homeroom.reference.canvas.client import CanvasClient, quoted_id
from homeroom.reference.transport import Params

TYPE = {"student": "StudentEnrollment", "teacher": "TeacherEnrollment", "ta": "TaEnrollment"}
EVERY_STATE: Params = [
    ("state[]", state) for state in ("active", "invited", "inactive", "completed", "deleted")
]
OBJECTS = {
    # What Canvas knows each kind by; what is compared, by Canvas's key: our row's field.
    "accounts": ("accounts/sis_account_id:", {"name": "name"}),
    "terms": ("accounts/self/terms/sis_term_id:", {"name": "name"}),
    "courses": ("courses/sis_course_id:", {"name": "long_name"}),
    "sections": ("sections/sis_section_id:", {"name": "name", "sis_course_id": "course_id"}),
    "users": ("users/sis_user_id:", {"login_id": "login_id"}),
}


class Drift(msgspec.Struct, frozen=True):
    """Where Canvas does not hold what the plan says: people's doing, or a fault."""

    kind: str
    id: str
    field: str
    expected: str
    found: str


def verify(canvas: CanvasClient, kind: str, rows: Iterable[Any]) -> Iterator[Drift]:
    """Read the objects of some rows and yield each difference."""
    sections: dict[str, dict[tuple[str, str], str]] = {}
    for row in rows:
        if kind in OBJECTS:
            yield from _object(canvas, kind, row)
        elif kind == "enrollments":
            if row.section_id not in sections:
                sections[row.section_id] = _seats(canvas, row.section_id)
            found = sections[row.section_id].get((row.user_id, TYPE[row.role]), "deleted")
            if found != row.status:
                yield Drift(kind, " ".join(row.id), "state", row.status, found)


def _seats(canvas: CanvasClient, section_id: str) -> dict[tuple[str, str], str]:
    section = f"api/v1/sections/sis_section_id:{quoted_id(section_id)}"
    there = canvas.find(section) is not None
    listed = canvas.iter_all(f"{section}/enrollments", EVERY_STATE) if there else ()
    return {(each["sis_user_id"], each["type"]): each["enrollment_state"] for each in listed}


def _object(canvas: CanvasClient, kind: str, row: Any) -> Iterator[Drift]:
    path, fields = OBJECTS[kind]
    found: Any = canvas.find(f"api/v1/{path}{quoted_id(row.id[0])}")
    if (found is None) is not (row.status == "deleted"):
        yield Drift(kind, row.id[0], "state", row.status, "there" if found else "nothing")
    for name, ours in fields.items() if found and row.status != "deleted" else ():
        wanted, held = getattr(row, ours).strip(), found.get(name)
        # A section that was cross-listed by hand is in another course, and stays there.
        moved = name == "sis_course_id" and found["nonxlist_course_id"]
        if held and not moved and wanted != held:
            yield Drift(kind, row.id[0], name, wanted, str(held))
