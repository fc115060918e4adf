"""What a night notes of its reading, by which the next one knows whether it may go on from it."""

import hashlib
from collections.abc import Iterable

import msgspec

from homeroom.reference.errors import FatalError
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.paging import Page
from homeroom.reference.settings import Settings
from homeroom.reference.transport import Transport


class Stamps:
    """Notes each record's dateLastModified, and takes it off: it is no part of what is mapped."""

    def __init__(self) -> None:
        self.newest, self.doubt = "", ""

    def take(self, records: Iterable[oneroster.Record]) -> None:
        """Take the stamps off some records."""
        for record in records:
            stamp, record.date_last_modified = record.date_last_modified or "", None
            if not stamp.endswith("Z"):
                self.doubt = f"{record.sourced_id} has no dateLastModified in UTC"
            self.newest = max(self.newest, stamp)


def count_rows(transport: Transport, path: str) -> int | None:
    """Ask how many rows a collection has; None: the provider does not say. Raises FatalError."""
    response = transport.request("GET", path, params={"limit": "1", "offset": "0"})
    if response.status_code != 200:
        raise FatalError(f"counting {path}: {transport.describe(response)}")
    try:
        return Page(response, path, oneroster.Record).total
    except msgspec.MsgspecError as error:
        raise FatalError(f"counting {path}: {error}") from None


def digest_of(settings: Settings) -> str:
    """Give a digest of all settings that a plan hangs on."""
    # How much of a plan is listed changes nothing of the plan.
    service = msgspec.structs.replace(settings.service, plan_rows=1)
    told = settings.oneroster_url, settings.canvas_url, settings.choices, service
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()
