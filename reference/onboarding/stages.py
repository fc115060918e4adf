"""A district's way to a running integration: one stage after the other, none skipped. Pure.

requested -> connected -> evaluated (only where the district converts) -> provisioning -> passback

Source: Instructure's onboarding for Focus: verify, evaluate where a district comes from another
integration, then the nightly run, then grade passback if the SIS supports it.
"""

from collections.abc import Sequence
from enum import StrEnum

from homeroom.reference.errors import FatalError


class StageError(FatalError):
    """A step that is not the next one; the text says which is."""


class Stage(StrEnum):
    """How far a district is."""

    REQUESTED = "requested"
    CONNECTED = "connected"
    EVALUATED = "evaluated"
    PROVISIONING = "provisioning"
    PASSBACK = "passback"

    @property
    def provisions(self) -> bool:
        """Whether nights run."""
        return self in {Stage.PROVISIONING, Stage.PASSBACK}


NEEDS = {
    Stage.CONNECTED: "credentials of both peers and a connection check without a failure",
    Stage.EVALUATED: "an evaluation, since the district converts from another integration",
    Stage.PROVISIONING: "a person who switches provisioning on",
    Stage.PASSBACK: "a completed night, and a person who switches passback on",
}


def path_of(*, converting: bool) -> Sequence[Stage]:
    """Give the stages in the order a district takes them."""
    return [stage for stage in Stage if converting or stage is not Stage.EVALUATED]


def next_stage(stage: Stage, *, converting: bool) -> Stage | None:
    """Say what comes next; None at the end."""
    path = path_of(converting=converting)
    # One that was evaluated and no longer counts as converting stands where connected does.
    at = path.index(stage) if stage in path else path.index(Stage.CONNECTED)
    return path[at + 1] if at + 1 < len(path) else None


def check_forward(stage: Stage, wanted: Stage, *, converting: bool) -> None:
    """Pass where `wanted` is the next stage.

    Raises:
        StageError: It is another; what comes first is named.
    """
    following = next_stage(stage, converting=converting)
    if wanted is following:
        return
    if wanted is stage or list(Stage).index(wanted) <= list(Stage).index(stage):
        raise StageError(f"the district is at {stage} already")
    if wanted is Stage.EVALUATED and not converting:
        raise StageError("only a converting district is evaluated; this one does not convert")
    if following is None:
        raise StageError(f"nothing comes after {stage}")
    raise StageError(
        f"{wanted} comes later: the district is at {stage}, next is {following}, "
        f"which needs {NEEDS[following]}"
    )


def stage_before(stage: Stage, *, converting: bool) -> Stage:
    """Say where a district stands once its last step is switched off again.

    Raises:
        StageError: Only provisioning and passback are switched off.
    """
    if stage is Stage.PASSBACK:
        return Stage.PROVISIONING
    if stage is Stage.PROVISIONING:
        return Stage.EVALUATED if converting else Stage.CONNECTED
    raise StageError(f"the district is at {stage}: there is nothing to switch off")
