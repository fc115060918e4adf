"""The service's own tables, in the database that DBOS uses too: SQLite or PostgreSQL.

Instants are ISO 8601 text in UTC, which both databases sort alike.
"""

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from homeroom.reference.errors import FatalError

metadata = sa.MetaData()

districts = sa.Table(
    "homeroom_districts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("night_at", sa.Text, nullable=False),
    sa.Column("grades_at", sa.Text),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("pauses", sa.Text, nullable=False),
    sa.Column("converting", sa.Boolean, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("choices", sa.Text, nullable=False),
)
credentials = sa.Table(
    "homeroom_credentials",
    metadata,
    sa.Column("district", sa.ForeignKey("homeroom_districts.id"), primary_key=True),
    sa.Column("side", sa.Text, primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
)
links = sa.Table(
    "homeroom_links",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # Of the secret part: whoever reads the table cannot follow a link.
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("district", sa.ForeignKey("homeroom_districts.id"), nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
    # "" while open; else "spent" or "withdrawn".
    sa.Column("ended", sa.Text, nullable=False),
)
log = sa.Table(
    "homeroom_log",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("district", sa.ForeignKey("homeroom_districts.id"), nullable=False, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
)
# The newest connection check and the newest evaluation of each district.
looks = sa.Table(
    "homeroom_looks",
    metadata,
    sa.Column("district", sa.ForeignKey("homeroom_districts.id"), primary_key=True),
    # "connect" or "evaluate".
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    # "running", "passed", "failed", "unusable" or "broken".
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("found", sa.Text, nullable=False),
)
seals = sa.Table(
    "homeroom_seals",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
)

# Who did what stays as it was written, whatever a later version of this program tries.
_GUARDS = {
    "sqlite": "CREATE TRIGGER homeroom_log_no_{act} BEFORE {act} ON homeroom_log "
    "BEGIN SELECT RAISE(ABORT, 'homeroom_log is only added to'); END",
    "postgresql": "CREATE RULE homeroom_log_no_{act} AS ON {act} TO homeroom_log "
    "DO INSTEAD NOTHING",
}


@event.listens_for(log, "after_create")
def _guard_log(_table: sa.Table, connection: sa.Connection, **_: Any) -> None:
    for act in ("update", "delete"):
        connection.execute(sa.text(_GUARDS[connection.dialect.name].format(act=act)))


def database_url(state: Path) -> str:
    """Give the address of the SQLite file in a state folder, the default database."""
    return f"sqlite:///{state.absolute() / 'service.sqlite'}"


def open_database(url: str) -> sa.Engine:
    """Open a database and make the tables that are missing.

    Raises:
        FatalError: The address is of another kind, or the database cannot be used. The text holds
            no password.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        raise FatalError(
            "the database's address is none; allowed are sqlite:////folder/file and "
            "postgresql+psycopg://user@host/name"
        ) from None
    shown = parsed.render_as_string(hide_password=True)
    more: dict[str, Any] = {}
    if parsed.drivername == "sqlite" and parsed.database:
        file = Path(parsed.database)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Sealed or not: what is about a district's credentials is nobody else's to read.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise FatalError(f"{file} cannot be used: {error.strerror}") from None
        more["connect_args"] = {"timeout": 30}
    elif parsed.drivername == "postgresql+psycopg":
        more["pool_pre_ping"] = True
    else:
        raise FatalError(
            f"the database {shown} is of a kind that is not supported; allowed are "
            "sqlite:////folder/file and postgresql+psycopg://user@host/name"
        )
    try:
        engine = sa.create_engine(parsed, **more)
        if parsed.drivername == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        try:
            metadata.create_all(engine)
        except DBAPIError:
            metadata.create_all(engine)  # another worker was making them at the same moment
    except (SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise FatalError(f"the database {shown} cannot be used: {reason}") from None
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"  # as DBOS does: writers queue instead of failing
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
