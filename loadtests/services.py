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


@contextlib.contextmanager
def started_service(
    fakes: Target, documents: Sequence[Mapping[str, Any]], *, environ: Mapping[str, str]
) -> Generator[Target]:
    """Start `homeroom serve` and bring every district to its first night; yield it as the target.

    Raises LoadError: it did not start, or a district did not come through its onboarding.
    """
    token = secrets.token_urlsafe(32)
    database = environ.get("HOMEROOM_LOAD_DATABASE", "")
    workers = environ.get("HOMEROOM_LOAD_SERVICE_WORKERS", "2")
    with tempfile.TemporaryDirectory(prefix="homeroom-load-service-") as state:
        command = [
            sys.executable, "-m", "homeroom", "serve", "--json", "--port", "0", "--state", state,
            "--workers", workers, "--private-peers",
            *(["--database", database] if database else []),
        ]  # fmt: skip
        variables = {
            **{key: value for key, value in environ.items() if not key.startswith("LOCUST_")},
            "HOMEROOM_ADMIN_TOKENS": f"load={token}",
            VARIABLE: STDIN,
        }
        log = Path(state) / "load-service.log"
        with (
            log.open("wb") as errors,
            subprocess.Popen(  # noqa: S603 -- our own program
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env=variables, start_new_session=True,
            ) as process,
        ):  # fmt: skip
            try:
                line = process.stdout.readline() if process.stdout else b""
                if not line:
                    last = log.read_text(encoding="utf-8", errors="replace").strip()[-1000:]
                    raise LoadError(f"`homeroom serve` did not start: {last}")
                api = str(json.loads(line)["api"])
                yield _onboard(fakes, documents, api, token, process.pid)
            finally:
                process.terminate()


def _onboard(
    fakes: Target, documents: Sequence[Mapping[str, Any]], api: str, token: str, pid: int
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
        pids={**fakes.pids, "service": pid},
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
