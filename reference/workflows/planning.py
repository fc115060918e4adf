"""A night's plan, judged: compared with last night, braked, and re-keyed where that is allowed."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from homeroom.reference.errors import FatalError
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.read import Feed, Stock
from homeroom.reference.roster.shelves import SHELVES
from homeroom.reference.settings import Kind, Service
from homeroom.reference.workflows.brake import count_records, crossed, made_anew
from homeroom.reference.workflows.delta import Reading
from homeroom.reference.workflows.rekeying import Rekey, find_rekeys, write_csv, write_rekeyed
from homeroom.reference.workflows.state import read_json, write_json

# Last night's rows under tonight's ids, in the folder of a run that gives new ids.
REKEYED = "rekeyed"
# Schools of a provider that a message lists.
NAMED = 20
REMEDY = (
    "they were left as they are, and nothing was applied. Restore the state folder from a backup, "
    "or move it away to start without it"
)


def plan_night(
    reading: Reading, before: Path | None, last: Plan | None, folder: Path, *, full: bool
) -> Plan | None:
    """Plan a night in its folder, and say what keeps it from being applied at once.

    Args:
        reading: Its feed.
        before: The folder of the run that Canvas holds; None before the first.
        last: The plan of that run.
        folder: Tonight's, empty.
        full: Whether everything is sent.

    Returns:
        The plan; None where objects are to be given new ids, but only changes were read: then
        everything has to be.

    Raises:
        FatalError: The state folder is another version's, or what was read can be no roster.
    """
    if last is not None and last.shelves != SHELVES:
        raise FatalError(f"{before} was written by another version; begin a new state folder")
    if reading.why:
        _refuse_emptiness(reading.feed, last)
        _refuse_unknown_schools(reading.feed, reading.settings.service)
    settings, refusals = reading.settings, [*reading.feed.refusals]
    plan = _empty(reading, folder, full=full)
    try:
        reading.plan(before, folder, plan, last)
    except msgspec.MsgspecError as error:
        raise FatalError(f"the rows in {before} cannot be read ({error}); {REMEDY}") from None
    _refuse_torn_rows(before, last, plan)
    # What is held is what the feed says; what a setting makes of it may change until its release.
    plan.digest = _digest(folder)
    _count_losses(reading.feed, before, folder, plan)
    if before is None:
        return plan
    rekeys = find_rekeys(before, folder, plan)
    allowed = [each for each in rekeys if each.kind in settings.service.rekey]
    unasked = [each for each in rekeys if each not in allowed]
    plan.evidence = _tell(unasked)
    if settings.choices.brake:
        plan.brake = crossed(plan.losses, settings.service)
        plan.brake += made_anew(Counter(each.kind for each in unasked), settings.service)
    if allowed and reading.scope is not None:
        return None
    if allowed:
        reading.feed.refusals[:] = refusals
        _plan_again(reading, before, folder, plan, allowed)
    return plan


def _refuse_torn_rows(before: Path | None, last: Plan | None, plan: Plan) -> None:
    for kind, counts in plan.counts.items() if last else ():
        wrote = last.counts[kind].after if last and kind in last.counts else counts.before
        if counts.before != wrote:
            told = f"{before}/{kind}.rows holds {counts.before} rows where {wrote} were written"
            raise FatalError(f"{told}; {REMEDY}")


def left_out(plan: Plan) -> dict[str, int]:
    """Say how many changes of each kind a plan does not list one by one, where it lists not all."""
    listed = Counter(each["kind"] for each in plan.changes)
    changing = {kind: n.added + n.changed + n.removed for kind, n in plan.counts.items()}
    return {kind: n - listed[kind] for kind, n in changing.items() if n > listed[kind]}


def before_of(folder: Path, before: Path | None) -> Path | None:
    """Give the folder of the rows that a run's plan was compared with."""
    return folder / REKEYED if (folder / REKEYED).exists() else before


def _empty(reading: Reading, folder: Path, *, full: bool) -> Plan:
    plan = Plan(run=folder.name, now=reading.settings.now.isoformat(), full=full)
    plan.why_whole = reading.why
    return plan


def _tell(rekeys: Iterable[Rekey]) -> list[str]:
    return [str(each) for each in rekeys]


def _plan_again(
    reading: Reading, before: Path, folder: Path, plan: Plan, allowed: list[Rekey]
) -> None:
    """Plan as if last night had been under the new ids; how it was judged stays."""
    write_rekeyed(before, folder / REKEYED, allowed)
    again = _empty(reading, folder, full=plan.full)
    for path in folder.glob("*.csv"):
        path.unlink()
    reading.plan(folder / REKEYED, folder, again, None)
    write_csv(folder, allowed)
    plan.counts, plan.changes, plan.rekeyed = again.counts, again.changes, _tell(allowed)
    plan.refusals, plan.oddities, plan.held_moves = again.refusals, again.oddities, again.held_moves


def _count_losses(feed: Feed, before: Path | None, folder: Path, plan: Plan) -> None:
    live: dict[Kind, list[str]] = {
        "orgs": [each.sourced_id for each in feed.orgs.values() if each.live],
        "courses": [each.sourced_id for each in feed.courses.values() if each.live],
    }
    write_json(folder / "live.json", live)
    had = read_json(before / "live.json", dict[Kind, list[str]]) if before else None
    count_records(plan.losses, had or {}, live)


def _refuse_emptiness(feed: Feed, last: Plan | None) -> None:
    """Stop where a collection is empty that was not empty last night: that is no roster."""
    stocks: dict[str, Stock[Any]] = {
        "sections": feed.classes,
        "users": feed.users,
        "enrollments": feed.enrollments,
    }
    counts = {kind: sum(part.count for part in stock.parts) for kind, stock in stocks.items()}
    for kind, count in (counts | {"accounts": len(feed.orgs)}).items() if last else ():
        if last and not count and last.counts[kind].after:
            raise FatalError(
                f"the provider serves nothing that leads to {kind}, where last night led to "
                f"{last.counts[kind].after}; nothing was applied"
            )


def _refuse_unknown_schools(feed: Feed, service: Service) -> None:
    """Stop at a slip in the list of schools: a school left out by it would lose its people."""
    unknown = ", ".join(sorted(set(service.schools) - feed.orgs.keys()))
    if unknown:
        schools = sorted(org.sourced_id for org in feed.orgs.values() if org.type == "school")
        known = ", ".join(schools[:NAMED]) + (", ..." if len(schools) > NAMED else "")
        raise FatalError(
            f"schools in [service] names {unknown}, which the provider does not serve; "
            f"its schools are {known or 'none'}"
        )


def _digest(folder: Path) -> str:
    """Take the digest of a plan's CSV files, names included."""
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        with path.open("rb") as file:
            whole.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
