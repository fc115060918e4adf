"""Putting the service together, and serving it until told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, cast

import msgspec
import uvicorn
from a2wsgi import WSGIMiddleware
from starlette.types import ASGIApp

from homeroom import __version__
from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.tables import database_url, open_database
from homeroom.reference.onboarding.vault import find_vault
from homeroom.reference.service.addresses import Address, load_certificate, plan_address
from homeroom.reference.service.api import create_api
from homeroom.reference.service.desk import Desk
from homeroom.reference.service.front import Front
from homeroom.reference.service.looks import Looks
from homeroom.reference.service.operations import Operations
from homeroom.reference.service.pages import create_pages
from homeroom.reference.service.throttle import Throttle
from homeroom.reference.service.tokens import Admins, find_admins
from homeroom.reference.workflows.durable import Runner
from homeroom.reference.workflows.durable.worker import GRACE_S, clock_of
from homeroom.reference.workflows.memory import locked

PAGE_THREADS = 8
log = logging.getLogger(__name__)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What `homeroom serve` was told."""

    state: Path
    host: str = "127.0.0.1"
    port: int = 0
    # None: a SQLite file in the state folder.
    database: str | None = None
    cert: Path | None = None
    key: Path | None = None
    public_url: str | None = None
    private_peers: bool | None = None
    # Districts worked on side by side; 0: this process serves pages and works off nothing.
    workers: int = 2
    # How long stages, checks and evaluations may take to their end once it is told to stop.
    grace_s: float = GRACE_S


class Service:
    """The parts of a service, until `close`."""

    def __init__(
        self, options: Options, environ: Mapping[str, str], address: Address, port: int
    ) -> None:
        """Open the database, the keys and the tokens. Raises FatalError: one cannot be used."""
        self._grace_s = options.grace_s
        vault = find_vault(environ, options.state / "vault.key")
        admins = find_admins(environ, options.state / "admin-tokens")
        engine = open_database(options.database or database_url(options.state))
        districts, clock = options.state / "districts", clock_of(environ)
        self.registry = Registry(engine, vault, districts, clock=clock, private=address.private)
        self.registry.reseal()
        self.runner = Runner(self.registry, at_once=max(1, options.workers))
        self.looks = Looks(self.registry, private=address.private)
        self.admins = admins
        self.desk, self.app = assemble(
            self.registry, self.looks, self.runner, admins, address, port=port
        )

    def close(self) -> int:
        """Stop taking jobs and checks, and let go of the database; says how many go on still."""
        until = time.monotonic() + self._grace_s
        left = self.runner.shutdown(wait_s=self._grace_s)
        left += self.looks.close(max(0.0, until - time.monotonic()))
        self.registry.engine.dispose()
        return left


def assemble(
    registry: Registry,
    looks: Looks,
    runner: Runner,
    admins: Admins,
    address: Address,
    *,
    port: int,
) -> tuple[Desk, ASGIApp]:
    """Put API and pages before one desk."""
    desk = Desk(registry, looks, runner, origin=address.origin, private=address.private)
    throttle = Throttle()
    pages = create_pages(
        desk,
        admins,
        throttle,
        secret=registry.vault.derive("sessions"),
        secure=address.secure,
        port=port,
    )
    behind = WSGIMiddleware(cast("Any", pages.wsgi_app), workers=PAGE_THREADS)
    api = create_api(Operations(desk), admins, throttle)
    return desk, Front(api, cast("ASGIApp", behind), address.hosts, secure=address.secure)


class _Server(uvicorn.Server):
    """uvicorn's server with signal handlers of ours: it would raise the signal again at its end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        def stop(_signal: int, _frame: FrameType | None) -> None:
            self.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    options: Options, environ: Mapping[str, str], announce: Callable[[dict[str, Any]], None]
) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        options: What to serve, and where.
        environ: Keys and tokens, where they are not in files, and HOMEROOM_NOW.
        announce: Called with the service's document once it answers.

    Returns:
        How many jobs were left in a stage, which the next process takes up, and how many checks
        were cut off.

    Raises:
        FatalError: Something it needs cannot be used, or another process serves this state.
    """
    context = load_certificate(options.cert, options.key) if options.cert and options.key else None
    with contextlib.ExitStack() as stack:
        # On PostgreSQL several may share the folder of districts: each run holds its district's.
        with contextlib.suppress(OSError):  # `locked` says why it cannot be used
            options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        single = options.database is None or options.database.startswith("sqlite")
        if single:
            stack.enter_context(locked(options.state))
        listener = stack.enter_context(_bind(options.host, options.port))
        port = listener.getsockname()[1]
        address = plan_address(
            host=options.host,
            port=port,
            cert=options.cert,
            key=options.key,
            public_url=options.public_url,
            private_peers=options.private_peers,
        )
        service = Service(options, environ, address, port)
        try:
            if single:
                service.looks.forget_running()
            if options.workers:
                service.runner.launch()
            asyncio.run(_run(service, listener, context, address, announce))
        finally:
            left = service.close()
    log.info("stopped", extra={"left": left})
    return left


async def _run(
    service: Service,
    listener: socket.socket,
    context: ssl.SSLContext | None,
    address: Address,
    announce: Callable[[dict[str, Any]], None],
) -> None:
    config = uvicorn.Config(
        service.app,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    config.load()
    config.ssl = context
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        document = {
            "url": f"{address.origin}/",
            "api": f"{address.origin}/api/v1",
            "admin_tokens": service.admins.where,
            "version": __version__,
            "pid": os.getpid(),
        }
        log.info("serving", extra={"url": document["url"], "admin_tokens": service.admins.where})
        announce(document)
    await serving


def _bind(host: str, port: int) -> socket.socket:
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise FatalError(
            f"{host}:{port} cannot be bound ({error.strerror or error}): choose another --port, "
            "or 0 for a free one"
        ) from None
    listener.listen(512)
    listener.setblocking(False)
    return listener
