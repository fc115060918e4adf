"""Driving a server hard from one process, and reading what it cost: CPU and memory by pid."""

import os
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What so many requests took."""

    requests: int
    seconds: float
    cpu_s: float

    @property
    def rps(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        """CPU of the server's process tree, microseconds a request."""
        return self.cpu_s / self.requests * 1e6


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found.extend(int(child) for child in task.read_text().split())
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds used so far by a process tree."""
    total = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def anonymous_mb(pid: int) -> float:
    """Anonymous memory of a process, in MB: what it holds that no file backs."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise AssertionError("no RssAnon in /proc: this needs Linux")


def request_bytes(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Write one HTTP/1.1 request."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Connection:
    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def finished(self, status: Sequence[bytes]) -> bool:
        """Read what came; tell whether a whole answer is there. Other statuses fail the run."""
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            raise AssertionError("the server closed a connection in the middle of a benchmark")
        self.buffer += chunk
        head, sep, rest = self.buffer.partition(b"\r\n\r\n")
        if not sep:
            return False
        if head.split(b" ", 2)[1] not in status:
            raise AssertionError(f"unexpected answer: {self.buffer[:500]!r}")
        lower = head.lower()
        if b"content-length:" in lower:
            length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            done = len(rest) >= length
        else:
            done = rest.endswith(b"0\r\n\r\n")
        if done:
            self.buffer = b""
        return done


def drive(
    url: str,
    requests: Sequence[bytes],
    pid: int,
    *,
    seconds: float = 2.0,
    connections: int = 8,
    status: Sequence[bytes] = (b"200", b"201"),
) -> Cost:
    """Send requests round robin on keep-alive connections for so long; return what it cost."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = _Connection(host, port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    sent = done = 0
    before, began = cpu_s(pid), time.perf_counter()
    for key in selector.get_map().values():
        key.data.socket.sendall(requests[sent % len(requests)])
        sent += 1
    while time.perf_counter() - began < seconds or done < sent:
        for key, _ in selector.select(timeout=10):
            if key.data.finished(status):
                done += 1
                if time.perf_counter() - began < seconds:
                    key.data.socket.sendall(requests[sent % len(requests)])
                    sent += 1
    took, used = time.perf_counter() - began, cpu_s(pid) - before
    for key in tuple(selector.get_map().values()):
        key.data.socket.close()
    return Cost(done, took, used)
