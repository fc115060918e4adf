"""Tampering with a right service's traffic: what it reads from both peers and what it writes."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from typing import IO, Any, ClassVar
from urllib.parse import urlsplit

from homeroom.reference.transport import Response, Transport, next_link

Row = dict[str, str]
Files = dict[str, list[Row]]
Body = dict[str, Any]

MUTANTS: dict[str, type["Wire"]] = {}


class Wire:
    """A right service; a subclass is a mutant by overriding one hook. Its docstring is its bug."""

    kills: ClassVar[tuple[str, ...]] = ()
    """Requirements, any one of which must catch it."""
    toml: ClassVar[str] = ""
    """Lines for its homeroom.toml, where its bug needs a declared choice or a setting."""

    def __init_subclass__(cls) -> None:
        if not cls.__name__.startswith("_"):  # what several mutants share
            MUTANTS[re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()] = cls

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._focus = urlsplit(environ["ONEROSTER_BASE_URL"]).netloc
        self.now = environ["HOMEROOM_NOW"]
        self._memory = Path(environ["HOMEROOM_STATE_DIR"]) / "mutant.json"
        self._lock = Lock()

    # Hooks: what a bug changes. Each returns its argument as a right service would leave it.

    def record(self, collection: str, record: Body) -> Body:
        """Change a provider record on its way in; to lose one, mark it tobedeleted."""
        return record

    def files(self, files: Files) -> Files:
        """Change the rows of a SIS import, by CSV type."""
        return files

    def form(self, fields: dict[str, str]) -> dict[str, str]:
        """Change the parameters of a SIS import."""
        return fields

    def item(self, kind: str, item: Body) -> Body | None:
        """Change what Canvas serves (assignments, submissions, enrollments); None leaves it out."""
        return item

    def grade(self, kind: str, sourced_id: str, body: Body) -> tuple[str, Body] | None:
        """Change a line item or result on its way out; None swallows it."""
        return sourced_id, body

    def note(self, body: Body) -> Body:
        """Change what a grade sync notes at an assignment in Canvas."""
        return body

    def provider_answer(self, response: Response) -> Response:
        """Change a provider's whole answer."""
        return response

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        """Act at the end of a run; returns the exit code."""
        return exit_code

    def command(self, command: str) -> str:
        """Run another command than was asked for; `nothing` exits 0 at once, `hold` exits 4."""
        return command

    def assignments(self, items: list[Body]) -> list[Body]:
        """Change the whole list of assignments that Canvas has for the SIS."""
        return items

    # What hooks may use.

    def seen(self, *key: str) -> bool:
        """Say whether this history remembers a key."""
        return list(key) in self._known()

    def is_new(self, *key: str) -> bool:
        """Say whether this key is seen for the first time in this history, and remember it."""
        with self._lock:  # records are read in several threads
            known = self._known()
            if list(key) in known:
                return False
            fresh = self._memory.with_suffix(".new")
            fresh.write_text(json.dumps([*known, list(key)]))
            fresh.replace(self._memory)
        return True

    def remembered(self, first: str) -> list[str]:
        """Return the second words of the keys that begin with `first`."""
        return [key[1] for key in self._known() if key[0] == first and len(key) > 1]

    def ask_canvas(self, path: str) -> Any:
        """Read something else from Canvas, a list to its last page."""
        response = self._ask(path)
        found = response.json()
        while isinstance(found, list) and (url := next_link(response)):
            response = self._ask(url)
            found += response.json()
        return found

    def _known(self) -> list[list[str]]:
        text = self._memory.read_text() if self._memory.exists() else "[]"
        known: list[list[str]] = json.loads(text)
        return known

    def install(self) -> None:
        """Put the mutant between the service and its peers."""
        original = Transport.request

        def request(transport: Transport, method: str, url: str, **given: Any) -> Response:
            return self._request(partial(original, transport), method, transport.url(url), given)

        Transport.request = request  # type: ignore[method-assign,assignment] # that is a mutant

    def _request(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        parts = urlsplit(url)
        if parts.netloc == self._focus:
            return self._to_focus(send, method, url, given)
        self._ask = partial(self._get, send, url)
        if method == "POST" and parts.path.endswith("/sis_imports"):
            name, archive, type_ = given["files"]["attachment"]
            given["files"] = {"attachment": (name, self._tamper_zip(archive), type_)}
            given["data"] = self.form(dict(given["data"]))
        if method == "PUT":
            given["json"] = self.note(given["json"])
        response = send(method, url, **given)
        if method == "GET" and response.status_code == 200:
            return self._from_canvas(parts.path, response)
        return response

    @staticmethod
    def _get(send: Callable[..., Response], url: str, path: str) -> Response:
        if path.startswith("http"):
            return send("GET", path)
        parts = urlsplit(url)
        prefix = parts.path.partition("/api/")[0]
        return send("GET", f"{parts.scheme}://{parts.netloc}{prefix}/api/v1/{path}")

    def _to_focus(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        if method == "GET":
            response = self.provider_answer(send(method, url, **given))
            return self._from_focus(response) if response.status_code == 200 else response
        [(kind, body)] = given["json"].items()
        where, _, sourced_id = url.rpartition("/")
        changed = self.grade(kind, sourced_id, dict(body))
        if changed is None:
            return answer(send("GET", f"{where}?limit=1"), {kind: body})
        sourced_id, body = changed
        return send(method, f"{where}/{sourced_id}", **{**given, "json": {kind: body}})

    def _from_focus(self, response: Response) -> Response:
        try:
            body = response.json()
        except ValueError:
            return response  # it broke off, and the service has to see that
        for name, value in body.items():
            if isinstance(value, list) and name != "warnings":
                body[name] = [self.record(name, record) for record in value]
        return answer(response, body)

    def _from_canvas(self, path: str, response: Response) -> Response:
        body, kind = response.json(), path.rpartition("/")[2]
        if kind == "submissions":
            for student in body:
                student["submissions"] = self._items(kind, student["submissions"])
        elif "/api/sis/" in path and kind == "assignments":
            body = self._items(kind, self.assignments(body))
        elif kind == "enrollments":
            body = self._items(kind, body)
        else:
            return response
        return answer(response, body)

    def _items(self, kind: str, items: list[Body]) -> list[Body]:
        changed = (self.item(kind, item) for item in items)
        return [item for item in changed if item is not None]

    def _tamper_zip(self, archive: bytes | IO[bytes]) -> bytes:
        files, heads = Files(), dict[str, list[str]]()
        whole = archive if isinstance(archive, bytes) else archive.read()
        with zipfile.ZipFile(io.BytesIO(whole)) as found:
            for name in found.namelist():
                reader = csv.DictReader(io.StringIO(found.read(name).decode()))
                kind = name.removesuffix(".csv")
                heads[kind], files[kind] = list(reader.fieldnames or ()), list(reader)
        files = self.files(files)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for kind, rows in files.items():
                text = io.StringIO()
                head = heads.get(kind) or list(rows[0])  # a file of the mutant's own
                writer = csv.DictWriter(text, head, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
                made.writestr(f"{kind}.csv", text.getvalue())
        return out.getvalue()


def answer(response: Response, body: Any) -> Response:
    """Return `response` with another body, and without the headers that told of the old one."""
    dropped = ("content-length", "content-encoding", "transfer-encoding")
    headers = {name: value for name, value in response.headers.items() if name not in dropped}
    return Response(200, headers=headers, json=body, request=response.request)


def rows_of(files: Files, kind: str, change: Callable[[Row], Row | None]) -> Files:
    """Return the files with every row of a kind changed, or left out where `change` gives None."""
    if kind not in files:
        return files
    changed = (change(row) for row in files[kind])
    return {**files, kind: [row for row in changed if row is not None]}
