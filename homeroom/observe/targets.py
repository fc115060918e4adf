"""The peers of an observation: found in the environment or homeroom.toml, and only ever read."""

import re
import threading
import time
from collections.abc import Mapping
from typing import Any

from homeroom.config import Config, ConfigError
from homeroom.reference.transport import (
    Auth,
    Bearer,
    ClientCredentials,
    OAuth1,
    Response,
    Transport,
)

READS = frozenset({"GET", "HEAD"})


class ReadOnlyError(AssertionError):
    """An observer was about to write: a fault of Homeroom, caught before anything was sent."""


class ReadOnly(Transport):
    """A peer that is only read, no faster than a ceiling; retries count like first tries."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        token_url: str | None = None,
        rate_per_s: float | None = None,
        timeout_s: float = 60.0,
        attempts: int = 5,
    ) -> None:
        super().__init__(base_url, auth, timeout_s=timeout_s, attempts=attempts)
        self._token_url = token_url
        self._interval_s = 1 / rate_per_s if rate_per_s else 0.0
        self._turn, self._lock = 0.0, threading.Lock()

    def _once(self, method: str, url: str, *, idempotent: bool = True, **more: Any) -> Response:
        if method not in READS and url != self._token_url:
            raise ReadOnlyError(f"{method} {url}: an observation only reads")
        self._await_turn()
        return super()._once(method, url, idempotent=idempotent, **more)

    def _await_turn(self) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._turn)
            self._turn = turn + self._interval_s
        if turn > now:
            time.sleep(turn - now)


def provider(
    config: Config, environ: Mapping[str, str], *, rate_per_s: float | None = None
) -> ReadOnly:
    """Open the provider of ONEROSTER_* variables, else of `[oneroster]`. Raises ConfigError."""
    table = config.oneroster
    url = _url("ONEROSTER_BASE_URL", environ, table.base_url if table else None, config)
    key = _value("ONEROSTER_CLIENT_ID", environ, table.client_id if table else None, config)
    secret = _value(
        "ONEROSTER_CLIENT_SECRET", environ, table.client_secret if table else None, config
    )
    method = environ.get("ONEROSTER_AUTH") or (table.auth if table else "oauth2")
    if method == "oauth1":
        return ReadOnly(url, OAuth1(key, secret), rate_per_s=rate_per_s)
    if method != "oauth2":
        raise ConfigError(
            f"{config.path}: oneroster.auth is {method!r}; allowed are oauth2 and oauth1"
        )
    given = (table.token_url if table else None) or f"{url}/token"
    token_url = _url("ONEROSTER_TOKEN_URL", environ, given, config)
    scope = config.service.get("scope") or None
    auth = ClientCredentials(token_url, key, secret, scope)
    return ReadOnly(url, auth, token_url=token_url, rate_per_s=rate_per_s)


def canvas(
    config: Config, environ: Mapping[str, str], *, rate_per_s: float | None = None
) -> ReadOnly:
    """Open the Canvas of CANVAS_* variables, else of `[canvas]`. Raises ConfigError."""
    table = config.canvas
    url = _url("CANVAS_BASE_URL", environ, table.base_url if table else None, config)
    token = _value("CANVAS_TOKEN", environ, table.token if table else None, config)
    return ReadOnly(url, Bearer(token), rate_per_s=rate_per_s)


def _value(name: str, environ: Mapping[str, str], configured: str | None, config: Config) -> str:
    value = environ.get(name) or configured
    if not value:
        side, _, field = name.lower().partition("_")
        raise ConfigError(
            f"{config.path}: [{side}] {field} is missing; give it there, or set {name}"
        )
    return value


def _url(name: str, environ: Mapping[str, str], configured: str | None, config: Config) -> str:
    value = _value(name, environ, configured, config).rstrip("/")
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
        side, _, field = name.lower().partition("_")
        raise ConfigError(
            f"{config.path}: [{side}] {field} is {value!r}; allowed is an http or https address"
        )
    return value
