"""Sending a SIS import once, however often we are killed on the way.

What is under way is written down before it starts. After a crash the peer is asked first: an
import that Canvas has is awaited, never sent again.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from homeroom.reference.canvas.client import CanvasClient
from homeroom.reference.errors import FatalError, RetryableError
from homeroom.reference.roster.apply import ImportFailedError
from homeroom.reference.workflows.state import read_json, write_json

SENDS = 3
_log = logging.getLogger(__name__)


class Underway(msgspec.Struct, kw_only=True):
    """What is being sent: the newest import there was before, then ours."""

    newest_before: int
    import_id: int | None = None


def start_import(canvas: CanvasClient, run: Path, params: Mapping[str, str]) -> int:
    """Have Canvas take a run's zip, and give the id of the import, old or new.

    Raises:
        ImportFailedError: Canvas refused it.
        FatalError: It is not known whether Canvas took it; the next run asks again.
    """
    path = run / "underway.json"
    underway = read_json(path, Underway)
    if underway is None:
        newest = canvas.newest_sis_imports()
        underway = Underway(newest_before=newest[0].id if newest else 0)
        write_json(path, underway)
    elif underway.import_id is None:
        underway.import_id = _ours(canvas, underway)
    sends = 0
    while underway.import_id is None:
        if (sends := sends + 1) > SENDS:
            raise FatalError("Canvas has not answered for the SIS import; the next run asks again")
        try:
            underway.import_id = canvas.create_sis_import(run / "import.zip", params).id
        except FatalError as error:
            raise ImportFailedError(str(error)) from None
        except RetryableError as error:
            _log.warning("%s; asking Canvas whether it has the import", error)
            underway.import_id = _ours(canvas, underway)
    write_json(path, underway)
    return underway.import_id


def _ours(canvas: CanvasClient, underway: Underway) -> int | None:
    """Find an import that came after we wrote down that we would send one.

    One account takes its roster from one service, so whatever came since is ours.
    """
    since = [each.id for each in canvas.newest_sis_imports() if each.id > underway.newest_before]
    return min(since, default=None)
