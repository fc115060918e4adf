"""Serving several ASGI apps on loopback from one event loop, each on a socket bound beforehand."""

import asyncio
import contextlib
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Generator, Mapping
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

BACKLOG = 2048
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Names by which a browser may call what is bound to loopback."""


class BindError(OSError):
    """An address could not be bound; says which, and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Bind a listening TCP socket; port 0 takes a free one. Raises BindError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Head and body leave in two writes: with Nagle's algorithm the second waits 40 ms for the
    # client's acknowledgement. Accepted sockets inherit the option.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise BindError(
            f"{host}:{port} cannot be bound ({error.strerror}): choose another --port, "
            "or 0 for a free one"
        ) from error
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handlers: there are several in one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class Servers:
    """One uvicorn server per app, all on one event loop."""

    def __init__(
        self,
        apps: Mapping[str, ASGIApp],
        sockets: Mapping[str, socket.socket],
        contexts: Mapping[str, ssl.SSLContext] | None = None,
    ) -> None:
        """Serve each app on the socket of its name; those named in `contexts` speak TLS."""
        self._sockets = dict(sockets)
        self._contexts = dict(contexts or {})
        self._servers = {name: self._make(name, app) for name, app in apps.items()}

    def _make(self, name: str, app: ASGIApp) -> "_Server":
        config = uvicorn.Config(
            app,
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=2,
            timeout_keep_alive=75,
            backlog=BACKLOG,
        )
        if name in self._contexts:
            config.load()
            config.ssl = self._contexts[name]
        return _Server(config)

    def origin(self, name: str) -> str:
        """Scheme and authority under which the app of that name answers."""
        host, port = self._sockets[name].getsockname()[:2]
        scheme = "https" if name in self._contexts else "http"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    async def run(self) -> None:
        """Serve until `stop` is called; sockets are closed on return."""
        await asyncio.gather(
            *(server.serve(sockets=[self._sockets[name]]) for name, server in self._servers.items())
        )

    async def ready(self) -> None:
        """Return once every server answers; the sockets listen from the start."""
        # uvicorn tells only by a flag.
        while not all(server.started for server in self._servers.values()):
            await asyncio.sleep(0.001)

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return any(server.should_exit for server in self._servers.values())

    def stop(self) -> None:
        """Let the servers finish what they are answering, then return from `run`."""
        for server in self._servers.values():
            server.should_exit = True

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT; only in the main thread."""

        def handle(_signal: int, _frame: FrameType | None) -> None:
            self.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, handle)


@contextlib.contextmanager
def in_thread(
    run: Callable[[], Coroutine[Any, Any, None]],
    servers: Servers,
    loop: asyncio.AbstractEventLoop,
) -> Generator[None]:
    """Run `run`, which serves `servers`, on `loop` in a thread of its own while the block runs."""

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())

    thread = threading.Thread(target=work, name="homeroom-fakes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        servers.stop()
        thread.join(timeout=10)
        loop.close()
