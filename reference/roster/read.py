"""Reading a provider's roster whole, by the bulk or the school-specific service."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

from homeroom.config import Choices, UserId
from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import (
    AcademicSession,
    Class,
    Course,
    Enrollment,
    Org,
    Record,
    User,
    ref_id,
)
from homeroom.reference.roster.shelves import Shelves
from homeroom.reference.settings import RosterService, Service
from homeroom.reference.transport import quoted

R = TypeVar("R", bound=Record)

USER_ID: dict[UserId, Callable[[User], str | None]] = {
    UserId.SOURCED_ID: lambda user: user.sourced_id,
    UserId.IDENTIFIER: lambda user: user.identifier,
    UserId.USERNAME: lambda user: user.username,
    UserId.EMAIL: lambda user: user.email,
}


class Stock(Generic[R]):
    """All readings of one kind of record: one for bulk, one for each school else."""

    def __init__(self, kind: type[R], key: Callable[[R], str]) -> None:
        self._kind, self._key = kind, key
        self._parts: list[Shelves[R]] = []

    def part(self) -> Shelves[R]:
        """Start an empty reading."""
        return Shelves(self._kind, self._key)

    def keep(self, part: Shelves[R]) -> None:
        """Count a finished reading in."""
        self._parts.append(part)

    @property
    def count(self) -> int:
        """How many records there are."""
        return sum(part.count for part in self._parts)

    def take(self, shelf: int) -> list[R]:
        """Give one shelf's records, each sourcedId once, by sourcedId."""
        found = {record.sourced_id: record for part in self._parts for record in part.take(shelf)}
        return [found[sourced_id] for sourced_id in sorted(found)]


class Feed:
    """A provider's whole roster as read this night."""

    def __init__(self, choices: Choices, service: Service) -> None:
        user_id = USER_ID[choices.user_id]
        self._schools = frozenset(service.schools)
        self.orgs: dict[str, Org] = {}
        self.sessions: dict[str, AcademicSession] = {}
        self.courses: dict[str, Course] = {}
        self.classes = Stock(Class, lambda class_: class_.sourced_id)
        self.users = Stock(User, lambda user: (user_id(user) or "").strip())
        self.enrollments = Stock(Enrollment, lambda seat: ref_id(seat.class_) or "")
        self.refusals: list[RecordError] = []

    def read(self, client: OneRosterClient, service: Service) -> None:
        """Read everything.

        Raises:
            FatalError: A collection could not be read whole.
        """
        self._table(client, "orgs", "orgs", Org, self.orgs)
        schools = [
            org.sourced_id
            for org in self.orgs.values()
            if org.type == "school" and org.live and self.allows([org.sourced_id])
        ]
        jobs: list[Callable[[], None]] = [
            lambda: self._table(
                client, "academicSessions", "academicSessions", AcademicSession, self.sessions
            )
        ]
        if service.roster is RosterService.BULK:
            jobs += self._jobs(client, "")
        else:
            for school in schools:
                jobs += self._jobs(client, f"schools/{quoted(school)}/")
        with ThreadPoolExecutor(max_workers=service.concurrency) as pool:
            for done in [pool.submit(job) for job in jobs]:
                done.result()

    def allows(self, orgs: Iterable[str | None]) -> bool:
        """Whether the list of schools to provision, if there is one, has one of these."""
        return not self._schools or not self._schools.isdisjoint(orgs)

    def _jobs(self, client: OneRosterClient, where: str) -> list[Callable[[], None]]:
        people = ["students", "teachers"] if where else ["users"]
        return [
            *(
                partial(self._stock, client, where + path, "users", User, self.users)
                for path in people
            ),
            partial(
                self._stock,
                client,
                f"{where}enrollments",
                "enrollments",
                Enrollment,
                self.enrollments,
            ),
            partial(self._table, client, f"{where}courses", "courses", Course, self.courses),
            partial(self._classes, client, where),
        ]

    def _classes(self, client: OneRosterClient, where: str) -> None:
        try:
            self._stock(client, f"{where}classes", "classes", Class, self.classes)
        except FatalError as error:
            # Instructure's list of school-specific calls has no classes; then the bulk one serves.
            if not where or "HTTP 404" not in str(error):
                raise
            self._stock(client, "classes", "classes", Class, self.classes)

    def _table(
        self, client: OneRosterClient, path: str, key: str, kind: type[R], into: dict[str, R]
    ) -> None:
        found: dict[str, R] = {}

        def add(records: list[R]) -> None:
            found.update((record.sourced_id, record) for record in records)

        def begin() -> Callable[[list[R]], None]:
            found.clear()
            return add

        self.refusals += client.read_all(path, key, kind, begin)
        into.update(found)

    def _stock(
        self, client: OneRosterClient, path: str, key: str, kind: type[R], into: Stock[R]
    ) -> None:
        parts: list[Shelves[R]] = []

        def begin() -> Callable[[list[R]], None]:
            parts.append(into.part())
            return parts[-1].add

        self.refusals += client.read_all(path, key, kind, begin)
        into.keep(parts[-1])


def refuse_emptiness(feed: Feed, before: dict[str, int]) -> None:
    """Stop where a collection is empty that was not empty last night: that is no roster.

    Raises:
        FatalError: One is.
    """
    now = {
        "accounts": len(feed.orgs),
        "terms": len(feed.sessions),
        "sections": feed.classes.count,
        "users": feed.users.count,
        "enrollments": feed.enrollments.count,
    }
    for kind, count in now.items():
        if not count and before.get(kind):
            raise FatalError(
                f"the provider serves nothing that leads to {kind}, where last night led to "
                f"{before[kind]}; nothing was applied"
            )
