"""Settings from the environment (interface.md section 4), else from `homeroom.toml`.

`[oneroster]`, `[canvas]`, `[subject.choices]`, and `[service]` for what only this service knows;
all is checked before the first request.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from homeroom.allowed import explain
from homeroom.config import Config
from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.guarding import PublicOnly, ServedSettings
from homeroom.reference.settings import Service, Settings
from homeroom.reference.transport import Auth, Bearer, ClientCredentials, OAuth1, Transport

YEARS = (1970, 9000)


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
        now=read_now(environ.get("HOMEROOM_NOW")),
        state_dir=Path(environ.get("HOMEROOM_STATE_DIR") or ".homeroom"),
        choices=config.subject.choices,
        service=service,
    )


def _service(config: Config) -> Service:
    try:
        service = msgspec.convert(config.service, Service)
    except msgspec.ValidationError as error:
        told = explain(error, config.service, Service)
        raise FatalError(f"{config.path}: [service] {told}") from None
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


def read_now(text: str | None) -> datetime:
    """Read the time that HOMEROOM_NOW gives; None, not set: the machine's. Raises FatalError."""
    if text is None:
        return datetime.now(UTC)
    try:
        now = datetime.fromisoformat(text)
        # Whatever is counted from it, in any time zone, is still a date.
        allowed = YEARS[0] <= now.year <= YEARS[1]
    except ValueError:
        allowed = False
    if not allowed:
        # A blank one is a mistake of whoever set it: a night at the wrong time removes people.
        unset = "" if text.strip() else ", or not to set it: then it is the machine's time"
        raise FatalError(
            f"HOMEROOM_NOW is {text!r}; allowed is ISO 8601 in the years {YEARS[0]} to {YEARS[1]}, "
            f"such as 2026-09-01T06:00:00Z{unset}"
        )
    return now if now.tzinfo else now.replace(tzinfo=UTC)


def open_oneroster(settings: Settings) -> Transport:
    """Open the way to the provider."""
    return _open(settings, settings.oneroster_url, settings.oneroster_auth)


def open_canvas(settings: Settings) -> Transport:
    """Open the way to Canvas."""
    return _open(settings, settings.canvas_url, settings.canvas_auth)


def _open(settings: Settings, url: str, auth: Auth) -> Transport:
    timeout_s, attempts = settings.service.timeout_s, settings.service.attempts
    public_only = isinstance(settings, ServedSettings) and not settings.private
    peer = PublicOnly if public_only else Transport
    return peer(url, auth, timeout_s=timeout_s, attempts=attempts)
