"""Locust's own processes: one alone, or a master and its workers, here or on other machines."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import msgspec

from homeroom.loadtests.plan import FIGURES_VARIABLE, PLAN_VARIABLE, Measured, Plan
from homeroom.loadtests.profiles import LoadError

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
GRACE_S = 15.0
WORKERS_WAIT_S = 60
WORKERS_WAIT_REMOTE_S = 600


class Interrupted(Exception):  # noqa: N818 -- a person's wish, not an error
    """The run was stopped by Ctrl-C; `measured` is what it had until then."""

    def __init__(self, measured: Measured) -> None:
        super().__init__("stopped by Ctrl-C")
        self.measured = measured


class Generator:
    """The processes that make the load, until they end or are told to."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        *,
        environ: Mapping[str, str],
        workers: int = 0,
        listen: tuple[str, int] | None = None,
        joined: int = 0,
    ) -> None:
        """`workers` are processes here, `joined` those that others start; neither: one process."""
        self._plan, self._folder = plan, folder
        self._environ = environ
        self._workers, self._joined = workers, joined
        self._listen = listen
        self._figures = folder / "figures.json"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        plan_file = self._folder / "plan.json"
        # Holds secrets: its folder is its owner's alone, and ends with the run.
        plan_file.write_bytes(msgspec.json.encode(self._plan))
        plan_file.chmod(0o600)
        variables = {PLAN_VARIABLE: str(plan_file), FIGURES_VARIABLE: str(self._figures)}
        users = ["--users", str(self._plan.users), "--headless"]
        if not self._plan.profile.shape:
            # More than that at once gets a warning of Locust's, and no quicker start.
            rate = min(self._plan.profile.users.spawn_per_s, 100 * max(1, self._all_workers))
            users += ["--spawn-rate", str(rate)]
        if not self._all_workers:
            self._start("generator", users, variables)
            return self
        host, port = self._listen or ("127.0.0.1", _free_port())
        wait_s = WORKERS_WAIT_REMOTE_S if self._joined else WORKERS_WAIT_S
        master = [
            *users, "--master", "--master-bind-host", host, "--master-bind-port", str(port),
            "--expect-workers", str(self._all_workers), "--expect-workers-max-wait", str(wait_s),
        ]  # fmt: skip
        self._start("master", master, variables)
        for number in range(self._workers):
            joining = ["--worker", "--master-host", host, "--master-port", str(port)]
            self._start(f"worker {number + 1}", joining, {})
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            _end(process)

    @property
    def _all_workers(self) -> int:
        return self._workers + self._joined

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by part, as the report names them."""
        return {part: process.pid for part, process in self._processes.items()}

    def _start(self, part: str, arguments: list[str], variables: Mapping[str, str]) -> None:
        command = locust_command(arguments, host=self._plan.worlds[0].base_url)
        clean = clean_environment(self._environ)
        with (self._folder / f"{part}.log").open("wb") as log:
            # A session of its own: Ctrl-C at a terminal is for the command, which ends its parts.
            self._processes[part] = subprocess.Popen(  # noqa: S603 -- our interpreter and files
                command, env={**clean, **variables}, cwd=self._folder,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait(self, tell: Callable[[Measured], None]) -> Measured:
        """Wait for the end, telling how it stands now and then.

        Raises:
            Interrupted: Ctrl-C; holds what was measured until then.
            LoadError: Locust did not come to a start.
        """
        lead = next(iter(self._processes.values()))
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    lead.wait(timeout=2.0)
                    break
                if self._figures.exists():
                    tell(self._read())
        except KeyboardInterrupt:
            with contextlib.suppress(KeyboardInterrupt):
                _end(lead)
            measured = self._read() if self._figures.exists() else Measured()
            measured.complete, measured.stopped = False, "stopped by Ctrl-C"
            raise Interrupted(measured) from None
        if not self._figures.exists():
            raise LoadError(f"Locust ended with {lead.returncode}: {self._last_words()}")
        measured = self._read()
        if not measured.complete and not measured.stopped:
            measured.stopped = f"Locust ended early, with {lead.returncode}: {self._last_words()}"
        return measured

    def _read(self) -> Measured:
        return msgspec.json.decode(self._figures.read_bytes(), type=Measured)

    def _last_words(self) -> str:
        part = next(iter(self._processes))
        log = self._folder / f"{part}.log"
        return log.read_text(encoding="utf-8", errors="replace").strip()[-1500:]


def join(address: tuple[str, int], *, environ: Mapping[str, str], folder: Path) -> int:
    """Be a worker of a run that another machine leads, until it ends; return Locust's code."""
    host, port = address
    arguments = ["--worker", "--master-host", host, "--master-port", str(port)]
    command = locust_command(arguments, host=None)
    with subprocess.Popen(  # noqa: S603 -- our own interpreter and files
        command, env=clean_environment(environ), cwd=folder, start_new_session=True
    ) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            _end(process)
            return 1


def locust_command(arguments: list[str], *, host: str | None) -> list[str]:
    """Give the command line of one Locust process. Gevent's patches stay within it."""
    named = ["--host", host] if host else []
    return [
        sys.executable, "-m", "locust", "--only-summary", "--loglevel", "WARNING",
        "--locustfile", str(LOCUSTFILE), *named, *arguments,
    ]  # fmt: skip


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out what Locust would read as its options."""
    return {key: value for key, value in environ.items() if not key.startswith("LOCUST_")}


def parse_address(text: str, option: str) -> tuple[str, int]:
    """Read HOST:PORT. Raises LoadError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise LoadError(f"{option} {text!r}: write HOST:PORT, such as 10.0.0.5:5557")
    return host, int(port)


def _free_port() -> int:
    # Locust's master binds the port itself; two sockets of its own let no third party in between
    # in practice, and a taken port ends it with a message.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=GRACE_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
