"""A conversion's evaluation: what Canvas holds, what the provider serves, and what follows.

The feed is turned into rows exactly as a first night would turn it, in a folder that is thrown
away; nothing is sent. Everything is held in memory, which a night never does.
"""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.canvas import rows as canvas
from homeroom.reference.canvas.client import CanvasClient
from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.concerns import Concern, find_concerns
from homeroom.reference.onboarding.forecast import Forecast, forecast
from homeroom.reference.onboarding.holdings import KINDS, read_holdings
from homeroom.reference.onboarding.matching import Pair, Standing, Wanted, course_hints, match
from homeroom.reference.onboarding.targets import Targets, open_canvas, open_provider
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.roster.build import Build
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.read import Feed
from homeroom.reference.roster.shelves import SHELVES, RowFile
from homeroom.reference.settings import Settings

SAMPLES = 20
TYPES = {"accounts": "account", "terms": "term", "courses": "course", "sections": "section",
         "users": "user"}  # fmt: skip


class Rekey(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the draft change_sis_id.csv."""

    old_id: str
    new_id: str
    type: str


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found."""

    at: str
    pairs: dict[str, list[Pair]]
    concerns: list[Concern]
    rekeys: list[Rekey]
    as_it_is: Forecast
    rekeyed: Forecast

    @property
    def exit_code(self) -> int:
        """1 where a first night would do harm, else 0."""
        return int(any(one.severity == "critical" for one in self.concerns))

    def counts(self) -> dict[str, dict[str, int]]:
        """Count each kind by what became of it."""
        counted = {
            kind: Counter(pair.standing for pair in pairs) for kind, pairs in self.pairs.items()
        }
        return {
            kind: {standing.value: counts[standing] for standing in Standing}
            for kind, counts in counted.items()
        }

    def as_dict(self) -> dict[str, Any]:
        """Give the document that `--json` prints; samples name ids, never people."""
        return {
            "at": self.at,
            "counts": self.counts(),
            "keys": {
                kind: dict(Counter(pair.key for pair in pairs if pair.held and pair.wanted))
                for kind, pairs in self.pairs.items()
            },
            "concerns": msgspec.to_builtins(self.concerns),
            "samples": {
                kind: {standing.value: _samples(pairs, standing) for standing in Standing}
                for kind, pairs in self.pairs.items()
            },
            "change_sis_id": len(self.rekeys),
            "forecast": {
                "as_it_is": msgspec.to_builtins(self.as_it_is),
                "after_change_sis_id": msgspec.to_builtins(self.rekeyed),
            },
        }


def evaluate(settings: Settings, targets: Targets) -> Evaluation:
    """Compare both peers, reading only.

    Raises:
        FatalError: One is not configured, or could not be read whole.
        RetryableError: It stayed unwell.
    """
    service = settings.service
    if targets.provider is None or targets.canvas is None:
        raise FatalError("an evaluation compares two peers: [oneroster] and [canvas] are needed")
    with (
        open_provider(targets.provider, service) as provider,
        open_canvas(targets.canvas, service) as transport,
    ):
        client = OneRosterClient(provider, page_size=service.page_size, sort=service.sort)
        feed = Feed(settings.choices, service, client)
        feed.read()
        held = read_holdings(CanvasClient(transport))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = Plan(run=folder.name, now=settings.now.isoformat())
        Build(feed, None, folder, settings, plan).run()
        wanted = {kind: _wanted(kind, folder, feed) for kind in KINDS}
        seats = Counter(row.user_id for row in _rows(folder, "enrollments"))
    sections = match("sections", wanted["sections"], held["sections"])
    pairs = {
        kind: match(kind, wanted[kind], held[kind], course_hints(sections))
        for kind in KINDS
        if kind != "sections"
    } | {"sections": sections}
    rekeys = draft(pairs)
    return Evaluation(
        at=settings.now.isoformat(),
        pairs={kind: pairs[kind] for kind in KINDS},
        concerns=find_concerns(pairs, plan.refusals),
        rekeys=rekeys,
        as_it_is=forecast(pairs, seats, rekeyed=frozenset()),
        rekeyed=forecast(pairs, seats, rekeyed=frozenset((one.type, one.new_id) for one in rekeys)),
    )


def draft(pairs: dict[str, list[Pair]]) -> list[Rekey]:
    """Draft what has to be re-keyed, as far as it is certain and the new id is free."""
    rekeys: list[Rekey] = []
    for kind, ours in pairs.items():
        taken = {pair.held.sis_id for pair in ours if pair.held}
        rekeys += [
            Rekey(old_id=pair.held.sis_id, new_id=pair.wanted.sis_id, type=TYPES[kind])
            for pair in ours
            if pair.rekeyed and pair.wanted and pair.held and pair.held.sis_id
            if pair.wanted.sis_id not in taken
        ]
    return rekeys


def _rows(folder: Path, kind: str) -> list[Any]:
    return list(RowFile(folder / f"{kind}.rows", canvas.ROWS[kind]))


def _wanted(kind: str, folder: Path, feed: Feed) -> list[Wanted]:
    rows = _rows(folder, kind)
    if kind == "users":
        others = {
            user.sourced_id: tuple(
                filter(None, (user.sourced_id, user.identifier, user.username, user.email))
            )
            for shelf in range(SHELVES)
            for user in feed.users.take(shelf)
        }
        return [_user(row, others.get(row.source, ())) for row in rows]
    name = "long_name" if kind == "courses" else "name"
    return [
        Wanted(
            kind=kind,
            sis_id=row.id[0],
            source=row.source,
            name=getattr(row, name),
            others=(row.source,),
            course=row.course_id if kind == "sections" else "",
        )
        for row in rows
    ]


def _user(row: canvas.UserRow, others: tuple[str, ...]) -> Wanted:
    return Wanted(
        kind="users",
        sis_id=row.user_id,
        source=row.source,
        name=f"{row.first_name} {row.last_name}".strip(),
        login=row.login_id,
        email=row.email,
        others=others,
    )


def _samples(pairs: list[Pair], standing: Standing) -> list[dict[str, Any]]:
    chosen = [pair for pair in pairs if pair.standing is standing][:SAMPLES]
    return [
        {
            "sourcedId": pair.wanted.source if pair.wanted else None,
            "canvas_id": pair.held.id if pair.held else None,
            "key": pair.key,
            "differs": list(pair.differs),
            "candidates": list(pair.candidates),
        }
        for pair in chosen
    ]
