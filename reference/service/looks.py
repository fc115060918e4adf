"""Connection checks and evaluations, run beside the requests that ask for them.

The newest of each is kept with all that it found; the log keeps who asked, when, and how it went.
"""

import logging
import socket
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa

from homeroom.reference.errors import FatalError, SyncError
from homeroom.reference.onboarding import connect, tables
from homeroom.reference.onboarding.credentials import is_private
from homeroom.reference.onboarding.districts import DistrictError
from homeroom.reference.onboarding.evaluation import evaluate
from homeroom.reference.onboarding.evaluation_report import write_report
from homeroom.reference.onboarding.guarding import private_peer
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.stages import Stage
from homeroom.reference.onboarding.targets import CanvasTarget, ProviderTarget, Targets

LookKind = Literal["connect", "evaluate"]
Outcome = Literal["running", "passed", "failed", "unusable", "broken"]
OUTCOMES: Mapping[int, Outcome] = {0: "passed", 1: "failed", 2: "unusable"}
NAMES: Mapping[LookKind, str] = {"connect": "connection check", "evaluate": "evaluation"}
# One that runs for longer was cut off with its process.
LONGEST = timedelta(hours=6)
AT_ONCE = 2
SHOWN = 10

log = logging.getLogger(__name__)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The newest check or evaluation of a district, with all that it found."""

    district: str
    kind: LookKind
    at: str
    who: str
    outcome: Outcome
    found: dict[str, Any]


class Looks:
    """Runs checks and evaluations, one of each kind for a district at a time."""

    def __init__(self, registry: Registry, *, private: bool) -> None:
        """Take the registry; `private` allows peers on loopback and private networks."""
        self._registry, self._private = registry, private
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look")
        self._lock = Lock()
        self._running: dict[Future[None], tuple[str, LookKind]] = {}

    def close(self, wait_s: float = 0.0) -> int:
        """Start no further ones, and wait so long for those that run; give how many are cut off."""
        known = dict(self._running)
        self._pool.shutdown(wait=False, cancel_futures=True)
        begun = [each for each in known if not each.cancelled()]
        running = wait(begun, timeout=wait_s).not_done
        for each, which in known.items():
            if each.cancelled() or each in running:
                self._cut_off(*which)
        return len(running)

    def forget_running(self) -> None:
        """Say of those that run by the table that they were cut off: when a service starts."""
        self._cut_off()

    def _cut_off(self, *which: str) -> None:
        """Say of all that run by the table, or of the one of a district and kind, what they are."""
        table = tables.looks
        found = msgspec.json.encode({"problem": "cut off when the service stopped"}).decode()
        ours = (column == value for column, value in zip(table.primary_key, which, strict=False))
        running = sa.update(table).where(table.c.outcome == "running", *ours)
        with self._registry.engine.begin() as connection:
            connection.execute(running.values({"outcome": "broken", "found": found}))

    def find(self, district_id: str, kind: LookKind) -> Look | None:
        """Give the newest of a kind."""
        table = tables.looks
        where = (table.c.district == district_id, table.c.kind == kind)
        with self._registry.engine.connect() as connection:
            row = connection.execute(sa.select(table).where(*where)).mappings().first()
        if row is None:
            return None
        found = msgspec.json.decode(row["found"])
        return msgspec.convert({**{str(key): row[key] for key in row}, "found": found}, Look)

    def start(self, district_id: str, kind: LookKind, *, who: str) -> Look:
        """Begin one, and say that it runs.

        Raises:
            DistrictError: Credentials are missing, it comes too early, or one is running.
        """
        district = self._registry.find(district_id)
        targets = self._targets(district_id)
        if kind == "evaluate" and district.stage is Stage.REQUESTED:
            raise DistrictError(f"{district_id}: the connection check comes before an evaluation")
        with self._lock:
            before = self.find(district_id, kind)
            if before and before.outcome == "running" and self._age(before) < LONGEST:
                raise DistrictError(f"{district_id}: the {NAMES[kind]} is running already")
            look = self._write(district_id, kind, who, "running", {})
        running = self._pool.submit(self._work, targets, look)
        self._running[running] = district_id, kind
        running.add_done_callback(self._running.pop)
        return look

    def _work(self, targets: Targets, look: Look) -> None:
        district_id, kind, who = look.district, look.kind, look.who
        try:
            if not self._private:
                _refuse_private(targets)
            code, found, told = self._look(targets, look)
            outcome = OUTCOMES[code]
        except SyncError as error:
            outcome, found = "unusable", {"problem": str(error)}
            told = dict(found)
        except Exception:
            log.exception("a look broke", extra={"district": district_id, "kind": kind})
            outcome, found = "broken", {"problem": "a fault in Homeroom; the service's log has it"}
            told = dict(found)
        try:
            # The district moves first: whoever reads that it passed finds it where that leads.
            try:
                self._conclude(district_id, kind, who, outcome, told)
            finally:
                self._write(district_id, kind, who, outcome, found)
        except Exception:
            log.exception("a look was lost", extra={"district": district_id, "kind": kind})

    def _look(self, targets: Targets, look: Look) -> tuple[int, dict[str, Any], dict[str, Any]]:
        """Give the exit code, all that was found, and what of it belongs into the log."""
        if look.kind == "connect":
            connection = connect(targets)
            document = connection.as_dict()
            failed = [one.check for one in connection.checks if one.outcome == "failed"]
            return connection.exit_code, document, {"totals": document["totals"], "failed": failed}
        settings = self._registry.settings_of(look.district, self._registry.clock())
        evaluation = evaluate(settings, targets)
        document = evaluation.as_dict()
        write_report(evaluation, settings.state_dir / "evaluation")
        concerns = [
            {"severity": one.severity, "kind": one.kind, "what": one.what, "count": one.count}
            for one in evaluation.concerns
        ]
        return evaluation.exit_code, document, {"concerns": concerns[:SHOWN]}

    def _conclude(
        self, district_id: str, kind: LookKind, who: str, outcome: Outcome, told: dict[str, Any]
    ) -> None:
        """Move the district on where this was what it waited for; else only note it."""
        district = self._registry.find(district_id)
        waits = {"connect": Stage.REQUESTED, "evaluate": Stage.CONNECTED}[kind]
        leads = {"connect": Stage.CONNECTED, "evaluate": Stage.EVALUATED}[kind]
        moves = district.stage is waits and (kind == "connect" or district.converting)
        if outcome == "passed" and moves:
            self._registry.advance(district_id, leads, who=who, evidence=told)
        else:
            what = f"{NAMES[kind]}: {outcome}"
            self._registry.record(district_id, what, who=who, evidence=told)

    def _targets(self, district_id: str) -> Targets:
        service = self._registry.find(district_id).read_service()
        provider = self._registry.open_credentials(district_id, "oneroster")
        canvas = self._registry.open_credentials(district_id, "canvas")
        return Targets(
            provider=ProviderTarget(
                base_url=provider.base_url,
                token_url=provider.token_url,
                auth=provider.auth,
                client_id=provider.client_id,
                client_secret=provider.client_secret,
                scope=service.scope,
                oauth1_method=service.oauth1_method,
                private=self._private,
            ),
            canvas=CanvasTarget(
                base_url=canvas.base_url, token=canvas.token, private=self._private
            ),
            service=service,
        )

    def _age(self, look: Look) -> timedelta:
        return self._registry.clock() - datetime.fromisoformat(look.at)

    def _write(
        self, district_id: str, kind: LookKind, who: str, outcome: Outcome, found: dict[str, Any]
    ) -> Look:
        table = tables.looks
        at = self._registry.clock().astimezone(UTC).isoformat(timespec="seconds")
        look = Look(district=district_id, kind=kind, at=at, who=who, outcome=outcome, found=found)
        row = {**msgspec.structs.asdict(look), "found": msgspec.json.encode(found).decode()}
        with self._registry.engine.begin() as connection:
            where = (table.c.district == district_id, table.c.kind == kind)
            connection.execute(sa.delete(table).where(*where))
            connection.execute(sa.insert(table).values(row))
        return look


def _refuse_private(targets: Targets) -> None:
    """Stop before a request goes where only this machine, or its network, should be asked."""
    provider, canvas = targets.provider, targets.canvas
    urls = [provider.base_url, provider.token_url] if provider else []
    for url in urls + ([canvas.base_url] if canvas else []):
        host = urlsplit(url).hostname or ""
        if any(is_private(address) for address in _addresses(host)):
            raise FatalError(private_peer(host))


def _addresses(host: str) -> Iterable[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except OSError:
        return ()  # the check itself says that there is no such host
