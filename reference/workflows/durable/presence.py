"""Which workers live: known by locks that end with them, however they end.

On SQLite one process works, kept by a lock beside the file. On PostgreSQL each worker holds an
advisory lock for as long as its session lasts; whoever can take it knows that the worker is dead.
"""

import contextlib
import hashlib
import logging
from collections.abc import Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from homeroom.reference.errors import FatalError
from homeroom.reference.workflows.memory import InUseError, locked

_log = logging.getLogger(__name__)


class Presence(Protocol):
    """A worker's sign of life, and how it sees those of others."""

    def renew(self) -> None:
        """Show that this worker lives still, where the sign was lost."""
        ...

    def dead(self, worker: str) -> AbstractContextManager[bool]:
        """Say whether another worker is dead; while in the block nobody else buries it."""
        ...

    def close(self) -> None:
        """Be gone."""
        ...


class OnlyOne:
    """The one process that works on a SQLite file.

    DBOS takes what is pending in a SQLite file for its own, and would run a step again that
    another process is at: so there is no other.
    """

    def __init__(self, database: Path) -> None:
        """Be the one. Raises FatalError: another process is; it is named by its pid."""
        self._stack = contextlib.ExitStack()
        folder = database.with_name(database.name + ".worker")
        try:
            self._stack.enter_context(locked(folder))
        except InUseError as error:
            holder = str(error).partition("(")[2].partition(")")[0]
            raise FatalError(
                f"another process ({holder}) works on {database}: on SQLite only one may. Stop it, "
                "or have several workers share a PostgreSQL database"
            ) from None

    def renew(self) -> None:
        """Nothing to do: the lock lasts as long as the process."""

    def dead(self, worker: str) -> AbstractContextManager[bool]:
        """All others are: there is one process at a time."""
        del worker
        return contextlib.nullcontext(True)

    def close(self) -> None:
        """Let another be the one."""
        self._stack.close()


class Session:
    """A worker's session with PostgreSQL, which holds its lock."""

    def __init__(self, engine: sa.Engine, worker: str) -> None:
        """Be there. Raises FatalError: the database cannot be reached."""
        # A connection of its own: one handed back to a pool would keep, or lose, the lock.
        self._engine = sa.create_engine(engine.url, poolclass=sa.NullPool)
        self._worker = worker
        try:
            self._connection = self._connect()
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise FatalError(f"the database cannot be used: {reason}") from None

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _key(self._worker)})
        return connection

    def renew(self) -> None:
        """Take the lock again where the session was lost, as when the database was restarted."""
        try:
            self._connection.execute(sa.text("SELECT 1"))
        except SQLAlchemyError:
            _log.warning("worker %s lost its session; others may take up its jobs", self._worker)
            with contextlib.suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = self._connect()

    @contextlib.contextmanager
    def dead(self, worker: str) -> Generator[bool]:
        """Whether the other's lock is free; held in the block, so that one alone buries it."""
        key = {"key": _key(worker)}
        got = bool(self._connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), key))
        try:
            yield got
        finally:
            if got:
                self._connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)

    def close(self) -> None:
        """End the session, and the lock with it."""
        with contextlib.suppress(SQLAlchemyError):
            self._connection.close()
        self._engine.dispose()


def presence_of(engine: sa.Engine, worker: str) -> Presence:
    """Show this worker's sign of life in a database. Raises FatalError."""
    if engine.dialect.name == "sqlite":
        return OnlyOne(Path(engine.url.database or "homeroom.sqlite"))
    return Session(engine, worker)


def _key(worker: str) -> int:
    digest = hashlib.blake2b(f"homeroom worker {worker}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
