"""A subject that is a service: each run is a POST, answered at once or later under a Location."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from homeroom.config import Subject
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Bearer, NoAuth, Response, Transport

POLL_S = 0.5
MAX_POLL_S = 30.0
BUSY = frozenset({502, 503, 504})
"""A service that is asked how far it is may be busy; that is no end."""
KEEP_CHARACTERS = 64 * 1024

NO_EXIT = -1
"""The exit code of a run that named none; it means nothing, the run is judged by what it did."""


@dataclass(frozen=True, kw_only=True)
class HttpRun:
    """How a run over HTTP ended."""

    exit_code: int
    timed_out: bool
    duration_s: float
    body: str
    notes: tuple[str, ...] = ()


class HttpSubject:
    """Calls the addresses that `[subject]` gives."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        # State folders are histories; a service forgets the one before when a new one begins.
        self._histories: set[str] = set()
        self._auth = Bearer(subject.token) if subject.token else NoAuth()
        urls = (subject.provision_url, subject.passback_url, subject.reset_url)
        self._origins = {_origin(url) for url in urls if url}

    def run(self, command: str, variables: Mapping[str, str]) -> HttpRun:
        """Start `command` and wait for `{"exit": n}` or the time limit."""
        started = time.monotonic()
        deadline = started + self._subject.timeout_s
        url = str(getattr(self._subject, f"{command}_url"))
        body, notes, polled = "", list[str](), False
        try:
            self._reset(variables, deadline)
            response = self._ask("POST", url, dict(variables), deadline)
            while response.status_code == 202 or (polled and response.status_code in BUSY):
                if "location" in response.headers:
                    url, polled = urljoin(url, response.headers["location"]), True
                if not polled:
                    break
                self._pause(response, deadline)
                response = self._ask("GET", url, None, deadline)
            body = response.text[-KEEP_CHARACTERS:]
            exit_code = _exit_code(response, notes)
        except SyncError as error:
            exit_code = NO_EXIT
            notes.append(f"it could not be asked: {error}")
        except TimeoutError:
            exit_code = NO_EXIT
        timed_out = time.monotonic() >= deadline
        if timed_out:
            notes.append(f"it did not finish within {self._subject.timeout_s:g} s, its time limit")
        return HttpRun(
            exit_code=exit_code,
            timed_out=timed_out,
            duration_s=time.monotonic() - started,
            body=body,
            notes=tuple(notes),
        )

    def _reset(self, variables: Mapping[str, str], deadline: float) -> None:
        history = variables["HOMEROOM_STATE_DIR"]
        if self._subject.reset_url is None or history in self._histories:
            return
        response = self._ask("POST", self._subject.reset_url, dict(variables), deadline)
        if response.status_code >= 400:
            raise SyncError(f"reset_url {self._subject.reset_url} answered {response.status_code}")
        self._histories.add(history)

    def _ask(self, method: str, url: str, body: Any, deadline: float) -> Response:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        # A run must not be started twice, so nothing is repeated here. The token is for the
        # service that homeroom.toml names, wherever it sends us.
        auth = self._auth if _origin(url) in self._origins else NoAuth()
        with Transport(url, auth, timeout_s=left_s, attempts=1) as transport:
            return transport.request(method, url, json=body, idempotent=False)

    def _pause(self, response: Response, deadline: float) -> None:
        wanted = response.headers.get("retry-after", "")
        pause_s = min(float(wanted), MAX_POLL_S) if wanted.isdigit() else POLL_S
        time.sleep(max(0.0, min(pause_s, deadline - time.monotonic())))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _exit_code(response: Response, notes: list[str]) -> int:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    code = answer.get("exit") if isinstance(answer, dict) else None
    if isinstance(code, int) and not isinstance(code, bool):
        return code
    notes.append(f'it answered {response.status_code} without {{"exit": n}}')
    return NO_EXIT
