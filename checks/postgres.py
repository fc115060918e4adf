"""A PostgreSQL of a check's own: a fresh cluster on a free loopback port, gone at the end."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

READY_S = 30.0


def find_programs() -> Path | None:
    """Find the folder of initdb and postgres: on the path, or where Debian puts them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Postgres:
    """A cluster of its own, and the server that runs on it."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        """Make the cluster."""
        self._programs, self._folder, self._user = programs, folder, user
        made = [str(programs / "initdb"), "--pgdata", str(folder / "cluster"), "--auth=trust",
                "--username=homeroom", "--encoding=UTF8", "--locale=C", "--no-sync"]  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.url = f"postgresql+psycopg://homeroom@127.0.0.1:{self._port}/postgres"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, at the same port every time."""
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
                    "port": str(self._port)}  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "cluster", *options],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._folder,
            )
        _await_ready(self._server, self._port, self._folder / "log")

    def stop(self) -> None:
        """Stop the server by its fast shutdown, which ends all sessions."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=READY_S)
            self._server = None


@contextlib.contextmanager
def postgres() -> Generator[Postgres]:
    """Give a running server; the check is skipped where there is no PostgreSQL."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: `apt-get install postgresql`")
    user: str | None = None
    if os.getuid() == 0:
        # PostgreSQL refuses to run as root.
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam("postgres").pw_name
        if user is None:
            pytest.skip("PostgreSQL refuses to run as root, and there is no user `postgres`")
    folder = Path(tempfile.mkdtemp(prefix="homeroom-postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        server = Postgres(programs, folder, user)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        assert server.poll() is None, log.read_text()
        try:
            with psycopg.connect(host="127.0.0.1", port=port, user="homeroom", dbname="postgres"):
                return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
