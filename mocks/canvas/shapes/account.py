"""Accounts and terms as Canvas shows them. Source: canvas-rest-api.md 4.1 and 4.2."""

from typing import Any

from homeroom.mocks.canvas.shapes.common import Sight, when
from homeroom.mocks.canvas.store import Account, Term
from homeroom.mocks.canvas.world import CanvasWorld

QUOTAS_MB = {
    "default_storage_quota_mb": 500,
    "default_user_storage_quota_mb": 50,
    "default_group_storage_quota_mb": 50,
}


def account_json(world: CanvasWorld, account: Account, sees: Sight) -> dict[str, Any]:
    """Write an account; the root account has no SIS keys at all."""
    root = world.store.root_account
    is_root = account is root
    shown: dict[str, Any] = {
        "id": account.id,
        "name": account.name,
        "workflow_state": account.workflow_state,
        "parent_account_id": account.parent_account_id,
        "root_account_id": None if is_root else root.id,
        "uuid": account.uuid,
        **(QUOTAS_MB | account.quotas_mb),
        "default_time_zone": world.store.time_zone_of(account),
        "course_template_id": None,
    }
    if not is_root and sees.reads_sis:
        shown["sis_account_id"] = account.sis_source_id
        shown["integration_id"] = account.integration_id
    if not is_root and sees.manages_sis:
        shown["sis_import_id"] = account.sis_batch_id
    return shown


def term_json(term: Term, sees: Sight, *, overrides: bool = False) -> dict[str, Any]:
    """Write a term; its dates by enrollment type when asked for."""
    shown: dict[str, Any] = {
        "id": term.id,
        "name": term.name,
        "start_at": when(term.start_at),
        "end_at": when(term.end_at),
        "created_at": when(term.created_at),
        "workflow_state": term.workflow_state,
        "grading_period_group_id": term.grading_period_group_id,
    }
    if sees.reads_sis:
        shown["sis_term_id"] = term.sis_source_id
    if sees.manages_sis:
        shown["sis_import_id"] = term.sis_batch_id
    if overrides:
        shown["overrides"] = {
            kind: {"start_at": when(start), "end_at": when(end)}
            for kind, (start, end) in term.overrides.items()
        }
    return shown
