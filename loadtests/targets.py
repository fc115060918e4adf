"""What a run loads: fakes of its own, or a provider that somebody answers for."""

import contextlib
import ipaddress
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import msgspec

from homeroom.certify.control import ControlClient, ControlError
from homeroom.config import Config
from homeroom.lifeline import STDIN, VARIABLE
from homeroom.loadtests.operations import OPERATIONS
from homeroom.loadtests.plan import World
from homeroom.loadtests.profiles import Kind, LoadError, Profile
from homeroom.loadtests.replay import Replay
from homeroom.reference.errors import SyncError
from homeroom.reference.onboarding.targets import ProviderTarget, open_provider
from homeroom.reference.settings import Service
from homeroom.reference.transport import Transport

TARGET = (
    "ONEROSTER_BASE_URL",
    "ONEROSTER_TOKEN_URL",
    "ONEROSTER_CLIENT_ID",
    "ONEROSTER_CLIENT_SECRET",
)
"""Variables that name a target of the caller's own; without them a fake is started."""

NIGHTLY = ("getAllOrgs", "getAllCourses", "getAllClasses", "getAllUsers", "getAllEnrollments")
"""What the service reads in a night."""


class TargetKind(StrEnum):
    """What was loaded."""

    PROVIDER = "provider"
    SERVICE = "service"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Worlds that answer, and what is known of them before the run."""

    worlds: tuple[World, ...]
    name: str
    """What the report calls it."""
    ours: bool
    """Whether this command started it, so that its processes can be watched."""
    kind: TargetKind = TargetKind.PROVIDER
    address: str = ""
    """Of a target that was started elsewhere; ours have another each time."""
    pids: Mapping[str, int] = {}
    """Processes of ours by their part in the run."""
    requests_per_s: float | None = None


@contextlib.contextmanager
def started_fakes(
    profile: Profile,
    *,
    environ: Mapping[str, str],
    host: str = "127.0.0.1",
    faults: Sequence[str] = (),
    replay: Replay | None = None,
) -> Generator[tuple[Target, list[dict[str, Any]]]]:
    """Start fakes with the profile's districts, each in a space of its own; yield its documents.

    Raises LoadError: they did not start, or refuse what the profile asks.
    """
    command = [
        sys.executable, "-m", "homeroom", "up", "--json", "--host", host,
        "--district", profile.districts[0],
        *(["--now", profile.now] if profile.now else []),
        *(part for fault in faults for part in ("--faults", fault)),
    ]  # fmt: skip
    variables = {
        # Answers are checked by their consumers here; schema checks would be measured with them.
        "HOMEROOM_VALIDATE": "off",
        **{key: value for key, value in environ.items() if not key.startswith("LOCUST_")},
        VARIABLE: STDIN,
    }
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603 -- our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            env=variables, start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                errors.seek(0)
                told = errors.read().decode(errors="replace").strip()[-1000:]
                raise LoadError(f"`homeroom up` did not start: {told}")
            documents = _fill(json.loads(line), profile, faults=faults, replay=replay)
            worlds = tuple(_world_of(document) for document in documents)
            name = f"our fakes, {profile.spaces} x {', '.join(dict.fromkeys(profile.districts))}"
            yield (
                Target(worlds=worlds, name=name, ours=True, pids={"fakes": process.pid}),
                documents,
            )
        finally:
            process.terminate()


def _fill(
    first: dict[str, Any], profile: Profile, *, faults: Sequence[str], replay: Replay | None
) -> list[dict[str, Any]]:
    """Make the spaces after the first, which has its faults already, and let all be as slow."""
    documents = [first]
    control = ControlClient(first["control"]["url"], first["control"]["token"], timeout_s=300)
    try:
        for number in range(1, profile.spaces):
            district = profile.districts[number % len(profile.districts)]
            space = control.new_space(district, seed=number + 1, now=profile.now)
            documents.append(dict(space.document))
        rules = control.call("GET", f"/spaces/{first['space']}/faults")["faults"] if faults else []
        for number, document in enumerate(documents):
            path = f"/spaces/{document['space']}"
            if number:
                for rule in rules:
                    part = {key: rule[key] for key in ("when", "act", "times") if key in rule}
                    control.call("POST", f"{path}/faults", part)
            if replay is not None:
                for rule in replay.rules():
                    control.call("POST", f"{path}/faults", rule)
                if replay.import_rows_per_s is not None:
                    settings = {"import_rows_per_s": replay.import_rows_per_s}
                    control.call("PATCH", f"{path}/canvas/settings", settings)
    except ControlError as error:
        raise LoadError(f"the fakes refuse what the profile asks: {error}") from None
    # Spaces end with their process; dropping them first would only take time.
    return documents


def _world_of(document: Mapping[str, Any]) -> World:
    oneroster, control = document["oneroster"], document["control"]
    return World(
        base_url=oneroster["base_url"],
        token_url=oneroster["token_url"],
        client_id=oneroster["client_id"],
        client_secret=oneroster["client_secret"],
        control_url=control["url"].rstrip("/"),
        control_token=control["token"],
        space=document["space"],
    )


def find_own_target(environ: Mapping[str, str]) -> ProviderTarget | None:
    """Find the provider that the environment names; None where it names none.

    Raises LoadError: it names one by half.
    """
    given = [name for name in TARGET if environ.get(name)]
    if not given:
        return None
    if len(given) < len(TARGET):
        missing = ", ".join(name for name in TARGET if name not in given)
        raise LoadError(f"a target of your own needs all of its variables; missing: {missing}")
    base_url, token_url, client_id, client_secret = (environ[name] for name in TARGET)
    return ProviderTarget(
        base_url=base_url.rstrip("/"),
        token_url=token_url,
        auth=environ.get("ONEROSTER_AUTH") or "oauth2",
        client_id=client_id,
        client_secret=client_secret,
        scope="",
        oauth1_method="HMAC-SHA256",
    )


def find_real_target(environ: Mapping[str, str], config: Config) -> ProviderTarget:
    """Find the provider of homeroom.toml, or of the environment. Raises LoadError, ConfigError."""
    found = find_own_target(environ)
    if found is not None:
        return found
    table = config.oneroster
    if table is None:
        raise LoadError(
            f"{config.path}: has no [oneroster], and ONEROSTER_* are not set: there is no provider "
            "to load; `homeroom init` writes a file to fill in"
        )
    return ProviderTarget(
        base_url=table.base_url.rstrip("/"),
        token_url=table.token_url or f"{table.base_url.rstrip('/')}/token",
        auth=table.auth,
        client_id=table.client_id,
        client_secret=table.client_secret,
        scope=table.scope or "",
        oauth1_method="HMAC-SHA256",
    )


def is_loopback(url: str) -> bool:
    """Whether an address is of this very machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_real(
    provider: ProviderTarget, profile: Profile, *, consent: str, rate: float | None, ceiling: float
) -> Target:
    """Take a provider as the target, if it may be loaded.

    Args:
        provider: Its address and credentials.
        profile: One that only reads.
        consent: Must be the provider's host: whoever types it has read which one it is.
        rate: Requests a second that the caller asks for.
        ceiling: What homeroom.toml allows, unless the provider is on this machine.

    Raises:
        LoadError: The profile writes, consent is missing or for another host, or the rate too high.
    """
    host = urlsplit(provider.base_url).hostname or ""
    local = is_loopback(provider.base_url)
    if profile.writes or profile.users.kind is Kind.NIGHTS:
        raise LoadError(
            f"the profile {profile.name} writes, or needs fakes of its own: it never runs against "
            f"a provider that was started elsewhere ({host}); profiles that only read do"
        )
    if not local and consent.strip().lower() != host.lower():
        raise LoadError(
            f"{host} is not on this machine: loading it can disturb a school's day. Ask who runs "
            f"it, choose the hour, then say so: --target real --consent {host}"
        )
    limit = rate if local else min(rate or ceiling, ceiling)
    if rate is not None and not local and rate > ceiling:
        raise LoadError(
            f"--rate {rate:g} is above {ceiling:g}, the ceiling that [subject] requests_per_s "
            "of homeroom.toml sets for providers that are not our own"
        )
    world = World(
        base_url=provider.base_url,
        token_url=provider.token_url,
        auth=provider.auth,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        scope=provider.scope,
    )
    return Target(
        worlds=(world,), name=host, ours=False, address=provider.base_url, requests_per_s=limit
    )


def count_rows(target: Target, profile: Profile) -> Target:
    """Ask every world once how many rows it has: tells an unreachable target before the run.

    Raises LoadError.
    """
    collections = {
        OPERATIONS[name].path: OPERATIONS[name].collection
        for name in (NIGHTLY if profile.users.kind is Kind.NIGHTS else profile.users.operations)
        if name.startswith("getAll")
    }
    worlds = [_count(world, collections) for world in target.worlds]
    return msgspec.structs.replace(target, worlds=tuple(worlds))


def _count(world: World, collections: Mapping[str, str]) -> World:
    provider = ProviderTarget(
        base_url=world.base_url,
        token_url=world.token_url,
        auth=world.auth,
        client_id=world.client_id,
        client_secret=world.client_secret,
        scope=world.scope,
        oauth1_method="HMAC-SHA256",
    )
    expected: dict[str, int] = {}
    with open_provider(provider, Service(timeout_s=30)) as transport:
        for path, collection in collections.items():
            total = _total(transport, path)
            if total is not None:
                expected[collection] = total
    return msgspec.structs.replace(world, expected=expected)


def _total(transport: Transport, path: str) -> int | None:
    try:
        response = transport.request("GET", path.lstrip("/"), params={"limit": "1"})
    except SyncError as error:
        raise LoadError(f"the target cannot be loaded: GET {path}: {error}") from None
    if response.status_code != 200:
        raise LoadError(f"the target cannot be loaded: {transport.describe(response)}")
    total = response.headers.get("X-Total-Count", "")
    return int(total) if total.isdigit() else None


def longest_chain(world: World, profile: Profile) -> int:
    """Count the pages that one thread at least reads, one after the other.

    The pages of one endpoint are never read side by side; and all pages together are shared by so
    many threads as the profile has.
    """
    limit = profile.users.page_limit
    pages = [math.ceil(rows / limit) for rows in world.expected.values()]
    return max([*pages, math.ceil(sum(pages) / profile.users.concurrency)], default=0)
