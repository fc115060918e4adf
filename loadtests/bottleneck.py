"""What held a run back: the target, the load generator, the machine under both, or its own pace."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from homeroom.loadtests.machine import BUSY_SHARE, PartFigures

MACHINE_BUSY = 0.95
OURS = ("generator", "worker")


class Bottleneck(StrEnum):
    """Who had no time left."""

    GENERATOR = "generator"
    TARGET = "target"
    MACHINE = "machine"
    NEITHER = "neither"
    UNKNOWN = "unknown"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Which it was, in a word and in a sentence."""

    bottleneck: Bottleneck
    why: str


SHORTEST_S = 5.0
"""Processes are looked at once a second: fewer looks tell nothing."""


def find_bottleneck(
    parts: Sequence[PartFigures], *, duration_s: float, cpu_warning: bool, machine_share: float
) -> Finding:
    """Tell from processor time who was the limit.

    A Python process has one core's time at the most. Where generator and target are both at it,
    figures say what the pair can do, and not how fast the target is by itself.
    """
    makers = [part for part in parts if part.part.startswith(OURS)]
    others = [part for part in parts if not part.part.startswith((*OURS, "master"))]
    maker = max((part.busiest_share for part in makers), default=0.0)
    other = max((part.busiest_share for part in others), default=0.0)
    seen = f"busiest generator process {maker:.0%} of a core, busiest target process {other:.0%}"
    if duration_s < SHORTEST_S:
        return Finding(
            bottleneck=Bottleneck.UNKNOWN,
            why=f"{duration_s:.1f} s are too short to tell; {seen}",
        )
    if cpu_warning or maker >= BUSY_SHARE:
        if other >= BUSY_SHARE:
            return Finding(bottleneck=Bottleneck.MACHINE, why=f"both were at their limit: {seen}")
        told = "; Locust warned of its processor time too" if cpu_warning else ""
        return Finding(
            bottleneck=Bottleneck.GENERATOR,
            why=f"{seen}{told}: the target can do more than was asked of it; use --workers",
        )
    if other >= BUSY_SHARE:
        return Finding(bottleneck=Bottleneck.TARGET, why=seen)
    if machine_share >= MACHINE_BUSY:
        return Finding(
            bottleneck=Bottleneck.MACHINE,
            why=f"{seen}, but the machine was {machine_share:.0%} busy, with other work too",
        )
    return Finding(
        bottleneck=Bottleneck.NEITHER,
        why=f"{seen}: the time went into waiting, on answers that are slow for other reasons than "
        "processor time here, or on the profile's own pauses",
    )
