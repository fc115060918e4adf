"""What a Canvas holds already, of each kind that a night would bring."""

from collections.abc import Iterator
from typing import Any

import msgspec

from homeroom.reference.canvas.client import CanvasClient

ROOT = "api/v1/accounts/self"
KINDS = ("accounts", "terms", "courses", "sections", "users")


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One object of Canvas; blanks for what it has not."""

    kind: str
    id: int
    sis_id: str = ""
    integration_id: str = ""
    name: str = ""
    login: str = ""
    email: str = ""
    # Canvas's number of the course a section stands in.
    course: int = 0


def read_holdings(client: CanvasClient) -> dict[str, list[Holding]]:
    """Read everything; deleted objects are not listed, though their SIS ids stay taken."""
    courses = list(client.iter_all(f"{ROOT}/courses"))
    readers: dict[str, Iterator[Holding]] = {
        "accounts": _accounts(client),
        "terms": _terms(client),
        "courses": (_holding("courses", one, "sis_course_id") for one in courses),
        "sections": _sections(client, courses),
        "users": _users(client),
    }
    return {kind: list(readers[kind]) for kind in KINDS}


def _accounts(client: CanvasClient) -> Iterator[Holding]:
    for one in client.iter_all(f"{ROOT}/sub_accounts", {"recursive": "true"}):
        yield _holding("accounts", one, "sis_account_id")


def _terms(client: CanvasClient) -> Iterator[Holding]:
    for one in client.iter_all(f"{ROOT}/terms", key="enrollment_terms"):
        if one.get("name") != "Default Term":  # every Canvas has it, no SIS brings it
            yield _holding("terms", one, "sis_term_id")


def _sections(client: CanvasClient, courses: list[Any]) -> Iterator[Holding]:
    for course in courses:
        for one in client.iter_all(f"api/v1/courses/{course['id']}/sections"):
            yield _holding("sections", one, "sis_section_id")


def _users(client: CanvasClient) -> Iterator[Holding]:
    for one in client.iter_all(f"{ROOT}/users", [("include[]", "email")]):
        yield _holding("users", one, "sis_user_id")


def _holding(kind: str, one: dict[str, Any], sis: str) -> Holding:
    return Holding(
        kind=kind,
        id=one["id"],
        sis_id=one.get(sis) or "",
        integration_id=one.get("integration_id") or "",
        name=one.get("name") or "",
        login=one.get("login_id") or "",
        email=one.get("email") or "",
        course=one.get("course_id") or 0,
    )
