"""One import at work: upload to rows, rows to objects, and how it ends."""

import csv
import io
import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from homeroom.mocks.canvas.sis_import import batches as states
from homeroom.mocks.canvas.sis_import.batch_mode import (
    CLEANED,
    AbortedByThresholdError,
    clean_up,
)
from homeroom.mocks.canvas.sis_import.batches import SisBatch
from homeroom.mocks.canvas.sis_import.context import ImportContext, Importer
from homeroom.mocks.canvas.sis_import.csv_files import (
    CsvFile,
    Scan,
    read_rows,
    scan,
    to_columns,
)
from homeroom.mocks.canvas.sis_import.importers import IMPORTERS
from homeroom.mocks.canvas.sis_import.planning import plan_diff
from homeroom.mocks.canvas.sis_import.recognise import (
    COUNT_KEYS,
    PROCESSING_ORDER,
    recognise,
)
from homeroom.mocks.canvas.sis_import.uploads import (
    READ_ERRORS,
    BadContainerError,
    Container,
    add_attachment,
    add_member_attachment,
    hidden_columns,
    hide_columns,
    open_beside,
    pack,
)

if TYPE_CHECKING:
    from homeroom.mocks.canvas.sis_import.runner import ImportRunner
    from homeroom.mocks.canvas.world import CanvasWorld

log = logging.getLogger(__name__)
INLINE_ROWS = 50
BUFFER_ROWS = 100
UNKNOWN_HEADERS = "Couldn't find Canvas CSV import headers"


class AbortedError(Exception):
    """The import was aborted while it ran."""


class ImportJob:
    """Takes one import from `created` to its end, one state change at a call."""

    def __init__(self, world: "CanvasWorld", batch: SisBatch, runner: "ImportRunner") -> None:
        self.world, self.batch, self.runner = world, batch, runner
        self.store = world.store
        self.supplied: list[str] = []
        self._scans: dict[str, Scan] = {}
        self._rows_done = self._rows = 0
        self._broke = False
        self.context = ImportContext(
            batch,
            world.store,
            world.settings,
            clock=world.now,
            report_error=world.report_error,
            next_error_id=world.batches.next_error_id,
        )

    def begin(self) -> None:
        """Created -> importing."""
        batch, now = self.batch, self.world.now()
        batch.workflow_state, batch.started_at, batch.updated_at = states.IMPORTING, now, now
        batch.progress = 0

    async def advance(self) -> bool:
        """Go on to the next state; returns whether the import has ended."""
        if self.batch.workflow_state == states.ABORTED:
            raise AbortedError
        if self.batch.workflow_state == states.CLEANUP:
            await self._clean_up()
            return True
        if self.batch.fault == "stuck_import":
            await self._stay_stuck()
            return False
        try:
            await self._import()
            self._abort_if_asked(0)  # one without rows meets it here
        except AbortedError:
            raise
        except BadContainerError as error:
            self._broke = True
            self.context.crashed(None, error)
        except Exception as error:
            # Canvas's own job died: the import ends failed, the process goes on.
            self._broke = True
            self.context.crashed(None, error)
            log.exception("import %s broke", self.batch.id)
        if self._needs_clean_up():
            self.batch.workflow_state, self.batch.progress = states.CLEANUP, 0
            self.batch.updated_at = self.world.now()
            return False
        await self._finish()
        return True

    async def finish_aborted(self) -> None:
        """Note when an aborted import really stopped; what it applied stays."""
        await self._note_results()
        self.batch.ended_at = self.batch.updated_at = self.world.now()

    # -- the parts of an import ------------------------------------------------------------------

    async def _stay_stuck(self) -> None:
        """Do nothing until the import is aborted, or the mode of jobs changes."""
        await self.runner.wait_until(self.world.now() + timedelta(days=3650), self.batch)
        if self.batch.workflow_state == states.ABORTED:
            raise AbortedError

    async def _import(self) -> None:
        batch = self.batch
        if batch.attachment_id is None:
            return
        upload = self.store.attachments.get(batch.attachment_id)
        container = await open_beside(self.store, upload)
        for name in container.unknown:
            self.context.message(name, "Skipping unknown file type")
        files = await self._sort(container)
        self._offer_files([file for _, file in files])
        if batch.diffing_data_set_identifier is not None and not batch.batch_mode:
            files = await plan_diff(self, container, files)
        await self._process(files)

    async def _sort(self, container: Container) -> list[tuple[str, CsvFile]]:
        """Scan every file and tell its type; those refused whole are left out."""
        sorted_files: list[tuple[str, CsvFile]] = []
        for file in container.csv_files:
            found = self._scans[file.name] = await self.scan(file)
            kind = None if found.failure else recognise(found.header)
            failure = found.failure or (UNKNOWN_HEADERS if kind is None else None)
            if failure is not None:
                self.context.message(file.name, failure, failure=True)
            elif kind is not None:
                sorted_files.append((kind, file))
        return sorted_files

    async def scan(self, file: CsvFile) -> Scan:
        """Read a file through once: header, number of rows, and what refuses it whole."""
        told = Scan(header=[])
        try:
            for found in scan(file):
                told = found
                await self.breathe()
        except READ_ERRORS as error:
            raise BadContainerError(f"{file.name}: {error}") from error
        return told

    async def rescan(self, file: CsvFile) -> Scan:
        """Scan a file that takes the place of one of the same name."""
        found = self._scans[file.name] = await self.scan(file)
        return found

    def _offer_files(self, files: Sequence[CsvFile]) -> None:
        """Offer the uploaded CSV files for download; those with passwords without them."""
        batch = self.batch
        if batch.attachment_id is None:
            return
        source = self.store.attachments.get(batch.attachment_id)
        now = self.world.now()
        for file in files:
            hidden = hidden_columns(self._scans[file.name].header)
            if source.filename.lower().endswith(".zip"):
                offered = add_member_attachment(self.store, source, file, at=now)
            elif not hidden:
                offered = source
            else:
                offered = add_member_attachment(self.store, source, file, at=now)
                offered.member = None
            hide_columns(offered, hidden)
            batch.csv_attachment_ids.append(offered.id)
        batch.data["downloadable_attachment_ids"] = list(batch.csv_attachment_ids)

    async def _process(self, files: Sequence[tuple[str, CsvFile]]) -> None:
        batch = self.batch
        kinds = {kind for kind, _ in files}
        self.supplied = [kind for kind in PROCESSING_ORDER if kind in kinds]
        batch.data["supplied_batches"] = list(self.supplied)
        batch.data["completed_importers"] = []
        self._rows = sum(self._scans[file.name].rows for _, file in files)
        inline = self._rows + 1 <= INLINE_ROWS
        batch.data["running_immediately"] = inline
        segment = self._rows if inline else max(25, min(1000, -(-self._rows // 99)))
        for kind in PROCESSING_ORDER:
            for found, file in files:
                if found == kind:
                    await self._process_file(kind, file, max(1, segment))

    async def _process_file(self, kind: str, file: CsvFile, segment: int) -> None:
        columns = to_columns(self._scans[file.name].header)
        importer = IMPORTERS[kind](self.context, file.name, columns)
        rows = read_rows(file)
        while True:
            taken = 0
            while taken < segment:
                buffer = list(islice(rows, min(self._buffer_rows(), segment - taken)))
                if not buffer:
                    break
                taken += len(buffer)
                await self._work(importer, file, buffer)
            if not taken:
                return
            self.batch.data["completed_importers"].append(kind)

    def _buffer_rows(self) -> int:
        """Return how many rows go together: at a set rate a second's, so that they trickle in."""
        rate = self.world.settings["import_rows_per_s"]
        most = BUFFER_ROWS if rate is None else int(rate)
        if self.batch.fault == "abort_import":
            most = min(most, self._rows // 2)  # small imports are aborted half-way too
        return max(1, min(BUFFER_ROWS, most))

    async def _work(
        self, importer: Importer, file: CsvFile, buffer: list[tuple[int, list[str]]]
    ) -> None:
        batch = self.batch
        if batch.workflow_state == states.ABORTED:
            raise AbortedError
        self._abort_if_asked(self._rows // 2)
        rate = self.world.settings["import_rows_per_s"]
        if rate is not None:
            await self._pace(rate, len(buffer))
        try:
            importer.process(buffer)
        except Exception as error:
            self.context.crashed(file.name, error)
            log.exception("import %s: %s broke", batch.id, file.name)
        self._rows_done += len(buffer)
        batch.progress = min(99, self._rows_done * 100 // max(1, self._rows))
        await self.breathe()

    def _abort_if_asked(self, rows: int) -> None:
        """Let the fault `abort_import` have its way once so many rows are done."""
        if self.batch.fault == "abort_import" and self._rows_done >= rows:
            self.runner.abort(self.batch)
            raise AbortedError

    async def _pace(self, rate: float, rows: int) -> None:
        """Take as long over these rows, by the space's clock, as the set rate says."""
        started = self.batch.started_at
        if started is not None:
            due = started + timedelta(seconds=(self._rows_done + rows) / rate)
            await self.runner.wait_until(due, self.batch)
        if self.batch.workflow_state == states.ABORTED:
            raise AbortedError

    async def breathe(self) -> None:
        """Let others have their turn."""
        await self.runner.breathe()

    # -- how it ends ------------------------------------------------------------------------------

    def _needs_clean_up(self) -> bool:
        batch = self.batch
        if not batch.batch_mode or self._broke:
            return False
        named = batch.batch_mode_term_id is not None and CLEANED.intersection(self.supplied)
        return bool(batch.multi_term_batch_mode or named)

    async def _clean_up(self) -> None:
        batch = self.batch
        self.context.now = self.world.now()
        try:
            await clean_up(self.context, self.supplied, self.breathe)
        except AbortedByThresholdError as refused:
            self.context.message(None, str(refused))
            batch.workflow_state, batch.progress = states.ABORTED, 100
            await self.finish_aborted()
            return
        except NotImplementedError as error:
            await self._die(error)
            return
        await self._finish()

    async def _die(self, error: Exception) -> None:
        """End as when Canvas's job dies without having recorded an error."""
        batch, name = self.batch, type(error).__name__
        batch.data["error_message"], batch.data["stack_trace"] = name, f"{name}: {error}"
        batch.workflow_state = states.FAILED
        await self._note_results()
        batch.ended_at = batch.updated_at = self.world.now()

    async def _finish(self) -> None:
        batch = self.batch
        failed = batch.failure_count > 0
        if failed:
            batch.workflow_state = states.FAILED_WITH_MESSAGES
        elif batch.errors:
            batch.workflow_state = states.IMPORTED_WITH_MESSAGES
        else:
            batch.workflow_state = states.IMPORTED
        if not failed:
            batch.progress = 100
        await self._note_results()
        batch.ended_at = batch.updated_at = self.world.now()

    async def _note_results(self) -> None:
        batch, context = self.batch, self.context
        failures = batch.failure_count
        batch.data["counts"] = {
            **{key: context.counts[key] for key in COUNT_KEYS.values()},
            "error_count": failures,
            "warning_count": len(batch.errors) - failures,
            **{key: value for key, value in context.counts.items() if key.startswith("batch_")},
        }
        batch.data["statistics"] = context.changes.statistics()
        if batch.errors:
            await self._write_errors_file()

    async def _write_errors_file(self) -> None:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("sis_import_id", "file", "message", "row"))
        for error in self.batch.errors:
            writer.writerow((error.sis_import_id, error.file, error.message, error.row))
            await self.breathe()
        filename, content = f"sis_errors_attachment_{self.batch.id}.csv", out.getvalue().encode()
        attachment = add_attachment(
            self.store,
            filename=filename,
            content_type="text/csv",
            content=content,
            packed=await pack(filename, content),
            at=self.world.now(),
        )
        self.batch.errors_attachment_id = attachment.id
