"""The mass-change brake: a night that takes away too much waits for a person. Pure."""

from collections.abc import Collection, Mapping

from homeroom.reference.roster.plan import Losses
from homeroom.reference.settings import Kind, Rekeyed, Service

Live = Mapping[Kind, Collection[str]]
# A section under a new id loses its grades; an id edited by hand or a class that got another
# teacher is everyday, many of them in one night are not.
REKEYED_FLOORS: Mapping[Rekeyed, int] = {"sections": 0, "courses": 5, "users": 5}


def crossed(losses: Losses, service: Service) -> list[str]:
    """Say which thresholds are crossed; nothing on an ordinary night.

    A share alone would hold a small school's every change, a number alone a large district's
    every night: both must be passed.
    """
    kinds = [
        f"{gone} of {losses.had[kind]} {kind} would go"
        for kind, gone in losses.gone.items()
        if gone > service.brake_floors.get(kind, service.brake_floor)
        and gone > service.brake_shares.get(kind, service.brake_share) * losses.had[kind]
    ]
    return kinds + [
        f"{gone} of {losses.students_had[section]} students would leave section {section}"
        for section, gone in sorted(losses.students_gone.items())
        if losses.students_had[section] >= service.section_floor
        and gone > service.section_share * losses.students_had[section]
    ]


def made_anew(counts: Mapping[Rekeyed, int], service: Service) -> list[str]:
    """Say of which kinds more ids look made anew than may go without a person's look."""
    floors = {**REKEYED_FLOORS, **service.rekeyed_floors}
    return [
        f"ids that look made anew: {count} ({kind})"
        for kind, count in counts.items()
        if count > floors[kind]
    ]


def count_records(losses: Losses, had: Live, live: Live) -> None:
    """Count what the feed itself lost since last night, of kinds whose rows never leave Canvas.

    Args:
        losses: Is added to.
        had: sourcedIds of last night's live records, by kind.
        live: Tonight's.
    """
    for kind, ids in had.items():
        losses.had[kind], losses.gone[kind] = len(ids), len(set(ids).difference(live[kind]))
