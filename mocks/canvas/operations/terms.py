"""Terms of the root account, read and changed by hand."""

from datetime import UTC, datetime
from typing import Any, cast

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.errors import bad_message, invalid_fields, not_found
from homeroom.mocks.canvas.ids import get_account, term_of
from homeroom.mocks.canvas.operations.accounts import READERS
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.params import required_group, text, texts, to_iso_instant, to_text
from homeroom.mocks.canvas.shapes.account import term_json
from homeroom.mocks.canvas.shapes.common import sight
from homeroom.mocks.canvas.sis_import.terms import OVERRIDE_TYPES
from homeroom.mocks.canvas.stickiness import write_by_hand
from homeroom.mocks.canvas.store import Term
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.request import Answer

STATES = frozenset({"active", "deleted"})
_FAR = datetime(9999, 1, 1, tzinfo=UTC)


def _root(account_id: str) -> CanvasWorld:
    world, account = current_world(), get_account(account_id)
    if account is not world.store.root_account:
        raise bad_message("Terms only belong to root_accounts.")
    return world


def _term(world: CanvasWorld, value: str) -> Term:
    term = term_of(world, value)
    if term is None:
        raise not_found()
    return term


async def list_terms(account_id: str) -> Answer:
    """Answer listTerms: latest first, those without dates before all others."""
    world = _root(account_id)
    if not auth.is_admin():
        auth.require(*READERS)
    asked = set(texts("workflow_state"))
    wanted = STATES if "all" in asked else (asked & STATES or {"active"})
    name = (text("term_name") or "").lower()
    chosen = [
        term
        for term in world.store.terms
        if term.workflow_state in wanted and name in term.name.lower()
    ]
    # Postgres sorts empty dates first when it sorts downwards.
    chosen.sort(key=lambda term: (-_stamp(term.start_at), -_stamp(term.end_at), term.id))
    sees, overrides = sight(None), "overrides" in texts("include")
    return paged(
        chosen,
        lambda term: term_json(term, sees, overrides=overrides),
        envelope="enrollment_terms",
    )


def _stamp(at: datetime | None) -> float:
    return (at or _FAR).timestamp()


async def get_term_by_id(account_id: str, id_: str) -> Answer:
    """Answer getTermById; deleted ones are found too."""
    world = _root(account_id)
    if not auth.is_admin():
        auth.require(*READERS)
    return term_json(_term(world, id_), sight(None), overrides=True)


async def create_term(account_id: str) -> Answer:
    """Answer createTerm."""
    world = _root(account_id)
    auth.require("manage_account_settings")
    asked = _asked()
    now = world.now()
    sis_id = _sis_id(world, asked, None)
    term = world.store.terms.add(
        Term(
            id=world.store.terms.next_id,
            name=to_text(asked.get("name")) or "",
            sis_source_id=sis_id,
            start_at=to_iso_instant(asked.get("start_at")),
            end_at=to_iso_instant(asked.get("end_at")),
            created_at=now,
            updated_at=now,
        )
    )
    _write_overrides(term, asked)
    return term_json(term, sight(None), overrides=True)


async def update_term(account_id: str, id_: str) -> Answer:
    """Answer updateTerm: what is changed by hand sticks."""
    world = _root(account_id)
    auth.require("manage_account_settings")
    term, asked = _term(world, id_), _asked()
    changes: dict[str, Any] = {}
    if "name" in asked:
        changes["name"] = to_text(asked["name"]) or ""
    for field in ("start_at", "end_at"):
        if field in asked:
            changes[field] = to_iso_instant(asked[field])
    if "sis_term_id" in asked and auth.manages_sis():
        sis_id = _sis_id(world, asked, term)
        world.store.terms.set_sis_id(term, sis_id)
    write_by_hand(term, at=world.now(), **changes)
    _write_overrides(term, asked)
    return term_json(term, sight(None), overrides=True)


async def delete_term(account_id: str, id_: str) -> Answer:
    """Answer deleteTerm; the default term and terms with courses stay."""
    world = _root(account_id)
    auth.require("manage_account_settings")
    term = _term(world, id_)
    if term is world.store.terms.rows[0]:
        raise invalid_fields({"workflow_state": "Cannot delete the default term"})
    if any(
        course.enrollment_term_id == term.id and course.workflow_state != "deleted"
        for course in world.store.courses
    ):
        raise invalid_fields({"workflow_state": "Cannot delete a term with active courses"})
    write_by_hand(term, at=world.now(), workflow_state="deleted")
    return term_json(term, sight(None), overrides=True)


def _asked() -> dict[str, Any]:
    return required_group("enrollment_term")


def _sis_id(world: CanvasWorld, asked: dict[str, Any], term: Term | None) -> str | None:
    sis_id = to_text(asked.get("sis_term_id")) if auth.manages_sis() else None
    if sis_id is not None and world.store.terms.by_sis_id.get(sis_id) not in (None, term):
        raise invalid_fields({"sis_source_id": f'SIS ID "{sis_id}" is already in use'})
    return sis_id


def _write_overrides(term: Term, asked: dict[str, Any]) -> None:
    overrides = asked.get("overrides")
    if not isinstance(overrides, dict):
        return
    for kind, dates in cast("dict[str, Any]", overrides).items():
        if kind in OVERRIDE_TYPES and isinstance(dates, dict):
            given = cast("dict[str, Any]", dates)
            start, end = (to_iso_instant(given.get(name)) for name in ("start_at", "end_at"))
            term.overrides[kind] = (start, end)
