"""Last night's feed on disk, found again by id, by class, by person and by date.

It is a cache of what the provider said, in one SQLite file, valid for the run that Canvas holds
and for no other: a night changes it in a transaction that ends when its import has ended well.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from homeroom.config import Choices
from homeroom.reference.errors import FatalError
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.records import ref_id
from homeroom.reference.roster.mapping import id_of

R = TypeVar("R", bound=oneroster.Record)

VERSION = 1
_encoder = msgspec.json.Encoder()
# What is looked up otherwise than by sourcedId; made when the rows are in, which is quicker.
INDEXES = {
    "users": ("key",),
    "classes": ("course",),
    "enrollments": ("class, user, role", "user", "begins", "ends"),
    "placings": ("course",),
}


class Facts(msgspec.Struct, kw_only=True):
    """What is known of the feed in a store."""

    version: int = VERSION
    # The run that led to what Canvas holds; blank before there is one.
    run: str = ""
    # When it was read, on our clock, and the newest dateLastModified in it, on the provider's.
    read_at: str
    newest: str = ""
    # Of the choices and settings it was mapped by.
    settings: str = ""
    # Delta nights since everything was read.
    deltas: int = 0
    # Rows of each collection beside those here: the ones that could not be read.
    beside: dict[str, int] = {}
    # Why deltas cannot be trusted, where they cannot.
    doubt: str = ""
    # Rows that Canvas refused, to be tried again: kind, then id.
    refused: list[list[str]] = []


class Table(Generic[R]):
    """The records of one collection."""

    def __init__(
        self, store: "Store", name: str, kind: type[R], columns: Mapping[str, Callable[[R], str]]
    ) -> None:
        self._store, self.name, self._columns = store, name, columns
        self._decoder = msgspec.json.Decoder(kind)
        marks = ", ".join("?" * (len(columns) + 2))
        self._insert = f"INSERT OR REPLACE INTO {name} VALUES ({marks})"  # noqa: S608 - ours too

    def create(self) -> None:
        """Make the table, empty."""
        columns = "".join(f", {name} TEXT" for name in self._columns)
        drop = f"DROP TABLE IF EXISTS {self.name}"
        create = f"CREATE TABLE {self.name}(sourced_id TEXT PRIMARY KEY{columns}, record BLOB)"
        # Collections are read side by side, and no table can go while another is written.
        with self._store.lock:
            self._store.db.execute(drop)
            self._store.db.execute(create)

    def add(self, records: Iterable[R]) -> None:
        """Put records in, in place of those of the same sourcedId."""
        rows = [
            (each.sourced_id, *(of(each) for of in self._columns.values()), _encoder.encode(each))
            for each in records
        ]
        with self._store.lock:
            self._store.db.executemany(self._insert, rows)

    def find(self, sourced_id: str) -> R | None:
        """Give one record."""
        return next(iter(self.where("sourced_id = ?", sourced_id)), None)

    def where(self, condition: str, *values: str) -> list[R]:
        """Give the records that meet a condition, by sourcedId."""
        # The conditions are this package's own, never a provider's words.
        sql = f"SELECT record FROM {self.name} WHERE {condition} ORDER BY sourced_id"  # noqa: S608
        return [self._decoder.decode(blob) for (blob,) in self._store.db.execute(sql, values)]

    def everything(self) -> dict[str, R]:
        """Give a small collection whole."""
        return {each.sourced_id: each for each in self.where("1")}

    @property
    def count(self) -> int:
        """How many records there are."""
        sql = f"SELECT count(*) FROM {self.name}"  # noqa: S608 - a table of ours
        return int(self._store.db.execute(sql).fetchone()[0])


class Store(contextlib.AbstractContextManager["Store"]):
    """One file; `path` is where it is kept, `at` where it is while it is being made."""

    def __init__(self, path: Path, choices: Choices, *, anew: bool = False) -> None:
        self.path, self.at = path, path.with_suffix(".part") if anew else path
        self.anew, self.lock = anew, threading.Lock()
        if anew:
            self.at.unlink(missing_ok=True)
            self.at.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(self.at, isolation_level=None, check_same_thread=False)
        self.orgs = Table(self, "orgs", oneroster.Org, {})
        self.sessions = Table(self, "academic_sessions", oneroster.AcademicSession, {})
        self.courses = Table(self, "courses", oneroster.Course, {})
        self.classes = Table(self, "classes", oneroster.Class, {"course": _course})
        keyed: dict[str, Callable[[oneroster.User], str]] = {
            "key": lambda user: id_of(user, choices.user_id)
        }
        self.users = Table(self, "users", oneroster.User, keyed)
        self.seats = Table(self, "enrollments", oneroster.Enrollment, SEAT)
        self.changing: Sequence[Table[Any]] = self.courses, self.classes, self.users, self.seats
        if anew:
            # What is torn is thrown away with its file: no journal, no waiting for the disk.
            self.db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        self.db.execute("BEGIN IMMEDIATE")
        if anew:
            for table in (self.orgs, self.sessions, *self.changing):
                table.create()
            self.db.execute("CREATE TABLE facts(whole BLOB)")
            self.db.execute("CREATE TABLE people(sourced_id TEXT PRIMARY KEY, sis_id TEXT)")
            self.db.execute(
                "CREATE TABLE placings(class TEXT PRIMARY KEY, course TEXT, placing BLOB)"
            )

    def __exit__(self, *_: object) -> None:
        """Throw away what was not kept."""
        self.db.close()
        if self.anew:
            self.at.unlink(missing_ok=True)

    def facts(self) -> Facts:
        """Say what is known of the feed that is kept here."""
        (whole,) = self.db.execute("SELECT whole FROM facts").fetchone()
        return msgspec.json.decode(whole, type=Facts)

    def iter_pairs(self, condition: str, *values: str) -> Iterator[tuple[str, str]]:
        """Yield the class and the person of each enrollment that meets a condition."""
        yield from self.db.execute(
            f"SELECT class, user FROM enrollments WHERE {condition}",  # noqa: S608 - as above
            values,
        )

    def keep(self, facts: Facts) -> None:
        """Make this the feed of the run in `facts`."""
        self.db.execute("DELETE FROM facts")
        self.db.execute("INSERT INTO facts VALUES (?)", (_encoder.encode(facts),))
        for table, columns in INDEXES.items() if self.anew else ():
            for number, column in enumerate(columns):
                self.db.execute(f"CREATE INDEX {table}_{number} ON {table}({column})")
        self.db.execute("COMMIT")
        self.db.close()
        if self.anew:
            with self.at.open("rb+") as file:
                os.fsync(file.fileno())
            self.at.replace(self.path)


def open_store(path: Path, choices: Choices) -> Store | None:
    """Open last night's feed; None where none is kept.

    Raises:
        FatalError: Another process has it.
    """
    if not path.exists():
        return None
    try:
        store = Store(path, choices)
        store.facts()
    except (sqlite3.Error, TypeError, msgspec.MsgspecError) as error:
        if "locked" in str(error):
            raise FatalError(f"another process is at work on {path}") from None
        # Left for a person to look at; the night reads everything and does without.
        path.replace(path.with_suffix(".unreadable"))
        return None
    return store


def _course(class_: oneroster.Class) -> str:
    return ref_id(class_.course) or ""


def _class_of(seat: oneroster.Enrollment) -> str:
    return ref_id(seat.class_) or ""


def _user_of(seat: oneroster.Enrollment) -> str:
    return ref_id(seat.user) or ""


def _role_of(seat: oneroster.Enrollment) -> str:
    return seat.role.value


def _begins(seat: oneroster.Enrollment) -> str:
    return (seat.begin_date or "")[:10]


def _ends(seat: oneroster.Enrollment) -> str:
    return (seat.end_date or "")[:10]


SEAT: Mapping[str, Callable[[oneroster.Enrollment], str]] = {
    "class": _class_of,
    "user": _user_of,
    "role": _role_of,
    "begins": _begins,
    "ends": _ends,
}
