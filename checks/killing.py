"""Killing a verb at an exact place: a gate before both peers counts requests, a hook file acts."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from checks.support import environment

KILLABLE = Path(__file__).with_name("killable.py")
DEAD = -9
LIMIT_S = 120


@dataclass(frozen=True, kw_only=True)
class Kill:
    """Where a run is killed: one of the four, or nowhere."""

    before_request: int = 0
    """Before the nth request reaches its peer."""
    after_request: int = 0
    """When the peer has acted on the nth request and the answer is on its way."""
    file_act: int = 0
    """Before the nth file of the state folder is opened to write, renamed, made or removed."""
    after_s: float = 0.0
    """After so many seconds."""

    def __str__(self) -> str:
        told = {name: value for name, value in vars(self).items() if value}
        return ", ".join(f"{name} {value:.3g}" for name, value in told.items()) or "nowhere"


NOWHERE = Kill()


@dataclass
class Ran:
    """A run of a verb, killed or not."""

    code: int
    out: str
    err: str
    requests: list[str] = field(default_factory=list)
    file_acts: list[str] = field(default_factory=list)


class Gate:
    """Both peers behind one door that counts, and that calls `strike` at the place asked for."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._lock, self._kill = threading.Lock(), NOWHERE
        self._strike: Callable[[], None] = lambda: None
        self.requests: list[str] = []
        self._servers: list[ThreadingHTTPServer] = []
        self.document = {
            **document,
            "oneroster": self._behind(document["oneroster"], ("base_url", "token_url")),
            "canvas": self._behind(document["canvas"], ("base_url",)),
        }

    def _behind(self, peer: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, peer["base_url"]))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)
        ours = f"127.0.0.1:{server.server_port}"
        moved = {name: urlunsplit(urlsplit(peer[name])._replace(netloc=ours)) for name in names}
        return {**peer, **moved}

    def arm(self, kill: Kill, strike: Callable[[], None]) -> None:
        """Count from one again, and strike where `kill` says."""
        with self._lock:
            self.requests, self._kill, self._strike = [], kill, strike

    def passing(self, method: str, path: str) -> int:
        """Count a request and give its number; 0 when its sender is killed first."""
        with self._lock:
            self.requests.append(f"{method} {urlsplit(path).path}")
            if len(self.requests) == self._kill.before_request:
                self._strike()
                return 0
            return len(self.requests)

    def answered(self, number: int) -> bool:
        """Tell whether the answer to the nth request may go back."""
        with self._lock:
            if number != self._kill.after_request:
                return True
            self._strike()
            return False

    def close(self) -> None:
        """Stop both doors."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "content-length"})


def _handler(gate: Gate, base_url: str) -> type[BaseHTTPRequestHandler]:
    peer = urlsplit(base_url)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            number = gate.passing(self.command, self.path)
            if not number:
                self.close_connection = True
                return
            connection = HTTPConnection(peer.hostname or "", peer.port or 80, timeout=LIMIT_S)
            # The name we were called by stays: a fake writes its links with it.
            headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if not gate.answered(number):
                self.close_connection = True
                return
            self.send_response_only(answer.status, answer.reason)
            for key, value in answer.getheaders():
                if key.lower() not in HOP:
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815 - as http.server names them

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, BrokenPipeError):
                self.close_connection = True  # its sender was killed

    return Door


def run(gate: Gate, verb: tuple[str, ...], env: Mapping[str, str], kill: Kill = NOWHERE) -> Ran:
    """Run a verb, killed where `kill` says; a kill place that is never reached kills nothing."""
    folder = Path(env["HOMEROOM_STATE_DIR"])
    log = folder.with_name(folder.name + ".acts")
    log.unlink(missing_ok=True)
    process: subprocess.Popen[str]

    def strike() -> None:
        process.kill()
        process.wait()

    gate.arm(kill, strike)
    process = subprocess.Popen(
        [sys.executable, str(KILLABLE), str(kill.file_act), str(log), *verb],
        env={**environment(), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        out, err = process.communicate(timeout=kill.after_s or LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        assert kill.after_s, f"{verb} did not end in {LIMIT_S} s"
    acts = log.read_text().splitlines() if log.exists() else []
    return Ran(process.returncode, out, err, [*gate.requests], acts)


def put_back(folder: Path, kept: Path) -> None:
    """Let a state folder be what was kept of it; a folder that was not there is gone again."""
    shutil.rmtree(folder, ignore_errors=True)
    if kept.exists():
        shutil.copytree(kept, folder)
