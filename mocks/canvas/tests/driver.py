"""A district's side of Canvas in tests: sends imports and requests, and reads what came of them."""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from homeroom.mocks.canvas.fake import CanvasFake
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.space import DEFAULT_SPACE
from homeroom.mocks.harness.testing import NOW, OpenFake, Reply, open_fake

ACCOUNT = "/api/v1/accounts/1"
IMPORTS = f"{ACCOUNT}/sis_imports"

DISTRICT = {
    "accounts.csv": "account_id,parent_account_id,name,status\nA1,,North,active\n",
    "terms.csv": "term_id,name,status,start_date,end_date\nT1,Fall,active,2026-08-01,2026-12-20\n",
    "courses.csv": (
        "course_id,short_name,long_name,account_id,term_id,status\n"
        "C1,ALG,Algebra,A1,T1,active\nC2,BIO,Biology,A1,T1,active\n"
    ),
    "sections.csv": (
        "section_id,course_id,name,status\nS1,C1,Algebra 1,active\nS2,C2,Biology 1,active\n"
    ),
    "users.csv": (
        "user_id,login_id,status,first_name,last_name,email\n"
        "U1,ana,active,Ana,Ruiz,ana@x.org\nU2,ben,active,Ben,Oak,ben@x.org\n"
    ),
    "enrollments.csv": (
        "course_id,section_id,user_id,role,status\n"
        "C1,S1,U1,student,active\nC1,S1,U2,teacher,active\n"
    ),
}
"""A district of one account, term, two courses with a section each, a pupil and a teacher."""


@lru_cache(maxsize=1)
def _shared_fake() -> OpenFake:
    """Compile the contract once; every test gets a space of its own."""
    return open_fake(CanvasFake())


class Canvas:
    """One Canvas in process, asked as its admin unless told otherwise."""

    def __init__(self, *, now: datetime = NOW, manual: bool = False) -> None:
        self.fake = _shared_fake()
        spaces = self.fake.spaces
        if (old := spaces.find(DEFAULT_SPACE)) is not None:
            self.fake.run(spaces.drop(old))
        self.space = self.fake.run(spaces.create(now=now, name=DEFAULT_SPACE))
        self.fake.space = self.space
        world = self.space.worlds["canvas"]
        assert isinstance(world, CanvasWorld)
        self.world = world
        document: Mapping[str, Any] = self.fake.fake.document(self.space, "http://sis.test")
        self.token: str = document["canvas"]["token"]
        if manual:
            world.runner.mode = "manual"

    # -- requests -------------------------------------------------------------------------------

    def call(self, method: str, path: str, *, token: str | None = None, **rest: Any) -> Reply:
        """Send one request."""
        headers = {"Authorization": f"Bearer {token or self.token}", **rest.pop("headers", {})}
        return self.fake.call(method, path, headers=headers, **rest)

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        reply = self.call("GET", path, query=urlencode(query, doseq=True))
        assert reply.status == 200, reply.body
        return reply.json()

    def put(self, path: str, **fields: Any) -> Any:
        """Return the JSON of a PUT of JSON that must succeed."""
        reply = self.call("PUT", path, json=fields)
        assert reply.status == 200, reply.body
        return reply.json()

    # -- imports --------------------------------------------------------------------------------

    def send(
        self,
        content: bytes | str,
        *,
        type_: str = "text/csv",
        token: str | None = None,
        **options: Any,
    ) -> Reply:
        """Post an import as a raw body."""
        body = content.encode() if isinstance(content, str) else content
        return self.call(
            "POST", IMPORTS, token=token, body=body, query=urlencode(options),
            headers={"Content-Type": type_},
        )  # fmt: skip

    def load(self, files: str | Mapping[str, str | bytes], **options: Any) -> dict[str, Any]:
        """Import one CSV text, or a zip of named files, and return how it ended."""
        if isinstance(files, str):
            reply = self.send(files, **options)
        else:
            reply = self.send(zipped(files), type_="application/zip", **options)
        assert reply.status == 200, reply.body
        self.settle()
        return self.shown(reply.json()["id"])

    def settle(self) -> None:
        """Let the queue run until it rests."""
        self.fake.run(self.world.runner.run_due(self.world.now()))

    def step(self, count: int = 1) -> int:
        """In manual mode: make so many state changes."""
        return self.fake.run(self.world.runner.run_steps(count))

    def advance(self, seconds: float) -> None:
        """Move the space's clock on, as the control plane does."""
        self.space.clock.advance(seconds)
        self.fake.run(self.space.run_due_jobs())

    def shown(self, import_id: int) -> dict[str, Any]:
        """Return an import as the API shows it."""
        shown: dict[str, Any] = self.get(f"{IMPORTS}/{import_id}")
        return shown

    def warnings(self, files: str | Mapping[str, str | bytes], **options: Any) -> list[str]:
        """Import something and return the messages of its warnings."""
        ended = self.load(files, **options)
        return [message for _, message in ended.get("processing_warnings", [])]

    def failures(self, files: str | Mapping[str, str | bytes], **options: Any) -> list[str]:
        """Import something and return the messages of its failures."""
        ended = self.load(files, **options)
        return [message for _, message in ended.get("processing_errors", [])]

    # -- what Canvas holds ----------------------------------------------------------------------

    def account(self, sis_id: str) -> Any:
        """Return an account of the store, in whatever state."""
        return self.world.store.accounts.by_sis_id[sis_id]

    def term(self, sis_id: str) -> Any:
        """Return a term of the store, in whatever state."""
        return self.world.store.terms.by_sis_id[sis_id]

    def course(self, sis_id: str) -> Any:
        """Return a course of the store, in whatever state."""
        return self.world.store.courses.by_sis_id[sis_id]

    def section(self, sis_id: str) -> Any:
        """Return a section of the store, in whatever state."""
        return self.world.store.sections.by_sis_id[sis_id]

    def login(self, sis_id: str) -> Any:
        """Return a login of the store, in whatever state."""
        return self.world.store.pseudonyms.by_sis_id[sis_id]

    def user(self, sis_id: str) -> Any:
        """Return the user of a login."""
        return self.world.store.users.get(self.login(sis_id).user_id)

    def seats(self, user: str) -> list[tuple[str | None, str, str]]:
        """Return (section's SIS id or name, type, state) of a user's enrollments."""
        store = self.world.store
        return [
            (
                store.sections.get(one.section_id).sis_source_id,
                one.type,
                one.workflow_state,
            )
            for one in self.user(user).enrollments
        ]

    def close(self) -> None:
        """Stop what runs in the space."""
        self.fake.run(self.space.close())


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return an archive of named files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def escaped(value: str) -> str:
    """Return a value percent-encoded for a path."""
    return quote(value, safe="")
