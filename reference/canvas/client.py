"""The Canvas calls the service makes: SIS imports in, grades out, and reads that verify."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.transport import Params, Response, Transport, next_link, quoted

PER_PAGE = "100"


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
        response = self._transport.request("GET", path, params=[*listed, ("per_page", PER_PAGE)])
        seen: set[str] = set()
        while True:
            body = self._json(response)
            try:
                yield from body[key] if key else body
            except (KeyError, TypeError):
                raise FatalError(f"reading {path}: the answer holds no list of {key}") from None
            url = next_link(response)
            if url is None:
                return
            if url in seen:
                raise FatalError(f"reading {path}: Canvas's next link leads back to {url}")
            seen.add(url)
            response = self._transport.request("GET", url)

    def create_sis_import(self, archive: Path, params: Mapping[str, str]) -> SisImport:
        """Send a zip as a SIS import.

        Raises:
            RetryableError: The connection failed; Canvas may or may not have the import.
        """
        response = self._transport.request(
            "POST",
            "api/v1/accounts/self/sis_imports",
            data=dict(params),
            files={"attachment": (archive.name, archive.read_bytes(), "application/zip")},
            idempotent=False,
        )
        return msgspec.convert(self._json(response), SisImport)

    def get_sis_import(self, import_id: int) -> SisImport:
        """Read an import's state."""
        return msgspec.convert(self.get(f"api/v1/accounts/self/sis_imports/{import_id}"), SisImport)

    def newest_sis_imports(self) -> list[SisImport]:
        """Read the newest imports, newest first."""
        body = self.get("api/v1/accounts/self/sis_imports", {"per_page": "20"})
        return msgspec.convert(body["sis_imports"], list[SisImport])

    def iter_import_messages(self, import_id: int) -> Iterator[ImportMessage]:
        """Yield every warning and error of an import."""
        path = f"api/v1/accounts/self/sis_imports/{import_id}/errors"
        for item in self.iter_all(path, key="sis_import_errors"):
            yield msgspec.convert(item, ImportMessage)

    def iter_sis_assignments(self, course: str | None = None) -> Iterator[Any]:
        """Yield the assignments marked for the SIS, of one course or of all, by course."""
        where = f"courses/{quoted_id(course)}" if course else "accounts/self"
        return self.iter_all(f"api/sis/{where}/assignments", [("include[]", "student_overrides")])

    def put_integration_data(self, course: int, assignment: int, data: Mapping[str, Any]) -> None:
        """Write what a sync wants remembered to the assignment itself.

        Raises:
            RecordError: Canvas refused it.
        """
        response = self._transport.request(
            "PUT",
            f"api/v1/courses/{course}/assignments/{assignment}",
            json={"assignment": {"integration_data": data}},
        )
        if response.status_code != 200:
            said = self._transport.describe(response)
            raise RecordError(str(assignment), "integration_data", f"was not written: {said}")

    def _json(self, response: Response) -> Any:
        if response.status_code != 200:
            where = f"{response.request.method} {response.url.path}"
            remedy = {
                401: ". Check the Canvas token",
                403: ". The Canvas token lacks a right that this needs",
            }.get(response.status_code, "")
            raise FatalError(f"Canvas: {where}: {self._transport.describe(response)}{remedy}")
        try:
            return msgspec.json.decode(response.content)
        except msgspec.MsgspecError:
            raise FatalError(
                f"Canvas: {response.url.path} answered 200 with something that is no JSON"
            ) from None


def quoted_id(identifier: str) -> str:
    """Escape a Canvas id or a `sis_*_id:` one as a path segment."""
    return quoted(identifier).replace("%3A", ":")
