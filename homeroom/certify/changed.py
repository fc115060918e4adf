"""`certify --changed`: what last broke or was never tried, then the quick set, within a budget.

The unit is a history of nights: it is lived once for all its scenarios, so that a second scenario
of it costs next to nothing. Costs and outcomes are those of an earlier report; Homeroom cannot know
which lines of a subject were changed, but a change most often breaks what broke before or what is
new, and next what one night of each kind shows.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from homeroom.certify.catalogue import Scenario
from homeroom.certify.outcomes import Outcome
from homeroom.certify.results import FILE, Results, read_results

BUDGET_S = 40.0
"""Of the subject's time side by side; with start and judgement a run stays within a minute."""
LEAST_S = 20.0
"""On a machine so busy that start and judgement alone take most of that minute."""
AIM_S = 57.0
NIGHT = "night:"
UNKNOWN_S = 6.0
"""What a history costs that no report has timed."""
_BROKE = frozenset({Outcome.FAILED, Outcome.HARNESS_ERROR, Outcome.WAIVED})


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What was chosen, and why."""

    scenarios: list[str]
    """Ids, what last broke first."""
    broke: int
    """How many of them failed, were not judged or not run in the earlier report."""
    new: int
    """How many of them the earlier report does not know."""
    estimate_s: float
    """What the chosen histories took then, side by side."""

    def describe(self, since: Path | None, whole: int) -> str:
        """Say what will run."""
        than = f"{self.broke} broke last time, {self.new} are new" if since else "no earlier report"
        return (
            f"{len(self.scenarios)} of {whole} scenarios ({than}; the rest is the quick set), "
            f"about {self.estimate_s:.0f} s"
        )


def earlier_report(folder: Path) -> Results | None:
    """Return the results to start from; None where there are none. Raises ResultsError."""
    return read_results(folder) if (folder / FILE).exists() else None


def choose(
    scenarios: Sequence[Scenario],
    earlier: Results | None,
    *,
    workers: int = 1,
    budget_s: float | None = None,
) -> Changed:
    """Choose scenarios by whole histories.

    All histories in which something broke or is new are chosen, whatever they take; what is left
    of the budget goes to those that show the most further requirements for their time.

    Args:
        scenarios: All of the kind of subject.
        earlier: The report to start from.
        workers: How many histories run side by side.
        budget_s: By default BUDGET_S, or less where the earlier run took long to start and judge.
    """
    if budget_s is None:
        budget_s = min(BUDGET_S, max(LEAST_S, AIM_S - _overhead_s(earlier)))
    outcomes = {each.id: each.outcome for each in earlier.scenarios} if earlier else {}
    not_run = set(earlier.not_run) if earlier else set[str]()
    known = {*outcomes, *not_run}
    broke = {id_ for id_, outcome in outcomes.items() if outcome in _BROKE} | not_run
    new = {each.id for each in scenarios if each.id not in known} if earlier else set[str]()
    histories = _histories(scenarios)
    costs = _costs(histories, earlier)
    chosen = [name for name, of in histories.items() if any(each.id in broke for each in of)]
    chosen += [
        name
        for name, of in histories.items()
        if name not in chosen and any(each.id in new for each in of)
    ]
    left_s = budget_s * workers - sum(costs[name] for name in chosen)
    chosen += _quick(histories, costs, chosen, left_s)
    ids = [each.id for name in chosen for each in histories[name]]
    return Changed(
        scenarios=sorted(ids, key=lambda id_: (id_ not in broke, id_ not in new)),
        broke=len(broke.intersection(ids)),
        new=len(new.intersection(ids)),
        estimate_s=sum(costs[name] for name in chosen) / workers,
    )


def _overhead_s(earlier: Results | None) -> float:
    """Return what an earlier run took beside its scenarios, side by side; 0 where none is known."""
    if earlier is None:
        return 0.0
    where = earlier.environment
    started, ended = (datetime.fromisoformat(at) for at in (where.started_at, where.ended_at))
    told_s = sum(each.duration_s for each in earlier.scenarios) / where.workers
    return (ended - started).total_seconds() - told_s


def _histories(scenarios: Sequence[Scenario]) -> dict[str, list[Scenario]]:
    """Group scenarios by the history that they look at; one without a night is its own."""
    grouped: defaultdict[str, list[Scenario]] = defaultdict(list)
    for each in scenarios:
        night = next((tag for tag in each.tags if tag.startswith(NIGHT)), each.id)
        grouped[night].append(each)
    return dict(grouped)


def _costs(
    histories: Mapping[str, Sequence[Scenario]], earlier: Results | None
) -> dict[str, float]:
    took = {each.id: each.duration_s for each in earlier.scenarios} if earlier else {}
    return {
        name: sum(took[each.id] for each in of if each.id in took)
        if any(each.id in took for each in of)
        else UNKNOWN_S
        for name, of in histories.items()
    }


def _quick(
    histories: Mapping[str, Sequence[Scenario]],
    costs: Mapping[str, float],
    chosen: Sequence[str],
    left_s: float,
) -> list[str]:
    """Return the histories that show the most requirements for their time, within what is left."""
    shown = {id_ for name in chosen for each in histories[name] for id_ in each.requirements}
    waiting = [name for name in histories if name not in chosen]
    quick: list[str] = []
    while waiting:
        worth = {
            name: len({id_ for each in histories[name] for id_ in each.requirements} - shown)
            for name in waiting
        }
        fitting = [name for name in waiting if costs[name] <= left_s and worth[name]]
        if not fitting:
            break
        best = max(fitting, key=lambda name: worth[name] / max(costs[name], 0.1))
        quick.append(best)
        waiting.remove(best)
        left_s -= costs[best]
        shown |= {id_ for each in histories[best] for id_ in each.requirements}
    return quick
