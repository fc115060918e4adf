"""Everything that can be set, validated before the first request.

From the environment (interface.md section 4) where it is set there, else from `homeroom.toml`:
`[oneroster]`, `[canvas]`, `[subject.choices]`, and `[service]` for what only this service knows.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec

from homeroom.config import Choices, Config
from homeroom.reference.errors import FatalError
from homeroom.reference.transport import Auth, Bearer, ClientCredentials, OAuth1, Transport

Positive = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class RosterService(StrEnum):
    """Which of Instructure's two rostering services is read."""

    BULK = "bulk"
    SCHOOL = "school"


class ClearedScores(StrEnum):
    """What a remaster sends for a score that was deleted in Canvas."""

    TOBEDELETED = "tobedeleted"
    NULL = "null"


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[service]`: where districts differ, beyond what a certificate is about."""

    roster: RosterService = RosterService.BULK
    page_size: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 1000
    sort: bool = True
    """Ask for `sort=sourcedId`; off for providers that stumble over it."""
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=16)] = 2
    """Collections read at once; the pages of one are always read one after the other."""
    scope: str = ""
    """OAuth 2.0 scopes asked for, blank-separated."""
    oauth1_method: str = "HMAC-SHA256"
    time_zone: str = "America/New_York"
    schools: tuple[str, ...] = ()
    """sourcedIds of the only schools to provision; empty: all."""
    term_pattern: str = r"[^-]+$"
    """Where `term = "common-id"`: the part of a session's sourcedId that schools share."""
    move_sections: tuple[str, ...] = ()
    """Sections that a person let go where their key now leads, though `section_moves` is held."""
    publish_courses: bool = False
    rekey_users: bool = True
    """Follow a person whose sourcedId changed, by change_sis_id.csv, where all else agrees."""
    brake_share: Share = 0.10
    brake_floor: Annotated[int, msgspec.Meta(ge=0)] = 20
    section_share: Share = 0.50
    section_floor: Positive = 5
    full_every: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Send everything, not only what changed, every so many nights; 0: only when asked to."""
    diffing: bool = False
    """Leave the comparing to Canvas: send everything under one diffing_data_set_identifier."""
    diffing_identifier: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] = "homeroom"
    override_sis_stickiness: bool = False
    import_stall_s: Annotated[float, msgspec.Meta(gt=0)] = 240.0
    """An import that makes no progress for so long is left for the next run to pick up."""
    verify_sample: Annotated[int, msgspec.Meta(ge=0)] = 25
    """Rows of each kind read back after an ordinary night; a full night reads back all."""
    plan_rows: Positive = 1000
    """Changes of each kind that a plan lists one by one."""
    put_threads: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    title_limit: Annotated[int, msgspec.Meta(ge=1, le=255)] = 255
    cleared_scores: ClearedScores = ClearedScores.TOBEDELETED
    send_grading_period: bool = False
    course_grade_category: str = ""
    """Title of the category of course grades; blank: the first that fits the class."""
    timeout_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    attempts: Positive = 5

    @property
    def zone(self) -> tzinfo:
        """The district's time zone: feeds have dates, Canvas has instants."""
        return ZoneInfo(self.time_zone)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One connection: a provider, a Canvas, what was chosen, and the time."""

    oneroster_url: str
    oneroster_auth: Auth
    canvas_url: str
    canvas_auth: Auth
    now: datetime
    state_dir: Path
    choices: Choices = Choices()
    service: Service = Service()

    def oneroster(self) -> Transport:
        """Open the way to the provider."""
        return Transport(
            self.oneroster_url,
            self.oneroster_auth,
            timeout_s=self.service.timeout_s,
            attempts=self.service.attempts,
        )

    def canvas(self) -> Transport:
        """Open the way to Canvas."""
        return Transport(
            self.canvas_url,
            self.canvas_auth,
            timeout_s=self.service.timeout_s,
            attempts=self.service.attempts,
        )


def read_settings(environ: Mapping[str, str], config: Config) -> Settings:
    """Read and check all settings.

    Raises:
        FatalError: One is missing or not allowed; the text names it and says what is.
    """
    service = _service(config)
    peer = config.oneroster
    url = _url(environ, "ONEROSTER_BASE_URL", peer.base_url if peer else None, "[oneroster]")
    client_id = _one(environ, "ONEROSTER_CLIENT_ID", peer.client_id if peer else None)
    secret = _one(environ, "ONEROSTER_CLIENT_SECRET", peer.client_secret if peer else None)
    method = environ.get("ONEROSTER_AUTH") or (peer.auth if peer else "oauth2")
    auth: Auth
    if method == "oauth2":
        token_url = (peer.token_url if peer else None) or f"{url}/token"
        token_url = _url(environ, "ONEROSTER_TOKEN_URL", token_url, "[oneroster]")
        auth = ClientCredentials(token_url, client_id, secret, service.scope or None)
    elif method == "oauth1":
        auth = OAuth1(client_id, secret, service.oauth1_method)
    else:
        raise FatalError(f"ONEROSTER_AUTH is {method!r}; allowed are oauth2 and oauth1")
    canvas = config.canvas
    return Settings(
        oneroster_url=url,
        oneroster_auth=auth,
        canvas_url=_url(
            environ, "CANVAS_BASE_URL", canvas.base_url if canvas else None, "[canvas]"
        ),
        canvas_auth=Bearer(_one(environ, "CANVAS_TOKEN", canvas.token if canvas else None)),
        now=_now(environ.get("HOMEROOM_NOW", "")),
        state_dir=Path(environ.get("HOMEROOM_STATE_DIR") or ".homeroom"),
        choices=config.subject.choices,
        service=service,
    )


def _service(config: Config) -> Service:
    try:
        service = msgspec.convert(config.service, Service)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        names = ", ".join(Service.__struct_fields__)
        name = where.strip("`.") or "[service]"
        raise FatalError(f"{config.path}: {name}: {message}. [service] knows: {names}") from None
    _checked(config, "time_zone", service.time_zone, ZoneInfo, "a name such as America/Chicago")
    _checked(config, "term_pattern", service.term_pattern, re.compile, "a regular expression")
    return service


def _checked(config: Config, name: str, value: str, parse: Any, allowed: str) -> None:
    try:
        parse(value)
    except (ValueError, OSError, KeyError, re.error):
        raise FatalError(
            f"{config.path}: [service] {name} is {value!r}; allowed is {allowed}"
        ) from None


def _one(environ: Mapping[str, str], name: str, configured: str | None) -> str:
    value = environ.get(name) or configured
    if not value:
        table = "[canvas]" if name.startswith("CANVAS") else "[oneroster]"
        raise FatalError(f"{name} is not set, nor is there a {table} table in homeroom.toml")
    return value


def _url(environ: Mapping[str, str], name: str, configured: str | None, table: str) -> str:
    value = _one(environ, name, configured).rstrip("/")
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
        raise FatalError(f"{name} ({table}) is {value!r}; allowed is an http or https address")
    return value


def _now(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        now = datetime.fromisoformat(text)
    except ValueError:
        raise FatalError(
            f"HOMEROOM_NOW is {text!r}; allowed is ISO 8601, such as 2026-09-01T06:00:00Z"
        ) from None
    return now if now.tzinfo else now.replace(tzinfo=UTC)
