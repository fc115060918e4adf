"""SIS imports over HTTP: sending, listing, aborting, restoring, and their errors."""

from typing import Any

from homeroom.mocks.canvas import auth
from homeroom.mocks.canvas.errors import bad_message, internal_error, not_found, record_invalid
from homeroom.mocks.canvas.ids import account_of, term_of
from homeroom.mocks.canvas.pagination import paged
from homeroom.mocks.canvas.params import (
    flag,
    params,
    text,
    texts,
    to_flag,
    to_integer,
    to_iso_instant,
)
from homeroom.mocks.canvas.shapes.progress import progress_json
from homeroom.mocks.canvas.shapes.sis_import import error_json, kept_errors, sis_import_json
from homeroom.mocks.canvas.sis_import import batches as states
from homeroom.mocks.canvas.sis_import.batches import SisBatch
from homeroom.mocks.canvas.sis_import.receiving import receive_upload
from homeroom.mocks.canvas.sis_import.restore import RestoreJob
from homeroom.mocks.canvas.store import Progress
from homeroom.mocks.canvas.world import CanvasWorld, current_world
from homeroom.mocks.harness.faults.acts import import_fault
from homeroom.mocks.harness.request import Answer, VendorError, current_request

ENROLLMENT_DROPS = ("deleted", "inactive", "completed", "deleted_last_completed")
USER_REMOVALS = ("deleted", "suspended")
MAX_IDENTIFIER = 128
READERS = ("import_sis", "manage_sis")


def _gate(account_id: str, *rights: str) -> CanvasWorld:
    """Check account, switch and right, in Canvas's order."""
    world = current_world()
    account = account_of(world, account_id)
    if account is None or account.workflow_state == "deleted":
        raise not_found()
    if account is not world.store.root_account:
        raise VendorError(400, {"errors": ["SIS imports can only be executed on root accounts"]})
    if not world.settings["allow_sis_import"]:
        raise VendorError(403, {"errors": ["SIS imports are not enabled for this account"]})
    auth.require(*rights)
    return world


def _find(world: CanvasWorld, import_id: str) -> SisBatch:
    batch = world.batches.find(int(import_id)) if import_id.isdecimal() else None
    if batch is None:
        raise not_found()
    return batch


async def create_sis_import(account_id: str) -> Answer:
    """Answer createSisImport: take the file, queue the import."""
    world = _gate(account_id, "import_sis")
    asked = params()
    term_id = _batch_mode_term(world)
    if (asked.get("import_type") or "instructure_csv") != "instructure_csv":
        raise internal_error(world.report_error())
    upload = await receive_upload(world)
    now = world.now()
    batch = world.batches.add(
        SisBatch(
            id=world.batches.next_id,
            user_id=auth.current_principal().user_id,
            workflow_state=states.INITIALIZING,
            created_at=now,
            updated_at=now,
        )
    )
    # What is refused from here on leaves an import behind that is never processed.
    _read_options(batch, term_id)
    batch.attachment_id = upload.id
    batch.workflow_state = states.CREATED
    batch.fault = import_fault(current_request())
    shown = sis_import_json(world, batch)
    world.runner.kick()
    return shown


def _batch_mode_term(world: CanvasWorld) -> int | None:
    if not flag("batch_mode"):
        return None
    asked = text("batch_mode_term_id")
    if asked is None:
        if "multi_term_batch_mode" in params():
            return None
        raise bad_message("Batch mode specified, but the given batch_mode_term_id cannot be found.")
    term = term_of(world, asked)
    if term is None or term.workflow_state != "active":
        raise not_found()
    return term.id


def _read_options(batch: SisBatch, term_id: int | None) -> None:
    asked = params()
    batch.change_threshold = to_integer(asked.get("change_threshold"))
    if flag("batch_mode"):
        batch.batch_mode = True
        batch.batch_mode_term_id = term_id
    if "multi_term_batch_mode" in asked:
        # Present is what counts, whatever its value.
        batch.batch_mode = True
        batch.multi_term_batch_mode = bool(to_flag(asked["multi_term_batch_mode"]))
        if batch.change_threshold is None:
            raise bad_message("change_threshold is required to use multi term_batch mode.")
    batch.batch_mode_enrollment_drop_status = _choice(
        "batch_mode_enrollment_drop_status", ENROLLMENT_DROPS
    )
    if flag("override_sis_stickiness"):
        batch.override_sis_stickiness = True
        batch.add_sis_stickiness = flag("add_sis_stickiness") or None
        batch.clear_sis_stickiness = flag("clear_sis_stickiness") or None
    batch.update_sis_id_if_login_claimed = flag("update_sis_id_if_login_claimed")
    batch.skip_deletes = flag("skip_deletes")
    identifier = text("diffing_data_set_identifier")
    if identifier is not None and not batch.batch_mode:
        if len(identifier) > MAX_IDENTIFIER:
            raise record_invalid(
                "diffing_data_set_identifier",
                f"is too long (maximum is {MAX_IDENTIFIER} characters)",
                "too_long",
            )
        batch.diffing_data_set_identifier = identifier
        batch.diffing_remaster = flag("diffing_remaster_data_set")
    batch.diffing_drop_status = _choice("diffing_drop_status", ENROLLMENT_DROPS)
    batch.diffing_user_remove_status = _choice("diffing_user_remove_status", USER_REMOVALS)
    rows = to_integer(asked.get("diff_row_count_threshold"))
    batch.diff_row_count_threshold = rows if rows is not None and rows > 0 else None


def _choice(name: str, choices: tuple[str, ...]) -> str | None:
    value = text(name)
    if value is not None and value not in choices:
        raise bad_message(f"Invalid {name}")
    return value


async def list_sis_imports(account_id: str) -> Answer:
    """Answer listSisImports: newest first, uncounted."""
    world = _gate(account_id, *READERS)
    since = to_iso_instant(params().get("created_since"))
    before = to_iso_instant(params().get("created_before"))
    wanted = {state for state in texts("workflow_state") if state in states.ALL_STATES}

    def fits(batch: SisBatch) -> bool:
        # To the second, as the answers show it: the instant of an import never includes it.
        created_at = batch.created_at.replace(microsecond=0)
        return (
            (since is None or created_at > since)
            and (before is None or created_at < before)
            and (not wanted or batch.workflow_state in wanted)
        )

    chosen = [batch for batch in reversed(world.batches.rows) if fits(batch)]
    return paged(
        chosen, lambda one: sis_import_json(world, one), envelope="sis_imports", counted=False
    )


async def list_importing_sis_imports(account_id: str) -> Answer:
    """Answer listImportingSisImports: what is being worked on."""
    world = _gate(account_id, *READERS)
    chosen = [batch for batch in world.batches if batch.workflow_state in states.RUNNING]
    return {"sis_imports": [sis_import_json(world, batch) for batch in chosen]}


async def get_sis_import(account_id: str, id_: str) -> Answer:
    """Answer getSisImport."""
    world = _gate(account_id, *READERS)
    return sis_import_json(world, _find(world, id_))


async def abort_sis_import(account_id: str, id_: str) -> Answer:
    """Answer abortSisImport; one that has ended is not found."""
    world = _gate(account_id, *READERS)
    batch = _find(world, id_)
    if batch.workflow_state not in states.NOT_COMPLETED:
        raise not_found()
    world.runner.abort(batch)
    return sis_import_json(world, batch)


async def abort_all_pending_sis_imports(account_id: str) -> Answer:
    """Answer abortAllPendingSisImports; one that runs goes on."""
    world = _gate(account_id, *READERS)
    world.runner.abort_all_pending()
    return {"aborted": True}


async def restore_sis_import_states(account_id: str, id_: str) -> Answer:
    """Answer restoreSisImportStates: a Progress, and the states go back."""
    world = _gate(account_id, "manage_sis")
    batch = _find(world, id_)
    undelete_only, unconclude_only = flag("undelete_only"), flag("unconclude_only")
    if undelete_only and unconclude_only:
        raise VendorError(
            400,
            "cannot set both undelete_only and unconclude_only",
            {"Content-Type": "text/plain; charset=utf-8"},
        )
    now = world.now()
    progress = world.store.progresses.add(
        Progress(
            id=world.store.progresses.next_id,
            context_id=batch.id,
            context_type="SisBatch",
            tag="sis_batch_state_restore",
            user_id=auth.current_principal().user_id,
            completion=0.0,
            created_at=now,
            updated_at=now,
        )
    )
    batch.workflow_state, batch.updated_at = states.RESTORING, now
    world.runner.restores.append(
        RestoreJob(
            batch=batch,
            progress_id=progress.id,
            batch_mode=flag("batch_mode"),
            undelete_only=undelete_only,
            unconclude_only=unconclude_only,
        )
    )
    shown: dict[str, Any] = progress_json(progress)
    world.runner.kick()
    return shown


async def list_sis_import_errors(account_id: str, id_: str) -> Answer:
    """Answer listSisImportErrors: one import's warnings and failures."""
    world = _gate(account_id, *READERS)
    return _errors(world, [_find(world, id_)])


async def list_account_sis_import_errors(account_id: str) -> Answer:
    """Answer listAccountSisImportErrors: those of all imports."""
    world = _gate(account_id, *READERS)
    return _errors(world, world.batches.rows)


def _errors(world: CanvasWorld, batches: list[SisBatch]) -> Answer:
    errors = kept_errors(world, batches)
    if flag("failure"):
        errors = [error for error in errors if error.failure]
    return paged(errors, error_json, envelope="sis_import_errors")
