"""The stage: both fakes and their control plane around one set of spaces, ready to be served."""

import asyncio
import contextlib
import secrets
import socket
import ssl
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from starlette.types import ASGIApp

from homeroom.mocks.canvas import control as canvas_control
from homeroom.mocks.canvas.fake import CanvasFake
from homeroom.mocks.focus_oneroster import control as focus_control
from homeroom.mocks.focus_oneroster import school_year
from homeroom.mocks.focus_oneroster.fake import FocusFake
from homeroom.mocks.harness.console import FrontDoor, create_console
from homeroom.mocks.harness.console.peers import Control
from homeroom.mocks.harness.contract import Contract, create_app
from homeroom.mocks.harness.control import ControlPlane
from homeroom.mocks.harness.door import Door
from homeroom.mocks.harness.faults.bundles import find_bundle
from homeroom.mocks.harness.serve import LOOPBACK, BindError, Servers, bind, in_thread
from homeroom.mocks.harness.space import DEFAULT_SPACE, Space, Spaces
from homeroom.mocks.harness.state import StateFolder
from homeroom.mocks.harness.tls import Certificates, client_context

VALIDATE = ("all", "sample", "off", "none")
"""What of requests and answers is held against the contracts: see Contract."""


@dataclass(frozen=True, kw_only=True)
class StageSettings:
    """How a stage is set up; see `homeroom up --help`."""

    district: str = "tiny"
    seed: int = 1
    now: datetime | None = None
    host: str = "127.0.0.1"
    port: int = 0
    validate_responses: str = "sample"
    state: Path | None = None
    """Folder that outlives the process; None: nothing does."""
    tls: Path | None = None
    """Folder of the authority whose certificates the fakes show; None: they speak plain HTTP."""


class Stage:
    """Three apps on three sockets: control plane and console, Focus, Canvas."""

    def __init__(self, settings: StageSettings) -> None:
        """Bind the sockets and compile the contracts; raises BindError and StateError."""
        self.settings = settings
        self.state = StateFolder(settings.state) if settings.state is not None else None
        kept_token = self.state.record.token if self.state is not None else ""
        self.token = kept_token or secrets.token_hex(24)
        fakes = (FocusFake(), CanvasFake())
        self.spaces = Spaces(fakes)
        self._fakes = fakes
        contracts = {
            fake.name: Contract(fake, validate_responses=settings.validate_responses)
            for fake in fakes
        }
        self._contracts = contracts
        documents = {name: contract.document for name, contract in contracts.items()}
        self._plane = ControlPlane(
            self.spaces,
            self.token,
            self.document,
            (focus_control, school_year, canvas_control),
            {name: partial(documents.__getitem__, name) for name in ("control", *documents)},
        )
        contracts["control"] = Contract(self._plane, validate_responses=settings.validate_responses)
        documents["control"] = contracts["control"].document
        self.doors = {
            name: Door(
                create_app(contract),
                contract.fake,
                self.spaces,
                journaled=name != "control",
                observer=self.token,
            )
            for name, contract in contracts.items()
        }
        sockets = self._bind()
        apps: dict[str, ASGIApp] = dict(self.doors)
        apps["control"] = self._with_console(sockets["control"].getsockname()[1])
        self._certificates: Certificates | None = None
        contexts: dict[str, ssl.SSLContext] = {}
        if settings.tls is not None:
            self._certificates = Certificates(settings.tls, settings.host)
            self._plane.serves_tls = True
            for fake in fakes:
                choose = partial(self._choose_certificate, fake.name)
                contexts[fake.name] = self._certificates.server_context(choose)
        self.servers = Servers(apps, sockets, contexts)
        self._plane.stopping = lambda: self.servers.stopping

    def _bind(self) -> dict[str, socket.socket]:
        settings, names = self.settings, ("control", "focus", "canvas")
        kept = self.state.record.ports if self.state is not None else {}
        ports = {
            name: settings.port + offset if settings.port else 0
            for offset, name in enumerate(names)
        }
        sockets: dict[str, socket.socket] = {}
        if not settings.port and kept:
            # Where it was before, so that clients find it; anywhere else if that is taken now.
            with contextlib.suppress(BindError):
                for name in names:
                    sockets[name] = bind(settings.host, kept.get(name, 0))
        for name in names:
            if name not in sockets:
                sockets[name] = bind(settings.host, ports[name])
        if self.state is not None:
            found = {name: int(one.getsockname()[1]) for name, one in sockets.items()}
            self.state.write_record(self.token, found)
        return sockets

    def _choose_certificate(self, fake: str) -> str | None:
        """Ask every space's rules: at a handshake nobody knows yet which space is meant."""
        for space in self.spaces:
            rule = space.faults.fire_handshake(fake, space.clock.now())
            if rule is not None:
                return str(rule.parameters["certificate"])
        return None

    def _trust(self) -> ssl.SSLContext | None:
        return client_context(self._certificates.ca_file) if self._certificates else None

    def _with_console(self, port: int) -> ASGIApp:
        """Put the console beside the control plane; it calls back over loopback like any client."""
        console, state = create_console(
            lambda: Control(f"{self.servers.origin('control')}/__control__", self.token),
            port=port,
            context=self._trust,
        )
        self._plane.console_session = lambda: state.session
        host = self.settings.host
        is_local = host in LOOPBACK or host.startswith("127.") or host == "::1"
        wsgi = cast("ASGIApp", WSGIMiddleware(cast("Any", console), workers=8))
        return FrontDoor(self.doors["control"], wsgi, {*LOOPBACK, host} if is_local else None)

    @property
    def unsupported(self) -> dict[str, list[str]]:
        """OperationIds of each contract that are answered 501 for now."""
        return {fake.name: sorted(fake.unsupported) for fake in self._fakes}

    async def open_default_space(self) -> Space:
        """Bring back what the state folder holds, else make the default space of the settings.

        Raises DistrictError and StateError.
        """
        settings = self.settings
        if self.state is not None:
            await self.state.restore(self.spaces)
        kept = self.spaces.find(DEFAULT_SPACE)
        if kept is not None:
            return kept
        return await self.spaces.create(
            district=settings.district, seed=settings.seed, now=settings.now, name=DEFAULT_SPACE
        )

    def add_faults(self, space: Space, what: str) -> None:
        """Add a bundle of rules, by name or file, to a space; raises FaultRuleError."""
        operations = {
            fake.name: list(self._contracts[fake.name].operations) for fake in self._fakes
        }
        for rule in find_bundle(what).parse(space.faults, operations):
            space.faults.add(rule)

    async def run(self) -> None:
        """Serve until told to stop; with a state folder, keep it up to date and save at the end."""
        if self.state is None:
            await self.servers.run()
            return
        keeper = asyncio.create_task(
            self.state.keep(self.spaces, lambda: self.servers.stopping), name="homeroom-state"
        )
        try:
            await self.servers.run()
        finally:
            await keeper
            self.state.close()

    @property
    def space_document(self) -> dict[str, Any]:
        """The default space's document, as `homeroom up --json` prints it."""
        return self.document(self.spaces.get(DEFAULT_SPACE))

    def document(self, space: Space) -> dict[str, Any]:
        """Return the space document: where everything is, and the credentials for it."""
        control = self.servers.origin("control")
        document: dict[str, Any] = {
            "space": space.name,
            "control": self._plane.document(space, control),
            "console": {
                "url": f"{control}/"
                if space.name == DEFAULT_SPACE
                else f"{control}/?space={space.name}"
            },
        }
        if self._certificates is not None:
            document["ca_file"] = str(self._certificates.ca_file)
        for fake in self._fakes:
            document |= fake.document(space, f"{self.servers.origin(fake.name)}{space.prefix}")
        return document


@contextlib.contextmanager
def serve(settings: StageSettings | None = None) -> Generator[Stage]:
    """Serve a stage from a thread while the block runs: the fakes as a library.

    The URLs and credentials of the default space stand in `stage.space_document`.
    """
    stage = Stage(settings or StageSettings())
    loop = asyncio.new_event_loop()
    loop.run_until_complete(stage.open_default_space())
    with in_thread(stage.run, stage.servers, loop):
        yield stage
