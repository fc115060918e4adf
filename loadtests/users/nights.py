"""Nights of many districts, asked of the reference service through its own API."""

import time
from typing import Any

import gevent
import msgspec

from homeroom.loadtests.tally import tally
from homeroom.loadtests.users.consumer import Consumer, WrongAnswer

POLL_S = 0.5
WENT = ("Completed", "Warning")
OPEN = ("Queued", "In Progress")


class _Admin:
    """An admin's token, in the place of a provider's."""

    def __init__(self, token: str) -> None:
        self._token = token

    def headers(self, method: str, url: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}

    def renew(self) -> bool:
        return False


class Nights(Consumer):
    """One district's admin: asks for a night, and waits until it is through."""

    def live_once(self) -> None:
        """Fail where a night fails, is held, or counts other rows than the provider promised."""
        admin = _Admin(self.world.client_secret)
        for _ in self.rounds():
            began = time.perf_counter()
            job = self._ask(admin, "runNow", "POST", {"kind": "night"})
            while job["status"] in OPEN:
                gevent.sleep(POLL_S)
                job = self._ask(admin, "getJob", "GET", job=job["id"])
            took_ms = (time.perf_counter() - began) * 1000
            self.environment.events.request.fire(
                request_type="NIGHT", name="night, from asking to its end", response_length=0,
                response_time=took_ms, exception=self._judge(job), context={},
            )  # fmt: skip
            if self._judge(job):
                raise WrongAnswer("the night went wrong")
            tally.records += sum(self.world.expected.values())

    def _judge(self, job: dict[str, Any]) -> WrongAnswer | None:
        if job["status"] not in WENT:
            stage = job.get("stage") or "?"
            return WrongAnswer(f"{job['status']} at {stage}: {job.get('summary', '')[:200]}")
        for collection, expected in self.world.expected.items():
            read = next(
                (
                    stage["counts"].get(collection)
                    for stage in job["stages"]
                    if stage["counts"].get(collection) is not None
                ),
                None,
            )
            if read is not None and read != expected:
                return WrongAnswer(f"{collection}: {read} read of {expected} promised")
        return None

    def _ask(
        self, admin: _Admin, operation: str, method: str, body: Any = None, **ids: str
    ) -> dict[str, Any]:
        def check(status: int, headers: Any, content: bytes) -> Any:
            return msgspec.json.decode(content)

        url = self.url(operation, None, district=self.world.district, **ids)
        found: dict[str, Any] = self.ask(admin, operation, url, method, json=body, check=check)
        return found
