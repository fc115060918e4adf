"""The districts of a service: where each stands, its sealed credentials, and who did what when.

Every write and its line of the log are one transaction; the log is only ever added to.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from homeroom.reference.onboarding import tables
from homeroom.reference.onboarding.credentials import (
    CanvasCredentials,
    Credentials,
    ProviderCredentials,
    Side,
)
from homeroom.reference.onboarding.districts import (
    CredentialsNote,
    District,
    DistrictError,
    LogEntry,
    UnknownDistrictError,
    check_district,
    state_folder,
)
from homeroom.reference.onboarding.guarding import ServedSettings
from homeroom.reference.onboarding.stages import Stage, StageError, check_forward, stage_before
from homeroom.reference.onboarding.vault import Vault, VaultError
from homeroom.reference.transport import Auth, Bearer, ClientCredentials, OAuth1

KINDS: Mapping[Side, Any] = {"oneroster": ProviderCredentials, "canvas": CanvasCredentials}
# What `change` may touch; a stage moves by its own steps.
CHANGEABLE = ("name", "time_zone", "night_at", "grades_at", "paused", "pauses", "converting",
              "service", "choices")  # fmt: skip
_SEAL = "homeroom"


def utc_now() -> datetime:
    """Tell the machine's time."""
    return datetime.now(UTC)


class Registry:
    """All districts of one database."""

    def __init__(
        self,
        engine: sa.Engine,
        vault: Vault,
        state_root: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        private: bool = False,
    ) -> None:
        """Open it.

        Args:
            engine: Its database.
            vault: Opens the credentials.
            state_root: Folder of the districts' memories.
            clock: Tells the time.
            private: Whether runs may reach peers on loopback and in private networks.

        Raises:
            VaultError: The vault's keys are not those that sealed what this database holds.
        """
        self.engine, self.vault, self.state_root = engine, vault, state_root
        self.clock, self._private = clock, private
        self._check_seal()

    def _check_seal(self) -> None:
        with self.engine.begin() as connection:
            sealed = connection.scalar(sa.select(tables.seals.c.sealed))
            if sealed is None:
                row = {"name": _SEAL, "sealed": self.vault.seal(_SEAL, True)}
                connection.execute(sa.insert(tables.seals).values(row))
                return
        try:
            self.vault.open(_SEAL, sealed)
        except VaultError:
            raise VaultError(
                f"this database was sealed with other keys than {self.vault.where}; "
                "give back the keys that it was begun with"
            ) from None

    def reseal(self) -> int:
        """Seal everything anew with the vault's first key; give how many credentials there are."""
        with self.engine.begin() as connection:
            for table in (tables.seals, tables.credentials):
                for row in connection.execute(sa.select(table)).mappings().all():
                    keys = [column == row[column.name] for column in table.primary_key]
                    values = {"sealed": self.vault.reseal(row["sealed"])}
                    connection.execute(sa.update(table).where(*keys).values(values))
            count = connection.scalar(sa.select(sa.func.count()).select_from(tables.credentials))
        return int(count or 0)

    def districts(self) -> list[District]:
        """Give all districts, by id."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(tables.districts).order_by("id")).mappings()
            return [_district(row) for row in rows]

    def find(self, district_id: str) -> District:
        """Give one district. Raises UnknownDistrictError."""
        with self.engine.connect() as connection:
            return self._find(connection, district_id)

    def _find(self, connection: sa.Connection, district_id: str) -> District:
        query = sa.select(tables.districts).where(tables.districts.c.id == district_id)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise UnknownDistrictError(f"there is no district {district_id!r}")
        return _district(row)

    def add(self, district: District, *, who: str) -> District:
        """Take in a district, at its first stage. Raises DistrictError: not allowed, or there."""
        district = check_district(msgspec.structs.replace(district, stage=Stage.REQUESTED))
        try:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(tables.districts).values(_row(district)))
                told = msgspec.to_builtins(district)
                self.write_log(connection, district.id, who, "requested", told)
        except IntegrityError:
            raise DistrictError(f"there is a district {district.id!r} already") from None
        return district

    def change(self, district_id: str, *, who: str, **values: Any) -> District:
        """Set some of a district's values, by the names of CHANGEABLE.

        Raises:
            DistrictError: There is none such, or not with these values.
            StageError: The next step would be left out.
        """
        unknown = set(values) - set(CHANGEABLE)
        if unknown:
            allowed = ", ".join(CHANGEABLE)
            raise DistrictError(f"{', '.join(sorted(unknown))}: can be changed are {allowed}")
        with self.engine.begin() as connection:
            before = self._find(connection, district_id)
            after = check_district(msgspec.structs.replace(before, **values))
            if before.converting and not after.converting and before.stage is Stage.CONNECTED:
                raise StageError(f"{district_id} converts: it is evaluated before anything else")
            row, was = _row(after), _row(before)
            news = {name: msgspec.to_builtins(values[name]) for name in values
                    if row[name] != was[name]}  # fmt: skip
            if news:
                where = tables.districts.c.id == district_id
                changed = {name: row[name] for name in news}
                connection.execute(sa.update(tables.districts).where(where).values(changed))
                self.write_log(connection, district_id, who, "changed", news)
        return after

    def advance(
        self, district_id: str, wanted: Stage, *, who: str, evidence: Mapping[str, Any]
    ) -> District:
        """Move a district to its next stage. Raises StageError: that is another one."""
        with self.engine.begin() as connection:
            before = self._find(connection, district_id)
            check_forward(before.stage, wanted, converting=before.converting)
            if wanted is Stage.CONNECTED:
                self._check_both(connection, district_id)
            return self._move(connection, before, wanted, who, str(wanted), evidence)

    def step_back(self, district_id: str, *, who: str, reason: str) -> District:
        """Switch off passback, or provisioning where passback is off. Raises StageError."""
        with self.engine.begin() as connection:
            before = self._find(connection, district_id)
            wanted = stage_before(before.stage, converting=before.converting)
            what = f"{before.stage} off"
            return self._move(connection, before, wanted, who, what, {"reason": reason})

    def _move(
        self,
        connection: sa.Connection,
        before: District,
        wanted: Stage,
        who: str,
        what: str,
        evidence: Mapping[str, Any],
    ) -> District:
        table = tables.districts
        where = (table.c.id == before.id, table.c.stage == str(before.stage))
        moved = connection.execute(sa.update(table).where(*where).values(stage=str(wanted)))
        if moved.rowcount != 1:
            raise StageError("somebody else moved the district at the same moment: look again")
        self.write_log(connection, before.id, who, what, {"from": str(before.stage), **evidence})
        return msgspec.structs.replace(before, stage=wanted)

    def put_credentials(
        self,
        district_id: str,
        given: Credentials,
        *,
        who: str,
        connection: sa.Connection | None = None,
    ) -> None:
        """Store credentials sealed, in place of any before; the district's stage stays.

        With `connection` it is part of the transaction that goes on there.
        """
        if connection is None:
            with self.engine.begin() as own:
                return self.put_credentials(district_id, given, who=who, connection=own)
        self._find(connection, district_id)
        side: Side = "canvas" if isinstance(given, CanvasCredentials) else "oneroster"
        table = tables.credentials
        where = (table.c.district == district_id, table.c.side == side)
        removed = connection.execute(sa.delete(table).where(*where))
        sealed = self.vault.seal(_label(district_id, side), msgspec.to_builtins(given))
        row = {"district": district_id, "side": side, "sealed": sealed, "at": self._at(),
               "who": who}  # fmt: skip
        connection.execute(sa.insert(table).values(row))
        what = "credentials replaced" if removed.rowcount else "credentials stored"
        self.write_log(connection, district_id, who, what, {"side": side})
        return None

    def credentials(self, district_id: str) -> list[CredentialsNote]:
        """Say which credentials are stored, by whom and when; never what they are."""
        table = tables.credentials
        query = sa.select(table.c.side, table.c.at, table.c.who)
        with self.engine.connect() as connection:
            ours = query.where(table.c.district == district_id).order_by(table.c.side)
            rows = connection.execute(ours).mappings()
            return [CredentialsNote(**row) for row in rows]

    def open_credentials(self, district_id: str, side: Side) -> Any:
        """Open credentials, for a run or a check. Raises DistrictError: there are none."""
        table = tables.credentials
        where = (table.c.district == district_id, table.c.side == side)
        with self.engine.connect() as connection:
            sealed = connection.scalar(sa.select(table.c.sealed).where(*where))
        if sealed is None:
            raise DistrictError(_MISSING[side].format(district=district_id))
        value = self.vault.open(_label(district_id, side), sealed)
        return msgspec.convert(value, KINDS[side])

    def settings_of(self, district_id: str, now: datetime) -> ServedSettings:
        """Give what a night and a grade sync need, credentials opened.

        Raises:
            DistrictError: Credentials are missing.
            VaultError: They cannot be opened.
        """
        district = self.find(district_id)
        service = district.read_service()
        provider: ProviderCredentials = self.open_credentials(district_id, "oneroster")
        canvas: CanvasCredentials = self.open_credentials(district_id, "canvas")
        auth: Auth
        if provider.auth == "oauth1":
            auth = OAuth1(provider.client_id, provider.client_secret, service.oauth1_method)
        else:
            key, secret = provider.client_id, provider.client_secret
            auth = ClientCredentials(provider.token_url, key, secret, service.scope or None)
        return ServedSettings(
            oneroster_url=provider.base_url,
            oneroster_auth=auth,
            canvas_url=canvas.base_url,
            canvas_auth=Bearer(canvas.token),
            now=now,
            state_dir=state_folder(self.state_root, district_id),
            choices=district.read_choices(),
            service=service,
            private=self._private,
        )

    def record(self, district_id: str, what: str, *, who: str, evidence: Mapping[str, Any]) -> None:
        """Add a line to the log, such as a check that failed. Raises UnknownDistrictError."""
        with self.engine.begin() as connection:
            self._find(connection, district_id)
            self.write_log(connection, district_id, who, what, evidence)

    def log(self, district_id: str, *, limit: int = 200) -> list[LogEntry]:
        """Give what was done about a district, newest first."""
        table = tables.log
        query = sa.select(table).where(table.c.district == district_id)
        with self.engine.connect() as connection:
            newest = query.order_by(table.c.seq.desc()).limit(limit)
            rows = connection.execute(newest).mappings()
            return [
                LogEntry(**{**row, "evidence": msgspec.json.decode(row["evidence"])})
                for row in rows
            ]

    def _check_both(self, connection: sa.Connection, district_id: str) -> None:
        table = tables.credentials
        held = connection.scalars(sa.select(table.c.side).where(table.c.district == district_id))
        missing = KINDS.keys() - set(held)
        for side in sorted(missing):
            raise DistrictError(_MISSING[side].format(district=district_id))

    def _at(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    def write_log(
        self,
        connection: sa.Connection,
        district_id: str,
        who: str,
        what: str,
        evidence: Mapping[str, Any],
    ) -> None:
        """Add a line to the log within a transaction that goes on."""
        told = msgspec.json.encode(evidence).decode()
        row = {"district": district_id, "at": self._at(), "who": who, "what": what,
               "evidence": told}  # fmt: skip
        connection.execute(sa.insert(tables.log).values(row))


_MISSING = {
    "oneroster": "{district}: the provider's credentials are missing: make a one-time link, and "
    "have the district enter them",
    "canvas": "{district}: Canvas's address and token are missing: enter them",
}


def _label(district_id: str, side: str) -> str:
    return f"{district_id}/{side}"


def _row(district: District) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(district)
    for name in ("pauses", "service", "choices"):
        row[name] = msgspec.json.encode(row[name]).decode()
    return row


def _district(row: Mapping[Any, Any]) -> District:
    values = {
        str(name): msgspec.json.decode(value) if name in {"pauses", "service", "choices"} else value
        for name, value in row.items()
    }
    return msgspec.convert(values, District)
