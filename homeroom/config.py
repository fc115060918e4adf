"""homeroom.toml: the subject under certification, its choices, waivers and targets.

Source: the interface contract, section 4.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec

from homeroom.allowed import explain

DEFAULT_PATH = Path("homeroom.toml")


class ConfigError(ValueError):
    """The configuration is unusable; the text names file, field, value and what is allowed."""


class Rules(StrEnum):
    """What is obligatory: Instructure's documents, or what we propose beyond them too."""

    AS_DOCUMENTED = "as-documented"
    HOMEROOM_SAFE = "homeroom-safe"


class TellsTime(StrEnum):
    """How a subject learns what time it is in the world."""

    ENV = "env"
    FAKETIME = "faketime"
    WALL = "wall"


class CourseKey(StrEnum):
    """What classes share one Canvas course."""

    CLASS = "class"
    COURSE_TEACHER_TERM = "course+teacher+term"
    COURSE_TERM = "course+term"
    ANY = "any"


class SectionMoves(StrEnum):
    """Whether a placed section stays until a person releases it, or follows its key."""

    HELD = "held"
    FOLLOW = "follow"


class UserId(StrEnum):
    """What becomes a user's SIS ID."""

    SOURCED_ID = "sourcedId"
    IDENTIFIER = "identifier"
    USERNAME = "username"
    EMAIL = "email"


class LoginId(StrEnum):
    """What becomes a user's login."""

    USERNAME = "username"
    EMAIL = "email"
    IDENTIFIER = "identifier"


class EndedStatus(StrEnum):
    """What an enrollment becomes that ended or was removed."""

    INACTIVE = "inactive"
    COMPLETED = "completed"
    DELETED = "deleted"


class DepartedStatus(StrEnum):
    """What a user becomes who left."""

    SUSPENDED = "suspended"
    DELETED = "deleted"
    KEPT = "kept"


class TermChoice(StrEnum):
    """Which academic session becomes a class's Canvas term."""

    FIRST_TERM = "first-term"
    COMMON_ID = "common-id"
    SCHOOL_YEAR = "school-year"


class GradebookMode(StrEnum):
    """Who chooses the sourcedId of line items and results: consumer or provider."""

    STANDARD = "standard"
    MODIFIED = "modified"


class UnpostedGrades(StrEnum):
    """What happens to grades hidden from students."""

    HELD = "held"
    SENT = "sent"


class CourseGrade(StrEnum):
    """Which course grade is passed back."""

    FINAL = "final"
    CURRENT = "current"
    OFF = "off"


class Choices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where correct services differ: what this one chose. Defaults are the reference's."""

    rules: Rules = Rules.AS_DOCUMENTED
    time: TellsTime = TellsTime.ENV
    course_key: CourseKey = CourseKey.COURSE_TEACHER_TERM
    section_moves: SectionMoves = SectionMoves.HELD
    user_id: UserId = UserId.SOURCED_ID
    login_id: LoginId = LoginId.USERNAME
    ended_students: EndedStatus = EndedStatus.INACTIVE
    ended_teachers: EndedStatus = EndedStatus.DELETED
    removed: EndedStatus = EndedStatus.DELETED
    departed_users: DepartedStatus = DepartedStatus.SUSPENDED
    brake: bool = True
    term: TermChoice = TermChoice.FIRST_TERM
    observers: bool = False
    gradebook_mode: GradebookMode = GradebookMode.STANDARD
    unposted_grades: UnpostedGrades = UnpostedGrades.HELD
    course_grade: CourseGrade = CourseGrade.FINAL


class ProviderAuth(StrEnum):
    """How a subject proves to the provider who it is."""

    OAUTH2 = "oauth2"
    OAUTH1 = "oauth1"


class SubjectKind(StrEnum):
    """What is certified."""

    SYNC = "sync"
    PAIR = "pair"
    PROVIDER = "provider"
    CANVAS = "canvas"


class Need(StrEnum):
    """A consumer whose needs a provider can be held against, beyond the standard."""

    CANVAS = "canvas"
    SDS = "sds"


class Service(StrEnum):
    """A part of OneRoster 1.1 that a provider offers; certificates are given for each apart."""

    ROSTERING = "rostering"
    GRADEBOOK = "gradebook"


Command = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
"""A program and its arguments, run without a shell."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The thing under certification and how it is run."""

    kind: SubjectKind = SubjectKind.SYNC
    name: str | None = None
    version: str | None = None
    auth: ProviderAuth = ProviderAuth.OAUTH2
    """What ONEROSTER_AUTH says: the kind of credentials that the subject is given."""
    provision: Command | None = None
    passback: Command | None = None
    remaster: Command | None = None
    release: Command | None = None
    timeout_s: Annotated[float, msgspec.Meta(gt=0)] = 300
    provision_url: str | None = None
    passback_url: str | None = None
    reset_url: str | None = None
    token: str | None = None
    advertise: str | None = None
    allow_writes: bool = False
    load: Command | None = None
    """Commands by which a provider's owner lets a record come, change and go; see hooks.py."""
    change: Command | None = None
    remove: Command | None = None
    requests_per_s: Annotated[float, msgspec.Meta(gt=0)] = 10
    """Ceiling for a provider or a Canvas that is not our own fake."""
    needs: tuple[Need, ...] = ()
    """Consumers that a provider must be ready for."""
    choices: Choices = Choices()


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A requirement that is known to fail, who owns that, why, and until when (UTC date)."""

    requirement: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]
    owner: Annotated[str, msgspec.Meta(min_length=1)]
    expires: date


class OneRosterTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A real provider."""

    base_url: str
    token_url: str | None = None
    auth: str = "oauth2"
    client_id: str
    client_secret: str
    scope: str | None = None
    """Blank-separated, where its token endpoint asks for one."""
    services: tuple[Service, ...] = (Service.ROSTERING, Service.GRADEBOOK)
    """What it claims to offer; the rest does not apply to it."""


class CanvasTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A real Canvas."""

    base_url: str
    token: str
    test_instance: bool = False
    """Whether it is one whose root account may take an import; never a district's own Canvas."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of homeroom.toml."""

    subject: Subject = Subject()
    waivers: tuple[Waiver, ...] = ()
    oneroster: OneRosterTarget | None = None
    canvas: CanvasTarget | None = None
    service: dict[str, Any] = {}


class Config(Settings, frozen=True, kw_only=True):
    """All of homeroom.toml, and where that is."""

    path: Path = DEFAULT_PATH
    """Where it was read from; commands run in its folder."""


def read_config(path: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> Config:
    """Read homeroom.toml; without `path` a missing default file means all defaults.

    Values such as `"$FOCUS_CLIENT_SECRET"` are taken from `environ`. Raises ConfigError.
    """
    chosen = path or DEFAULT_PATH
    try:
        text = chosen.read_bytes()
    except FileNotFoundError:
        if path is None:
            return Config(path=chosen)
        raise ConfigError(f"{chosen}: there is no such file; `homeroom init` writes one") from None
    except OSError as error:
        raise ConfigError(f"{chosen}: cannot be read: {error.strerror}") from error
    try:
        raw = tomllib.loads(text.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{chosen}: is no TOML: {error}") from error
    try:
        settings = msgspec.convert(_expand(raw, chosen, environ), Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{chosen}: {explain(error, raw, Settings)}") from error
    return Config(**msgspec.structs.asdict(settings), path=chosen)


def with_choices(config: Config, choices: Mapping[str, Any]) -> Config:
    """Return the configuration with other choices. Raises ConfigError."""
    try:
        converted = msgspec.convert(dict(choices), Choices)
    except msgspec.ValidationError as error:
        raise ConfigError(f"choices: {explain(error, dict(choices), Choices)}") from error
    return msgspec.structs.replace(
        config, subject=msgspec.structs.replace(config.subject, choices=converted)
    )


def _expand(value: Any, path: Path, environ: Mapping[str, str], where: str = "") -> Any:
    if isinstance(value, dict):
        return {
            key: _expand(item, path, environ, f"{where}.{key}".lstrip("."))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_expand(item, path, environ, where) for item in value]
    if isinstance(value, str) and (named := re.fullmatch(r"\$([A-Za-z_][A-Za-z0-9_]*)", value)):
        if named[1] not in environ:
            raise ConfigError(
                f"{path}: {where} names the environment variable {named[1]}, which is not set"
            )
        return environ[named[1]]
    return value
