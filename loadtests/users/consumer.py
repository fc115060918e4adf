"""What every user does: a token of its own, one pace for all, answers read with their rows."""

import base64
import itertools
import time
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, TypeAlias
from urllib.parse import urlencode

import gevent
import msgspec
from gevent.lock import BoundedSemaphore
from locust import FastHttpUser, task
from locust.exception import StopUser
from oauthlib.oauth1 import Client as OAuth1Client

from homeroom.loadtests.operations import OPERATIONS
from homeroom.loadtests.plan import Plan, World
from homeroom.loadtests.tally import tally

Query: TypeAlias = Mapping[str, str | int] | None


class Row(msgspec.Struct, frozen=True):
    """All that is read of a row, whatever its collection."""

    sourcedId: str  # noqa: N815 -- the wire's name
    dateLastModified: str = ""  # noqa: N815 -- the wire's name
    status: str = ""


_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {}


def read_rows(content: bytes, key: str) -> list[Row]:
    """Read the rows of a page; raises WrongAnswer where it is none."""
    decoder = _DECODERS.get(key)
    if decoder is None:
        shape = msgspec.defstruct("Page", [("rows", list[Row])], rename={"rows": key})
        decoder = _DECODERS.setdefault(key, msgspec.json.Decoder(shape))
    try:
        rows: list[Row] = decoder.decode(content).rows
    except msgspec.MsgspecError as error:
        raise WrongAnswer(f"200, but no page of {key}: {error}") from None
    return rows


class WrongAnswer(Exception):  # noqa: N818 -- what came, not what went wrong with us
    """An answer that no consumer could use: it counts as failed, and ends the user."""


class Pace:
    """Lets so many requests a second through, evenly, for all users of a process."""

    def __init__(self, per_s: float | None) -> None:
        self._step = 1 / per_s if per_s else 0.0
        self._next = 0.0
        self._lock = BoundedSemaphore()

    def wait(self) -> None:
        """Sleep until it is this request's turn."""
        if not self._step:
            return
        with self._lock:
            now = time.perf_counter()
            turn = max(now, self._next)
            self._next = turn + self._step
        gevent.sleep(turn - now)


class Consumer(FastHttpUser):
    """A user of a provider; its subclasses say in `live_once` what it does, from start to end."""

    abstract = True
    network_timeout = 60.0
    connection_timeout = 10.0
    concurrency = 64
    max_retries = 0

    plan: ClassVar[Plan]
    pace: ClassVar[Pace]
    first_index: ClassVar[int] = 0
    index_step: ClassVar[int] = 1
    _numbers: ClassVar[Any] = itertools.count()

    def on_start(self) -> None:
        """Find out who it is: users are numbered through all processes."""
        cls = type(self)
        self.index: int = cls.first_index + cls.index_step * next(Consumer._numbers)
        worlds = self.plan.worlds
        self.world: World = worlds[self.index % len(worlds)]
        self.users = self.plan.profile.users
        self.began = time.perf_counter()

    @task
    def live(self) -> None:
        """Do all there is to do, then leave; what goes wrong ends this user, not the run."""
        try:
            self.live_once()
        except WrongAnswer:
            tally.failed_users += 1  # the request itself is in the statistics
        except StopUser:
            tally.failed_users += 1
            raise
        except Exception as error:
            tally.failed_users += 1
            self.note_fault(f"{type(error).__name__}: {error}")
        else:
            tally.finished_users += 1
        raise StopUser

    def live_once(self) -> None:
        """Do what this kind of user does. Raises WrongAnswer."""
        raise NotImplementedError

    def note_fault(self, reason: str) -> None:
        """Count something that is wrong though no single answer was."""
        self.environment.events.request.fire(
            request_type="CHECK", name=type(self).__name__, response_time=0, response_length=0,
            exception=WrongAnswer(reason), context={},
        )  # fmt: skip

    def rounds(self) -> Any:
        """Yield the number of each round, pausing between two, until time or rounds are up."""
        for number in range(self.users.rounds):
            if number:
                gevent.sleep(self.users.pause_s)
            longest = self.users.runs_for_s
            if longest is not None and time.perf_counter() - self.began > longest:
                return
            yield number

    def take_token(self) -> "Credentials":
        """Take a token, as each thread of the real consumer does."""
        return Credentials(self)

    def ask(
        self,
        credentials: "Authority",
        operation: str,
        url: str,
        method: str = "GET",
        *,
        json: Mapping[str, Any] | None = None,
        check: Any,
    ) -> Any:
        """Send one request and return what `check` makes of the answer.

        A 401 brings a new token and one more try, as a token may end in the middle of a night.
        `check` takes status, headers and content; what it raises as WrongAnswer fails the request.
        """
        for attempt in (1, 2):
            self.pace.wait()
            with self.client.request(
                method, url, name=operation, headers=credentials.headers(method, url),
                data=msgspec.json.encode(json).decode() if json is not None else None,
                catch_response=True,
            ) as answer:  # fmt: skip
                if answer.status_code == 401 and attempt == 1 and credentials.renew():
                    answer.success()
                    continue
                if answer.status_code == 0:
                    cause = getattr(answer, "error", None)
                    reason = f"no answer: {type(cause).__name__}: {cause}"
                    answer.failure(reason)
                    raise WrongAnswer(reason)
                if answer.status_code >= 400:
                    reason = f"status {answer.status_code}"
                    answer.failure(reason)
                    raise WrongAnswer(reason)
                try:
                    found = check(answer.status_code, answer.headers, answer.content or b"")
                except WrongAnswer as wrong:
                    answer.failure(str(wrong))
                    raise
                answer.success()
                return found
        raise AssertionError("unreachable: the second attempt returns or raises")

    def url(self, operation: str, query: Query = None, /, **ids: str) -> str:
        """Give an operation's address."""
        path = OPERATIONS[operation].path.format(**ids)
        return f"{self.world.base_url}{path}{'?' + urlencode(query) if query else ''}"


class Authority(Protocol):
    """What lets a request through."""

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Authorize one request."""
        ...

    def renew(self) -> bool:
        """Take a new credential for one that was refused; False where there is none."""
        ...


class Credentials:
    """One thread's token, or its way to sign."""

    def __init__(self, user: Consumer) -> None:
        self._user, self._world = user, user.world
        self.token = ""
        self.renewed = False
        """Whether a token of it was refused once."""
        world = self._world
        self._signer: Any = (
            OAuth1Client(world.client_id, world.client_secret, signature_method="HMAC-SHA256")
            if world.auth == "oauth1"
            else None
        )
        if self._signer is None:
            self._fetch()

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Authorize one request."""
        more = {"Content-Type": "application/json"} if method == "PUT" else {}
        if self._signer is None:
            return {"Authorization": f"Bearer {self.token}", **more}
        _, headers, _ = self._signer.sign(url, method)
        return {**headers, **more}

    def renew(self) -> bool:
        """Take a new token for one that ended; False where there are no tokens."""
        if self._signer is not None:
            return False
        tally.renewals += 1
        self.renewed = True
        self._fetch()
        return True

    def _fetch(self) -> None:
        world, user = self._world, self._user
        pair = base64.b64encode(f"{world.client_id}:{world.client_secret}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        if world.scope:
            form["scope"] = world.scope
        user.pace.wait()
        with user.client.post(
            world.token_url, data=urlencode(form), name="createToken", catch_response=True,
            headers={
                "Authorization": f"Basic {pair}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        ) as answer:  # fmt: skip
            try:
                self.token = _read_token(answer.status_code, answer.content or b"")
            except WrongAnswer as wrong:
                answer.failure(str(wrong))
                raise
            answer.success()


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 3600


def _read_token(status: int, content: bytes) -> str:
    if status != 200:
        raise WrongAnswer(f"no token: status {status}")
    try:
        token = msgspec.json.decode(content, type=_Token)
    except msgspec.MsgspecError as error:
        raise WrongAnswer(f"no token: {error}") from None
    if not token.access_token or token.expires_in <= 0:
        raise WrongAnswer("no token: empty, or it has ended already")
    return token.access_token


def next_link(headers: Any) -> str:
    """Give the address of the next page, empty after the last."""
    for part in (headers.get("Link") or "").split(","):
        url, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return str(url.strip().strip("<>"))
    return ""


def total_of(headers: Any) -> int | None:
    """Give how many rows the provider says there are, where it does."""
    total = headers.get("X-Total-Count")
    return int(total) if total and total.isdigit() else None
