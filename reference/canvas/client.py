"""The Canvas calls the service makes: SIS imports in, grades out, and reads that verify."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.errors import FatalError, RecordError, RetryableError
from homeroom.reference.transport import Params, Response, Transport, next_link, quoted

IMPORTS = "api/v1/accounts/self/sis_imports"


class SisImport(msgspec.Struct, kw_only=True):
    """A SIS import as Canvas tells it; `statistics` and `counts` are in `data`."""

    id: int
    workflow_state: str
    progress: float | None = None
    data: dict[str, Any] = {}
    processing_errors: list[Any] = []
    processing_warnings: list[Any] = []


class ImportMessage(msgspec.Struct, kw_only=True):
    """One warning or error of an import; `row` counts the header as 1."""

    file: str | None = None
    message: str = ""
    row: int | None = None


class CanvasClient:
    """One Canvas root account."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, path: str, params: Params = None) -> Any:
        """Read one object."""
        return self._json(self._transport.request("GET", path, params=params))

    def find(self, path: str) -> Any | None:
        """Read one object, or None where Canvas has none."""
        response = self._transport.request("GET", path)
        return None if response.status_code == 404 else self._json(response)

    def iter_all(
        self, path: str, params: Params = None, *, key: str | None = None
    ) -> Iterator[Any]:
        """Yield a list's items, following `Link: rel="next"` as given and never twice."""
        listed = [*(params.items() if isinstance(params, Mapping) else params or ())]
        url: str | None = path
        seen: set[str] = set()
        while url is not None:
            first = None if seen else [*listed, ("per_page", "100")]
            response = self._transport.request("GET", url, params=first)
            body = self._json(response)
            items = body.get(key) if key and isinstance(body, dict) else body
            if not isinstance(items, list):
                raise FatalError(f"reading {path}: the answer holds no list")
            yield from items
            seen.add(url)
            url = next_link(response)
            if url in seen:
                raise FatalError(f"reading {path}: Canvas's next link leads back to {url}")

    def create_sis_import(self, archive: Path, params: Mapping[str, str]) -> SisImport:
        """Send a zip as a SIS import.

        Raises:
            RetryableError: Canvas is unwell, and may or may not have the import.
        """
        with archive.open("rb") as file:
            files = {"attachment": (archive.name, file, "application/zip")}
            body: dict[str, Any] = {"data": dict(params), "files": files, "idempotent": False}
            response = self._transport.request("POST", IMPORTS, **body)
        if response.status_code >= 500:
            raise RetryableError(f"Canvas: {self._transport.describe(response)}")
        return msgspec.convert(self._json(response), SisImport)

    def get_sis_import(self, import_id: int) -> SisImport:
        """Read an import's state."""
        return msgspec.convert(self.get(f"{IMPORTS}/{import_id}"), SisImport)

    def newest_sis_imports(self) -> list[SisImport]:
        """Read the newest imports, newest first."""
        return msgspec.convert(self.get(IMPORTS)["sis_imports"], list[SisImport])

    def iter_import_messages(self, import_id: int) -> Iterator[ImportMessage]:
        """Yield every warning and error of an import."""
        for item in self.iter_all(f"{IMPORTS}/{import_id}/errors", key="sis_import_errors"):
            yield msgspec.convert(item, ImportMessage)

    def put_integration_data(self, course: int, assignment: int, data: Mapping[str, Any]) -> None:
        """Write what a sync wants remembered to the assignment itself.

        Raises:
            RecordError: Canvas refused it.
        """
        path = f"api/v1/courses/{course}/assignments/{assignment}"
        body = {"assignment": {"integration_data": data}}
        response = self._transport.request("PUT", path, json=body)
        if response.status_code != 200:
            said = self._transport.describe(response)
            raise RecordError(str(assignment), "integration_data", f"was not written: {said}")

    def _json(self, response: Response) -> Any:
        where = f"{response.request.method} {response.url.path}"
        if response.status_code != 200:
            remedy = {401: "; check the Canvas token", 403: "; the Canvas token lacks a right"}
            said = self._transport.describe(response) + remedy.get(response.status_code, "")
            raise FatalError(f"Canvas: {where}: {said}")
        try:
            return msgspec.json.decode(response.content)
        except msgspec.MsgspecError:
            raise FatalError(f"Canvas: {where}: the answer is no JSON") from None


def quoted_id(identifier: str) -> str:
    """Escape a Canvas id or a `sis_*_id:` one as a path segment."""
    return quoted(identifier).replace("%3A", ":")
