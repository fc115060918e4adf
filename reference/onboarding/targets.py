"""The two peers of a pre-flight: found in the environment or homeroom.toml, and only ever read."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from homeroom.allowed import explain
from homeroom.config import Config, ConfigError
from homeroom.reference.onboarding.guarding import watch
from homeroom.reference.settings import Service
from homeroom.reference.transport import (
    Auth,
    Bearer,
    ClientCredentials,
    OAuth1,
    Response,
    Transport,
)

ATTEMPTS = 3


class ProviderTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What the district was given by its SIS."""

    base_url: str
    token_url: str
    auth: str
    client_id: str
    client_secret: str
    scope: str
    oauth1_method: str
    # Whether it may be on this machine or in a private network.
    private: bool = True


class CanvasTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What the district was given by its Canvas."""

    base_url: str
    token: str
    private: bool = True


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What a pre-flight looks at; a side that nobody configured is None."""

    provider: ProviderTarget | None
    canvas: CanvasTarget | None
    service: Service


class ReadOnlyError(AssertionError):
    """A pre-flight was about to write: a fault of Homeroom, caught before anything was sent."""


class ReadOnly(Transport):
    """A peer to which only GETs go, and requests for tokens to the one address of tokens."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        token_url: str = "",
        timeout_s: float = 60.0,
        private: bool = True,
    ) -> None:
        super().__init__(base_url, auth, timeout_s=timeout_s, attempts=ATTEMPTS)
        self._token_url, self._private = token_url, private

    def _once(self, method: str, url: str, *, idempotent: bool = True, **more: Any) -> Response:
        if method != "GET" and (method != "POST" or url != self._token_url):
            raise ReadOnlyError(f"{method} {url}: a pre-flight only reads")
        if not self._private:
            more["extensions"] = {"trace": watch(url)}
        return super()._once(method, url, idempotent=idempotent, **more)


class Anonymous(Auth):
    """No credentials, but what must never be repeated in a message is known."""

    def __init__(self, *secrets: str) -> None:
        self.secrets = secrets


def read_targets(environ: Mapping[str, str], config: Config) -> Targets:
    """Find both peers. Raises ConfigError: one is given by half, or none at all."""
    try:
        service = msgspec.convert(config.service, Service)
    except msgspec.ValidationError as error:
        told = explain(error, config.service, Service)
        raise ConfigError(f"{config.path}: [service] {told}") from None
    targets = Targets(
        provider=_provider(environ, config, service),
        canvas=_canvas(environ, config),
        service=service,
    )
    if targets.provider is None and targets.canvas is None:
        raise ConfigError(
            f"{config.path}: neither [oneroster] nor [canvas] is there, nor are ONEROSTER_* and "
            "CANVAS_* variables set; `homeroom init` writes a file to fill in"
        )
    return targets


def _provider(
    environ: Mapping[str, str], config: Config, service: Service
) -> ProviderTarget | None:
    table = config.oneroster
    names = ("ONEROSTER_BASE_URL", "ONEROSTER_CLIENT_ID", "ONEROSTER_CLIENT_SECRET")
    held = (table.base_url, table.client_id, table.client_secret) if table else (None,) * 3
    found = _together(environ, names, held, config)
    if found is None:
        return None
    base_url = found[0].rstrip("/")
    method = environ.get("ONEROSTER_AUTH") or (table.auth if table else "oauth2")
    if method not in {"oauth1", "oauth2"}:
        raise ConfigError(
            f"{config.path}: [oneroster] auth (ONEROSTER_AUTH) is {method!r}; "
            "allowed are oauth2 and oauth1"
        )
    token_url = environ.get("ONEROSTER_TOKEN_URL") or (table.token_url if table else None)
    return ProviderTarget(
        base_url=base_url,
        token_url=token_url or f"{base_url}/token",
        auth=method,
        client_id=found[1],
        client_secret=found[2],
        scope=service.scope,
        oauth1_method=service.oauth1_method,
    )


def _canvas(environ: Mapping[str, str], config: Config) -> CanvasTarget | None:
    table = config.canvas
    held = (table.base_url, table.token) if table else (None,) * 2
    found = _together(environ, ("CANVAS_BASE_URL", "CANVAS_TOKEN"), held, config)
    if found is None:
        return None
    return CanvasTarget(base_url=found[0].rstrip("/"), token=found[1])


def _together(
    environ: Mapping[str, str],
    names: tuple[str, ...],
    held: tuple[str | None, ...],
    config: Config,
) -> list[str] | None:
    """Give all the values, or None where there is none of them."""
    values = [environ.get(name) or value for name, value in zip(names, held, strict=True)]
    if not any(values):
        return None
    for name, value in zip(names, values, strict=True):
        if not value:
            side, _, field = name.lower().partition("_")
            raise ConfigError(
                f"{config.path}: [{side}] {field} is missing; give it there, or set {name}"
            )
    return [value for value in values if value]


def open_provider(target: ProviderTarget, service: Service) -> ReadOnly:
    """Open the provider with its credentials."""
    auth: Auth
    if target.auth == "oauth1":
        auth = OAuth1(target.client_id, target.client_secret, target.oauth1_method)
    else:
        key, secret = target.client_id, target.client_secret
        auth = ClientCredentials(target.token_url, key, secret, target.scope or None)
    return _read_only(target, auth, service, target.token_url)


def open_provider_anonymously(target: ProviderTarget, service: Service) -> ReadOnly:
    """Open the provider without credentials, save where a request brings its own."""
    key, secret = target.client_id, target.client_secret
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
    auth = Anonymous(secret, quote(secret, safe=""), basic)
    return _read_only(target, auth, service, target.token_url)


def open_canvas(target: CanvasTarget, service: Service) -> ReadOnly:
    """Open Canvas with its token."""
    return _read_only(target, Bearer(target.token), service)


def open_canvas_anonymously(target: CanvasTarget, service: Service) -> ReadOnly:
    """Open Canvas without its token."""
    return _read_only(target, Anonymous(target.token), service)


def _read_only(
    target: ProviderTarget | CanvasTarget, auth: Auth, service: Service, token_url: str = ""
) -> ReadOnly:
    wait_s, private = service.timeout_s, target.private
    return ReadOnly(target.base_url, auth, token_url=token_url, timeout_s=wait_s, private=private)
