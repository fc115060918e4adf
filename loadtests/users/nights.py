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
        """Fail where a night fails, is held, refuses rows, or leaves Canvas unlike its plan."""
        admin = _Admin(self.world.client_secret)
        for number in self.rounds():
            began = time.perf_counter()
            job = self._ask(admin, "runNow", "POST", {"kind": "night"})
            while job["status"] in OPEN:
                gevent.sleep(POLL_S)
                job = self._ask(admin, "getJob", "GET", job=job["id"])
            took_ms = (time.perf_counter() - began) * 1000
            wrong = self._judge(job, first=number == 0)
            self.environment.events.request.fire(
                request_type="NIGHT", name="night, from asking to its end", response_length=0,
                response_time=took_ms, exception=wrong, context={},
            )  # fmt: skip
            if wrong is not None:
                raise wrong
            tally.records += sum(self.world.expected.values())

    def _judge(self, job: dict[str, Any], *, first: bool) -> WrongAnswer | None:
        if job["status"] not in WENT:
            stage = job.get("stage") or "?"
            return WrongAnswer(f"{job['status']} at {stage}: {job.get('summary', '')[:200]}")
        totals: dict[str, int] = job["totals"]
        wrong = {name: totals.get(name) for name in ("refused", "warnings", "drift")}
        if any(wrong.values()):
            return WrongAnswer(f"the night ended with {wrong}")
        added, least = totals.get("added", 0), self.world.expected.get("enrollments", 0)
        if first and added < least:
            return WrongAnswer(f"{added} rows came new into Canvas; {least} enrollments alone are")
        if not first and added:
            return WrongAnswer(f"{added} rows added in a night after which nothing had changed")
        return None

    def _ask(
        self, admin: _Admin, operation: str, method: str, body: Any = None, **ids: str
    ) -> dict[str, Any]:
        def check(status: int, headers: Any, content: bytes) -> Any:
            return msgspec.json.decode(content)

        url = self.url(operation, None, district=self.world.district, **ids)
        found: dict[str, Any] = self.ask(admin, operation, url, method, json=body, check=check)
        return found
