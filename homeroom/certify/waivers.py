"""Checks waivers before the first request: each must name a known requirement and not be over."""

from collections.abc import Sequence
from datetime import date

from homeroom.certify.requirement_set import RequirementSet
from homeroom.config import ConfigError, Waiver


def check_waivers(
    waivers: Sequence[Waiver], requirement_set: RequirementSet, *, today: date
) -> None:
    """Raise ConfigError for a waiver that is unknown, expired by UTC date, or there twice."""
    seen: set[str] = set()
    for waiver in waivers:
        id_ = waiver.requirement
        if id_ not in requirement_set.requirements:
            raise ConfigError(
                f"waivers: {id_} is no requirement of {requirement_set.id} "
                f"{requirement_set.version}; `homeroom certify --list` shows them"
            )
        if waiver.expires < today:
            raise ConfigError(
                f"waivers: the waiver of {id_} expired on {waiver.expires.isoformat()}: "
                f"meet the requirement, or let {waiver.owner} decide on a new date"
            )
        if id_ in seen:
            raise ConfigError(f"waivers: there are two waivers of {id_}; keep one")
        seen.add(id_)
