"""Finding objects by every id form that Canvas takes in a path or a parameter."""

import binascii
import re
from typing import Any, Protocol, TypeVar

from homeroom.mocks.canvas.auth import current_principal
from homeroom.mocks.canvas.errors import not_found
from homeroom.mocks.canvas.store import (
    Account,
    Assignment,
    CanvasStore,
    Course,
    Pseudonym,
    Section,
    SisTable,
    Term,
    User,
)
from homeroom.mocks.canvas.world import CanvasWorld, current_world

RowT = TypeVar("RowT", Account, Course, Section, Term)
_NUMBER = re.compile(r"\d{1,18}")
_HEX = "hex:"


def split_id(value: Any) -> tuple[str, str] | None:
    """Return (form, rest) of an id: ("id", "12"), ("sis_user_id", "a b"), ("self", "")...

    None when it can find nothing: a bare word that is no number, white space inside the form,
    broken hex.
    """
    text = str(value).strip()
    if _NUMBER.fullmatch(text):
        return "id", text
    form, colon, rest = text.partition(":")
    if form == "hex" and colon:
        form, colon, digits = rest.partition(":")
        try:
            rest = binascii.unhexlify(digits).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
    if not colon:
        return (text, "") if text in ("self", "default", "current", "site_admin") else None
    if form == "id" or not re.fullmatch(r"\w+", form) or not rest:
        return None
    return form, rest


def _by_sis(
    table: SisTable[RowT], value: Any, sis_form: str, *, words: dict[str, int] | None = None
) -> RowT | None:
    split = split_id(value)
    if split is None:
        return None
    form, rest = split
    if form == "id":
        return table.find(int(rest))
    if form == sis_form:
        return table.by_sis_id.get(rest)
    if form == "sis_integration_id":
        return table.by_integration_id.get(rest)
    if form in ("uuid", "lti_context_id"):
        return next((row for row in table if getattr(row, "uuid", None) == rest), None)
    if words and form in words and not rest:
        return table.find(words[form])
    return None


def account_of(world: CanvasWorld, value: Any) -> Account | None:
    """Return the account of an id in any form, in any state, or None."""
    root = world.store.root_account.id
    return _by_sis(
        world.store.accounts, value, "sis_account_id", words={"self": root, "default": root}
    )


def course_of(world: CanvasWorld, value: Any) -> Course | None:
    """Return the course of an id in any form, in any state, or None."""
    return _by_sis(world.store.courses, value, "sis_course_id")


def section_of(world: CanvasWorld, value: Any) -> Section | None:
    """Return the section of an id in any form, in any state, or None."""
    return _by_sis(world.store.sections, value, "sis_section_id")


def term_of(world: CanvasWorld, value: Any) -> Term | None:
    """Return the term of an id in any form, in any state, or None."""
    split = split_id(value)
    if split == ("default", ""):
        return world.store.terms.rows[0]
    if split == ("current", ""):
        now = world.now()
        current = [
            term
            for term in world.store.terms
            if term.workflow_state == "active"
            and (term.start_at or term.end_at)
            and (term.start_at is None or term.start_at <= now)
            and (term.end_at is None or term.end_at >= now)
        ]
        return current[0] if len(current) == 1 else None
    return _by_sis(world.store.terms, value, "sis_term_id")


def user_of(world: CanvasWorld, value: Any) -> User | None:
    """Return the user of an id in any form, or None; a deleted login finds nobody."""
    split = split_id(value)
    if split is None:
        return None
    form, rest = split
    store = world.store
    match form:
        case "id":
            return store.users.find(int(rest))
        case "self":
            me = current_principal().user_id
            return None if me is None else store.users.find(me)
        case "sis_user_id":
            return _owner(store, store.pseudonyms.by_sis_id.get(rest))
        case "sis_integration_id":
            return _owner(store, store.pseudonyms.by_integration_id.get(rest))
        case "sis_login_id":
            live = [p for p in store.pseudonyms.of_login(rest) if p.workflow_state != "deleted"]
            return _owner(store, live[0]) if live else None
        case "uuid" | "lti_user_id" | "lti_1_1_id" | "lti_1_3_id":
            return next((user for user in store.users if store.uuid("user", user.id) == rest), None)
        case _:
            return None


def _owner(store: CanvasStore, login: Pseudonym | None) -> User | None:
    if login is None or login.workflow_state == "deleted":
        return None
    return store.users.find(login.user_id)


def assignment_of(world: CanvasWorld, value: Any, course: Course) -> Assignment | None:
    """Return the assignment of a course by an id in any form, in any state, or None."""
    split = split_id(value)
    if split is None:
        return None
    form, rest = split
    if form == "id":
        found = world.store.assignments.find(int(rest))
        return found if found is not None and found.course_id == course.id else None
    if form == "lti_context_id":
        uuid_of = world.store.uuid
        return next((a for a in course.assignments if uuid_of("assignment", a.id) == rest), None)
    if form == "sis_assignment_id":
        named = [one for one in course.assignments if one.sis_source_id == rest]
        # A deleted one keeps its SIS id; one that took it over comes first.
        return min(named, key=lambda one: one.workflow_state == "deleted", default=None)
    return None


# -- the same, for the request being answered: a live object or Canvas's 404 --------------------


def _live(row: Any, *, deleted: bool) -> Any:
    if row is None or (row.workflow_state == "deleted" and not deleted):
        raise not_found()
    return row


def get_account(value: Any, *, deleted: bool = False) -> Account:
    """Return the account of an id; raises Canvas's 404."""
    account: Account = _live(account_of(current_world(), value), deleted=deleted)
    return account


def get_course(value: Any, *, deleted: bool = False) -> Course:
    """Return the course of an id; raises Canvas's 404, for deleted ones too unless asked for."""
    course: Course = _live(course_of(current_world(), value), deleted=deleted)
    return course


def get_section(value: Any, *, deleted: bool = False) -> Section:
    """Return the section of an id; raises Canvas's 404."""
    section: Section = _live(section_of(current_world(), value), deleted=deleted)
    return section


def get_term(value: Any, *, deleted: bool = False) -> Term:
    """Return the term of an id; raises Canvas's 404."""
    term: Term = _live(term_of(current_world(), value), deleted=deleted)
    return term


def get_user(value: Any, *, deleted: bool = False) -> User:
    """Return the user of an id; raises Canvas's 404."""
    user: User = _live(user_of(current_world(), value), deleted=deleted)
    return user


def get_assignment(value: Any, course: Course, *, deleted: bool = False) -> Assignment:
    """Return an assignment of a course by its id; raises Canvas's 404."""
    assignment: Assignment = _live(assignment_of(current_world(), value, course), deleted=deleted)
    return assignment


class Findable(Protocol):
    """A table that finds its rows by Canvas id."""

    def find(self, row_id: int, /) -> Any:
        """Return a row or None."""
        ...


def get_by_number(table: Findable, value: Any) -> Any:
    """Return a row that has only a Canvas id, whatever its state; raises Canvas's 404."""
    split = split_id(value)
    row = table.find(int(split[1])) if split is not None and split[0] == "id" else None
    if row is None:
        raise not_found()
    return row
