"""A PostgreSQL of a check's own: a fresh cluster on a free loopback port, gone at the end."""

import contextlib
import os
import pwd
import shutil
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


@contextlib.contextmanager
def postgres() -> Generator[str]:
    """Give the address of a fresh database; the check is skipped where there is no PostgreSQL."""
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
        with _running(programs, folder, user) as port:
            yield f"postgresql+psycopg://homeroom@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(programs: Path, folder: Path, user: str | None) -> Generator[int]:
    where = folder / "cluster"
    made = [str(programs / "initdb"), "--pgdata", str(where), "--username=homeroom", "--auth=trust",
            "--encoding=UTF8", "--locale=C", "--no-sync"]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
                "port": str(port)}  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", where, *options],
            stdout=log,
            stderr=log,
            user=user,
            cwd=folder,
        )
    try:
        _await_ready(server, port, folder / "log")
        yield port
    finally:
        # SIGINT: the fast shutdown, which does not wait for clients to go.
        server.send_signal(2)
        server.wait(timeout=READY_S)


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
