"""Reading a provider's roster whole, by the bulk or the school-specific service."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from homeroom.config import Choices
from homeroom.reference.errors import FatalError, RecordError
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import ref_id
from homeroom.reference.roster.mapping import id_of
from homeroom.reference.roster.shelves import Shelves
from homeroom.reference.settings import Service
from homeroom.reference.transport import quoted

R = TypeVar("R", bound=oneroster.Record)
Job = partial[None]


class Stock(Generic[R]):
    """All readings of one kind of record: one for bulk, one for each school else."""

    def __init__(self, kind: type[R], key: Callable[[R], str]) -> None:
        self.kind, self.key = kind, key
        self.part: Callable[[], Shelves[R]] = partial(Shelves, kind, key)
        self.parts: list[Shelves[R]] = []

    def take(self, shelf: int) -> list[R]:
        """Give one shelf's records, each sourcedId once, by sourcedId."""
        found = {record.sourced_id: record for part in self.parts for record in part.take(shelf)}
        return [found[sourced_id] for sourced_id in sorted(found)]


class Feed:
    """A provider's whole roster as read this night."""

    def __init__(self, choices: Choices, service: Service, client: OneRosterClient) -> None:
        self._client, self._service, self._schools = client, service, frozenset(service.schools)
        self.orgs: dict[str, oneroster.Org] = {}
        self.sessions: dict[str, oneroster.AcademicSession] = {}
        self.courses: dict[str, oneroster.Course] = {}
        self.classes = Stock(oneroster.Class, lambda class_: class_.sourced_id)
        self.users = Stock(oneroster.User, lambda user: id_of(user, choices.user_id))
        self.enrollments = Stock(oneroster.Enrollment, lambda seat: ref_id(seat.class_) or "")
        self.refusals: list[RecordError] = []

    def read(self) -> None:
        """Read everything.

        Raises:
            FatalError: A collection could not be read whole.
        """
        self._table("orgs", oneroster.Org, self.orgs)
        self._table("academicSessions", oneroster.AcademicSession, self.sessions)
        schools = (org for org in self.orgs.values() if org.type == "school" and org.live)
        ours = (org.sourced_id for org in schools if self.allows([org.sourced_id]))
        apart = (f"schools/{quoted(sourced_id)}/" for sourced_id in ours)
        places = [""] if self._service.roster == "bulk" else apart
        jobs = [job for place in places for job in self._jobs(place)]
        if self._service.roster == "school":
            # Who teaches as an administrator or aide is in no school's list of teachers.
            jobs.append(partial(self._stock, "users", self.users))
        with ThreadPoolExecutor(max_workers=self._service.concurrency) as pool:
            list(pool.map(Job.__call__, jobs))

    def allows(self, orgs: Iterable[str | None]) -> bool:
        """Whether the list of schools to provision, if there is one, has one of these."""
        return not self._schools or not self._schools.isdisjoint(orgs)

    def _jobs(self, where: str) -> list[Job]:
        people = ["students", "teachers"] if where else ["users"]
        seats = partial(self._stock, f"{where}enrollments", self.enrollments)
        courses = partial(self._table, f"{where}courses", oneroster.Course, self.courses)
        users = [partial(self._stock, f"{where}{path}", self.users, "users") for path in people]
        return [*users, seats, courses, partial(self._classes, where)]

    def _classes(self, where: str) -> None:
        try:
            self._stock(f"{where}classes", self.classes)
        except FatalError as error:
            # Instructure's list of school-specific calls has no classes; then the bulk one serves.
            if not where or "HTTP 404" not in str(error):
                raise
            self._stock("classes", self.classes)

    def _table(self, path: str, kind: type[R], into: dict[str, R]) -> None:
        key = path.rpartition("/")[2]
        records = self._client.get_all(path, key, kind, self.refusals)
        into |= {record.sourced_id: record for record in records}

    def _stock(self, path: str, into: Stock[Any], key: str = "") -> None:
        parts: list[Shelves[Any]] = []

        def begin() -> Callable[[list[Any]], None]:
            parts.append(into.part())
            return parts[-1].add

        key = key or path.rpartition("/")[2]
        self.refusals += self._client.read_all(path, key, into.kind, begin)
        into.parts.append(parts[-1])
