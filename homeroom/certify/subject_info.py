"""What a report says of who was certified: name, version, choices and how it was run or asked."""

from collections.abc import Collection
from pathlib import Path

import msgspec

from homeroom import __version__
from homeroom.certify.hooks import HOOKS
from homeroom.certify.results import SubjectInfo
from homeroom.certify.subject import declared_commands, is_reference
from homeroom.certify.target import named_target
from homeroom.certify.world import World
from homeroom.config import Config, Need, Subject, SubjectKind


def describe_sync(subject: Subject) -> SubjectInfo:
    """Describe a sync service, by its own name or else by its command or address."""
    reference = is_reference(subject)
    commands = {
        name: " ".join(getattr(subject, name) or ())
        or getattr(subject, f"{name}_url", None)
        or "Homeroom's reference service"
        for name in sorted(declared_commands(subject))
    }
    named = Path((subject.provision or subject.passback or ("",))[0]).name
    return SubjectInfo(
        kind=SubjectKind.SYNC,
        name=subject.name
        or ("Homeroom's reference service" if reference else named)
        or (subject.provision_url or subject.passback_url or ""),
        version=subject.version or (__version__ if reference else ""),
        choices=msgspec.to_builtins(subject.choices),
        commands={} if reference else commands,
    )


def describe_peer(
    config: Config, kind: SubjectKind, *, needs: Collection[Need], world: World
) -> SubjectInfo:
    """Describe a provider or a Canvas: the one that the settings name, or our own fake.

    Args:
        config: The settings.
        kind: Provider or Canvas.
        needs: The consumers that a provider was held against.
        world: How our own fake stood in; told only where it did.
    """
    subject, target = config.subject, named_target(config, kind)
    own = "Homeroom's Focus fake" if kind is SubjectKind.PROVIDER else "Homeroom's Canvas fake"
    asked = {
        "address": target.base_url if target else "our own fake",
        "writes": "yes" if subject.allow_writes or target is None else "no",
        **{name: " ".join(getattr(subject, name)) for name in HOOKS if getattr(subject, name)},
        **{f"fake: {name}": str(value) for name, value in world.settings.items()},
    }
    if needs:
        asked["needs"] = ", ".join(sorted(needs))
    return SubjectInfo(
        kind=kind,
        name=subject.name or (target.base_url if target else own),
        version=subject.version or ("" if target else __version__),
        choices={},
        commands=asked,
        world=None if target else world,
    )
