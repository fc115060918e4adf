"""Consumers as Locust users: they do what a nightly sync does, and check what they get."""

import os
from typing import Any

from gevent.lock import BoundedSemaphore
from locust import FastHttpUser, task
from locust.exception import StopUser

from homeroom.loadtests.profiles import PROFILES, Profile

OPERATIONS = {
    "orgs": "getAllOrgs",
    "academicSessions": "getAllAcademicSessions",
    "courses": "getAllCourses",
    "classes": "getAllClasses",
    "users": "getAllUsers",
    "enrollments": "getAllEnrollments",
}


class Tally:
    """What all consumers of a process have read."""

    def __init__(self) -> None:
        self._lock = BoundedSemaphore()
        self.records = 0
        self.finished = 0

    def add(self, *, records: int = 0, finished: int = 0) -> None:
        """Count records read and consumers done."""
        with self._lock:
            self.records += records
            self.finished += finished


tally = Tally()


class RosterConsumer(FastHttpUser):
    """Reads the whole roster of a district as often as its profile says, then leaves."""

    network_timeout = 60.0
    connection_timeout = 10.0

    def on_start(self) -> None:
        """Take a token of its own, as each thread of the real consumer does."""
        self.profile: Profile = PROFILES[os.environ["HOMEROOM_LOAD_PROFILE"]]
        self.base_url = os.environ["ONEROSTER_BASE_URL"].rstrip("/")
        with self.client.post(
            os.environ["ONEROSTER_TOKEN_URL"],
            data={"grant_type": "client_credentials"},
            auth=(os.environ["ONEROSTER_CLIENT_ID"], os.environ["ONEROSTER_CLIENT_SECRET"]),
            name="createToken",
            catch_response=True,
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"no token: {answer.status_code}")
                raise StopUser
            self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    @task
    def read_roster(self) -> None:
        """Page through every collection; wrong counts and repeated rows fail like a bad status."""
        for _ in range(self.profile.crawls):
            for collection in self.profile.collections:
                self._read_collection(collection)
        tally.add(finished=1)
        raise StopUser

    def _read_collection(self, collection: str) -> None:
        seen: set[str] = set()
        url = f"{self.base_url}/{collection}?limit={self.profile.page_limit}"
        while url:
            page: Any
            with self.client.get(
                url, headers=self.headers, name=OPERATIONS[collection], catch_response=True
            ) as page:
                problem, rows = self._check_page(page, collection, seen)
                url = _next_link(page.headers.get("Link") or "")
                total = page.headers.get("X-Total-Count")
                if problem is None and not url and total is not None and int(total) != len(seen):
                    problem = f"{len(seen)} rows read of {total} promised"
                if problem:
                    page.failure(problem)
                    raise StopUser
                tally.add(records=rows)

    def _check_page(self, page: Any, collection: str, seen: set[str]) -> tuple[str | None, int]:
        if page.status_code != 200:
            return f"status {page.status_code}", 0
        rows = page.json().get(collection)
        if not rows:
            return "200 without rows", 0
        before = len(seen)
        seen.update(row["sourcedId"] for row in rows)
        if len(seen) != before + len(rows):
            return f"{before + len(rows) - len(seen)} rows came twice", 0
        return None, len(rows)


def _next_link(header: str) -> str:
    for part in header.split(","):
        url, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return url.strip().strip("<>")
    return ""
