"""One-time links by which a district hands over its credentials, never by mail.

A link is spent by credentials that can be right, in the transaction that stores them; what is
malformed leaves it open. Only its digest is kept.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
import sqlalchemy as sa

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding import tables
from homeroom.reference.onboarding.credentials import ProviderCredentials
from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.registry import Registry

DEFAULT_HOURS = 72
LONGEST_HOURS = 24 * 14
# What a district's own act is logged under: there is no person to name.
DISTRICT = "the district, by link"


class LinkError(FatalError):
    """A link that leads nowhere (any more); `reason` says why, to an admin's log alone."""

    def __init__(self, reason: Literal["unknown", "expired", "spent", "withdrawn"]) -> None:
        super().__init__(
            "This link is not valid, or not any more: it was used, has expired, or was replaced "
            "by a newer one. Ask whoever sent it for another"
        )
        self.reason = reason


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link as it is listed; its secret part is told once, to whoever makes it."""

    id: str
    district: str
    made_at: str
    made_by: str
    expires_at: str
    state: Literal["open", "spent", "expired", "withdrawn"]


class Links:
    """The links of a registry's districts."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def make(self, district_id: str, *, who: str, hours: int = DEFAULT_HOURS) -> tuple[Link, str]:
        """Make a link, and withdraw the district's earlier ones; give it and its secret part.

        Raises:
            FatalError: There is no such district, or it would be open for too long.
        """
        if not 1 <= hours <= LONGEST_HOURS:
            raise FatalError(f"hours is {hours}; allowed is 1 to {LONGEST_HOURS}")
        self._registry.find(district_id)
        token, now = secrets.token_urlsafe(32), self._now()
        row = {
            "id": secrets.token_hex(4),
            "digest": _digest(token),
            "district": district_id,
            "made_at": _text(now),
            "made_by": who,
            "expires_at": _text(now + timedelta(hours=hours)),
            "ended": "",
        }
        with self._registry.engine.begin() as connection:
            self._withdraw(connection, district_id)
            connection.execute(sa.insert(tables.links).values(row))
            told = {"link": row["id"], "expires_at": row["expires_at"]}
            self._registry.write_log(connection, district_id, who, "link made", told)
        return _link(row, now), token

    def withdraw(self, district_id: str, *, who: str) -> int:
        """End a district's open links; give how many there were."""
        self._registry.find(district_id)
        with self._registry.engine.begin() as connection:
            count = self._withdraw(connection, district_id)
            if count:
                told = {"links": count}
                self._registry.write_log(connection, district_id, who, "links withdrawn", told)
        return count

    def list(self, district_id: str) -> list[Link]:
        """Give a district's links, newest first."""
        table = tables.links
        query = sa.select(table).where(table.c.district == district_id)
        with self._registry.engine.connect() as connection:
            rows = connection.execute(query.order_by(table.c.made_at.desc())).mappings()
            return [_link({str(key): row[key] for key in row}, self._now()) for row in rows]

    def look(self, token: str) -> tuple[Link, District]:
        """Give an open link and its district; spends nothing. Raises LinkError."""
        table = tables.links
        query = sa.select(table).where(table.c.digest == _digest(token))
        with self._registry.engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise LinkError("unknown")
        link = _link({str(key): row[key] for key in row}, self._now())
        if link.state != "open":
            raise LinkError(link.state)
        return link, self._registry.find(link.district)

    def spend(self, token: str, given: ProviderCredentials) -> District:
        """Store what a district entered, and end its link, both or neither. Raises LinkError."""
        link, district = self.look(token)
        table = tables.links
        with self._registry.engine.begin() as connection:
            still_open = (table.c.id == link.id, table.c.ended == "",
                          table.c.expires_at > _text(self._now()))  # fmt: skip
            ended = connection.execute(sa.update(table).where(*still_open).values(ended="spent"))
            if ended.rowcount != 1:
                raise LinkError("spent")  # by a second request at the same moment
            told = {"link": link.id}
            self._registry.write_log(connection, district.id, DISTRICT, "link spent", told)
            self._registry.put_credentials(district.id, given, who=DISTRICT, connection=connection)
        return district

    def _withdraw(self, connection: sa.Connection, district_id: str) -> int:
        table = tables.links
        still_open = (table.c.district == district_id, table.c.ended == "",
                      table.c.expires_at > _text(self._now()))  # fmt: skip
        update = sa.update(table).where(*still_open).values(ended="withdrawn")
        return connection.execute(update).rowcount

    def _now(self) -> datetime:
        return self._registry.clock().astimezone(UTC)


def _digest(token: str) -> str:
    # The token has 256 random bits: no salt nor slow hash makes it harder to guess.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _link(row: dict[str, str], now: datetime) -> Link:
    state = row["ended"] or ("open" if row["expires_at"] > _text(now) else "expired")
    names = ("id", "district", "made_at", "made_by", "expires_at")
    return msgspec.convert({**{name: row[name] for name in names}, "state": state}, Link)
