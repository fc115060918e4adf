"""The provider or Canvas that a run is about: the one of homeroom.toml, else our own fake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from homeroom.certify.certification import Certification
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.certify.hooks import CommandHooks, Hooks, OwnHooks
from homeroom.certify.peer import Peer
from homeroom.certify.world import World
from homeroom.config import CanvasTarget, Config, ConfigError, OneRosterTarget, Service, SubjectKind
from homeroom.reference.transport import Auth, Bearer, ClientCredentials, OAuth1

OWN_NOW = datetime(2026, 10, 6, 15, 0, tzinfo=UTC)
"""The time of our own fake: a Tuesday in term, so that line items can be due."""
OWN_DISTRICT = "tiny"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TEST_HOSTS = (".test.instructure.com", ".beta.instructure.com")


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """How a provider knows us."""

    base_url: str
    token_url: str
    client_id: str
    client_secret: str
    auth: str
    scope: str | None = None

    def open(self) -> Auth:
        """Return what authorizes requests."""
        if self.auth == "oauth1":
            return OAuth1(self.client_id, self.client_secret)
        return ClientCredentials(self.token_url, self.client_id, self.client_secret, self.scope)


@dataclass(frozen=True, kw_only=True)
class ProviderTarget:
    """A provider under certification."""

    peer: Peer
    credentials: Credentials
    hooks: Hooks
    services: tuple[Service, ...]
    space: SpaceHandle | None
    """Where it is our own fake."""
    name: str
    """What its owner calls it; empty where nobody said."""

    @property
    def ours(self) -> bool:
        """Whether it is our own fake."""
        return self.space is not None


@dataclass(frozen=True, kw_only=True)
class CanvasUnderTest:
    """A Canvas under certification."""

    peer: Peer
    token: str
    space: SpaceHandle | None
    may_import: bool
    """Whether its owner consented to an import, and it is an instance for tests."""
    refusal: str
    """Why not, where it may not."""


def named_target(config: Config, kind: SubjectKind) -> OneRosterTarget | CanvasTarget | None:
    """Return the table of homeroom.toml that names what is certified, None for our own fake."""
    return config.oneroster if kind is SubjectKind.PROVIDER else config.canvas


def provider_credentials(table: OneRosterTarget) -> Credentials:
    """Read `[oneroster]`; raises ConfigError."""
    base_url = _address("oneroster.base_url", table.base_url)
    if table.auth not in ("oauth2", "oauth1"):
        raise ConfigError(f"oneroster.auth: {table.auth!r} is unknown; it is oauth2 or oauth1")
    return Credentials(
        base_url=base_url,
        token_url=_address("oneroster.token_url", table.token_url or f"{base_url}/token"),
        client_id=table.client_id,
        client_secret=table.client_secret,
        auth=table.auth,
        scope=table.scope,
    )


def open_provider(certification: Certification, world: World) -> ProviderTarget:
    """Open the provider under certification; our own fake gets a space of its own."""
    config = certification.config
    learn = certification.subject.redact.learn
    if config.oneroster is not None:
        credentials = provider_credentials(config.oneroster)
        return ProviderTarget(
            peer=provider_peer(config, credentials, learn),
            credentials=credentials,
            hooks=CommandHooks(config),
            services=config.oneroster.services,
            space=None,
            name=config.subject.name or "",
        )
    space = _own_space(certification, world, SubjectKind.PROVIDER)
    document = space.document["oneroster"]
    credentials = Credentials(
        base_url=document["base_url"],
        token_url=document["token_url"],
        client_id=document["client_id"],
        client_secret=document["client_secret"],
        auth="oauth2",
    )
    return ProviderTarget(
        peer=provider_peer(config, credentials, learn, ours=True),
        credentials=credentials,
        hooks=OwnHooks(space),
        services=tuple(Service),
        space=space,
        name="Focus",
    )


def provider_peer(
    config: Config, credentials: Credentials, learn: Callable[[str], None], *, ours: bool = False
) -> Peer:
    """Open a provider by its credentials."""
    learn(credentials.client_secret)
    return Peer(
        "focus",
        credentials.base_url,
        credentials.open(),
        ours=ours,
        may_write=config.subject.allow_writes,
        rate_per_s=config.subject.requests_per_s,
        learn=learn,
        token_url=credentials.token_url,
    )


def open_canvas(certification: Certification, world: World) -> CanvasUnderTest:
    """Open the Canvas under certification; our own fake gets a space of its own."""
    config, table = certification.config, certification.config.canvas
    learn = certification.subject.redact.learn
    if table is None:
        space = _own_space(certification, world, SubjectKind.CANVAS)
        document: Mapping[str, str] = space.document["canvas"]
        token = document["token"]
        if world.permissions:
            token = space.canvas_token(permissions=world.permissions)
        peer = canvas_peer(config, document["base_url"], token, learn, ours=True)
        return CanvasUnderTest(peer=peer, token=token, space=space, may_import=True, refusal="")
    refusal = import_refusal(config, world.consented)
    return CanvasUnderTest(
        peer=canvas_peer(config, _address("canvas.base_url", table.base_url), table.token, learn),
        token=table.token,
        space=None,
        may_import=not refusal,
        refusal=refusal,
    )


def canvas_peer(
    config: Config, base_url: str, token: str, learn: Callable[[str], None], *, ours: bool = False
) -> Peer:
    """Open a Canvas by its token."""
    learn(token)
    return Peer(
        "canvas",
        base_url,
        Bearer(token),
        ours=ours,
        may_write=config.subject.allow_writes,
        rate_per_s=config.subject.requests_per_s,
        learn=learn,
        prefix="api/v1/",
    )


def import_refusal(config: Config, consented: bool) -> str:
    """Say why a Canvas may not be given an import; empty where it may.

    An import exists at the root account alone and touches everybody there, so that the settings'
    word is not enough: the instance must be one for tests and the command line must say it again.
    """
    table = config.canvas
    if not config.subject.allow_writes:
        return "nothing may be written: subject.allow_writes is false"
    if not consented:
        return "nobody consented on the command line: --import-into-test-instance is not given"
    host = (urlsplit(table.base_url).hostname or "") if table else ""
    if host in LOOPBACK or host.endswith(TEST_HOSTS) or (table and table.test_instance):
        return ""
    return (
        f"{host} is not known to be a test instance; canvas.test_instance = true would say that "
        "its root account may take an import"
    )


def check_world(control: ControlClient, kind: SubjectKind, world: World) -> None:
    """Raise RefusedError unless our own fake knows the settings of `world` and their values."""
    with control.space("empty") as space:
        _change(space, kind, world)


def _own_space(certification: Certification, world: World, kind: SubjectKind) -> SpaceHandle:
    space = certification.control.new_space(district=OWN_DISTRICT, now=OWN_NOW)
    _change(space, kind, world)
    return space


def _change(space: SpaceHandle, kind: SubjectKind, world: World) -> None:
    change = space.focus_settings if kind is SubjectKind.PROVIDER else space.canvas_settings
    if world.settings:
        change(**world.settings)
    for rule in world.faults:
        space.add_fault(rule)


def _address(field: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(f"{field}: {value!r} is no http or https address")
    return value.rstrip("/")
