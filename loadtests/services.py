"""The reference service with many districts, each connected to fakes of its own."""

import contextlib
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from homeroom.lifeline import STDIN, VARIABLE
from homeroom.loadtests.plan import World
from homeroom.loadtests.profiles import LoadError
from homeroom.loadtests.targets import Target, TargetKind
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Bearer, Transport

CONNECT_S = 120.0
POLL_S = 0.2


class ServiceShape(msgspec.Struct, frozen=True, kw_only=True):
    """How the reference service is run."""

    workers: int = 2
    """Districts side by side in each process."""
    processes: int = 0
    """Processes of `homeroom work`; none: the service works by itself."""
    database: str = ""
    """PostgreSQL, and an empty one; several processes need it."""


def check_shape(shape: ServiceShape, *, nights: bool) -> None:
    """Refuse a shape that cannot be. Raises LoadError."""
    if shape != ServiceShape() and not nights:
        raise LoadError(
            "--service-workers, --service-processes and --database are about the reference "
            "service: the profile service-nights loads it"
        )
    if shape.processes and not shape.database.startswith("postgresql"):
        raise LoadError(
            f"--service-processes {shape.processes}: one process at a time may work on SQLite; "
            "give an empty PostgreSQL: --database postgresql+psycopg://..."
        )


@contextlib.contextmanager
def started_service(
    fakes: Target,
    documents: Sequence[Mapping[str, Any]],
    *,
    shape: ServiceShape,
    environ: Mapping[str, str],
) -> Generator[Target]:
    """Start the service and bring every district to its first night; yield it as the target.

    Raises LoadError: it did not start, or a district did not come through its onboarding.
    """
    token = secrets.token_urlsafe(32)
    with (
        tempfile.TemporaryDirectory(prefix="homeroom-load-service-") as state,
        contextlib.ExitStack() as stack,
    ):
        where = ["--state", state, *(["--database", shape.database] if shape.database else [])]
        variables = {
            **{key: value for key, value in environ.items() if not key.startswith("LOCUST_")},
            "HOMEROOM_ADMIN_TOKENS": f"load={token}",
            VARIABLE: STDIN,
        }
        own = 0 if shape.processes else shape.workers
        serve = ["serve", "--port", "0", "--private-peers", "--workers", str(own), *where]
        ready, pid = stack.enter_context(_running(serve, Path(state), variables))
        pids = {"service": pid}
        for number in range(shape.processes):
            work = ["work", "--private-peers", "--workers", str(shape.workers), *where]
            _, pid = stack.enter_context(_running(work, Path(state), variables))
            pids[f"service process {number + 1}"] = pid
        yield _onboard(fakes, documents, str(ready["api"]), token, pids)


@contextlib.contextmanager
def _running(
    arguments: Sequence[str], state: Path, variables: Mapping[str, str]
) -> Generator[tuple[dict[str, Any], int]]:
    """Start one process of the service; give what it says when it is ready, and its pid."""
    verb = arguments[0]
    with (
        tempfile.NamedTemporaryFile(dir=state, prefix=f"{verb}-", suffix=".log") as log,
        subprocess.Popen(  # noqa: S603 -- our own program
            [sys.executable, "-m", "homeroom", *arguments, "--json"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=variables,
            start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                said = Path(log.name).read_text(encoding="utf-8", errors="replace")
                raise LoadError(f"`homeroom {verb}` did not start: {said.strip()[-1000:]}")
            yield json.loads(line), process.pid
        finally:
            process.terminate()


def _onboard(
    fakes: Target,
    documents: Sequence[Mapping[str, Any]],
    api: str,
    token: str,
    pids: Mapping[str, int],
) -> Target:
    worlds: list[World] = []
    with Transport(api, Bearer(token), attempts=1) as transport:
        desk = _Desk(transport)
        for number, (document, world) in enumerate(zip(documents, fakes.worlds, strict=True)):
            district = f"district-{number + 1:03}"
            desk.take_in(district, document)
            worlds.append(
                World(
                    base_url=api, token_url="", auth="bearer", client_secret=token,
                    district=district, expected=world.expected,
                )
            )  # fmt: skip
        for world in worlds:
            desk.switch_on(world.district)
    return msgspec.structs.replace(
        fakes,
        worlds=tuple(worlds),
        kind=TargetKind.SERVICE,
        name=f"the reference service with {len(worlds)} districts of {fakes.name}",
        pids={**fakes.pids, **pids},
    )


class _Desk:
    """An admin at work: takes districts in and switches their nights on."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def take_in(self, district: str, document: Mapping[str, Any]) -> None:
        """Add a district, store what it connects with: its connection check begins by itself."""
        oneroster, canvas = document["oneroster"], document["canvas"]
        self._call("POST", "districts", {"id": district, "name": district})
        names = ("base_url", "token_url", "client_id", "client_secret")
        path = f"districts/{district}"
        held = {name: oneroster[name] for name in names}
        self._call("PUT", f"{path}/credentials/oneroster", held)
        held = {name: canvas[name] for name in ("base_url", "token")}
        self._call("PUT", f"{path}/credentials/canvas", held)

    def switch_on(self, district: str) -> None:
        """Wait for the connection check, then allow nights."""
        path = f"districts/{district}"
        until = time.monotonic() + CONNECT_S
        look: dict[str, Any] = {"outcome": "running"}
        while look["outcome"] == "running" and time.monotonic() < until:
            time.sleep(POLL_S)
            look = self._call("GET", f"{path}/connect")
        if look["outcome"] != "passed":
            raise LoadError(
                f"{district}: the service's connection check ended as {look['outcome']}: "
                f"{json.dumps(look.get('found'))[:500]}"
            )
        self._call("POST", f"{path}/enable", {"stage": "provisioning"})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            response = self._transport.request(method, path, json=body, idempotent=False)
        except SyncError as error:
            raise LoadError(f"the service cannot be prepared: {method} {path}: {error}") from None
        if response.status_code >= 400:
            told = self._transport.describe(response)
            raise LoadError(f"the service cannot be prepared: {told}")
        return response.json() if response.content else None
