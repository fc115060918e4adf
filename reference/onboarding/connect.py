"""The pre-flight: every check of both peers in the order a district would make them."""

from typing import Any

import msgspec

from homeroom.reference.errors import SyncError
from homeroom.reference.onboarding.access import Door
from homeroom.reference.onboarding.canvas_side import CanvasSide
from homeroom.reference.onboarding.checklist import (
    Check,
    Checklist,
    Outcome,
    warning,
)
from homeroom.reference.onboarding.probe import Latency, measure
from homeroom.reference.onboarding.reaching import (
    bare,
    look_at_addresses,
    look_at_clock,
    look_at_tls,
)
from homeroom.reference.onboarding.records import Records
from homeroom.reference.onboarding.services import Services
from homeroom.reference.onboarding.targets import (
    CanvasTarget,
    ProviderTarget,
    Targets,
    open_canvas,
    open_canvas_anonymously,
    open_provider,
    open_provider_anonymously,
)
from homeroom.reference.settings import Service
from homeroom.reference.transport import Response, Transport


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """All that a pre-flight found."""

    checks: list[Check]
    counts: dict[str, int | None]
    latencies: list[Latency] | None
    exit_code: int

    def as_dict(self) -> dict[str, Any]:
        """Give the document that `--json` prints."""
        totals = {
            outcome.value: sum(one.outcome is outcome for one in self.checks) for outcome in Outcome
        }
        return {
            "verdict": {0: "passed", 1: "failed"}.get(self.exit_code, "unusable"),
            "totals": totals,
            "checks": msgspec.to_builtins(self.checks),
            "counts": self.counts,
            "probe": msgspec.to_builtins(self.latencies),
        }


class _First:
    """The first answer of a peer, which several checks look at."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport, self._path = transport, path
        self._answer: Response | None = None

    def __call__(self) -> Response:
        """Ask once."""
        if self._answer is None:
            self._answer = self._transport.request("GET", self._path)
        return self._answer


def connect(targets: Targets, *, probe: bool = False) -> Connection:
    """Check both peers; nothing is written to either."""
    checklist = Checklist()
    counts: dict[str, int | None] = {}
    latencies: list[Latency] | None = None
    if targets.provider is None:
        _absent(checklist, "provider", "[oneroster]")
    else:
        services = _provider(checklist, targets.provider, targets.service)
        counts = services.counts
        if probe and checklist.stands("provider.bulk.enrollments"):
            latencies = _probe(checklist, targets.provider, targets.service, counts)
    if targets.canvas is None:
        _absent(checklist, "canvas", "[canvas]")
    else:
        _canvas(checklist, targets.canvas, targets.service)
    return Connection(
        checks=checklist.checks,
        counts=counts,
        latencies=latencies,
        exit_code=checklist.exit_code,
    )


def _absent(checklist: Checklist, side: str, table: str) -> None:
    checklist.run(
        f"{side}.addresses",
        f"{table} of homeroom.toml",
        lambda: warning("not configured, so not looked at", f"fill in {table}"),
    )


def _provider(checklist: Checklist, target: ProviderTarget, service: Service) -> Services:
    run, signs = checklist.run, target.auth == "oauth1"
    named = {"[oneroster] base_url": target.base_url}
    if not signs:
        named["[oneroster] token_url"] = target.token_url
    with (
        open_provider_anonymously(target, service) as anonymous,
        open_provider(target, service) as transport,
    ):
        first, door = _First(anonymous, "orgs?limit=1"), Door(target, anonymous)
        services = Services(transport, checklist)
        run("provider.addresses", ", ".join(named), lambda: look_at_addresses(named))
        run(
            "provider.tls",
            f"GET {bare(target.base_url)}/orgs, without credentials",
            lambda: look_at_tls(list(named.values()), first, private=target.private),
            after=("provider.addresses",),
        )
        reached = ("provider.tls",)
        run("provider.clock", "the Date header", lambda: look_at_clock(first(), signs=signs),
            after=reached)  # fmt: skip
        run("provider.anonymous", "the same", lambda: door.look_at_anonymous(first()),
            after=reached)  # fmt: skip
        if signs:
            run("provider.credentials", "two signed GETs of /orgs",
                lambda: door.look_at_signature(transport), after=reached)  # fmt: skip
        else:
            _tokens(checklist, door, target)
        services.look()
        run("provider.gradebook.write", "the scopes; nothing is written", door.look_at_writing,
            after=("provider.credentials",))  # fmt: skip
        _records(checklist, transport, services)
    return services


def _tokens(checklist: Checklist, door: Door, target: ProviderTarget) -> None:
    run, after = checklist.run, ("provider.credentials",)
    asked = f"POST {bare(target.token_url)}"
    run("provider.credentials", asked, door.look_at_token, after=("provider.tls",))
    run("provider.token_lifetime", "expires_in of the token", door.look_at_lifetime, after=after)
    run("provider.token_several", "a second token, then both used", door.look_at_several,
        after=after)  # fmt: skip
    run("provider.scopes", "scope of the token", door.look_at_scopes, after=after)


def _records(checklist: Checklist, transport: Transport, services: Services) -> None:
    run, records = checklist.run, Records(transport, services.counts)
    lists = tuple(
        f"provider.bulk.{name}"
        for name in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
    )
    run("provider.counts", "the totals above", services.look_at_counts, after=lists)
    run("provider.ids", "samples of each collection", records.look_at_ids, after=lists)
    run("provider.stable", "a page of each, twice", records.look_at_stability, after=lists)
    run("provider.references", "what samples refer to", records.look_at_references, after=lists)
    run("provider.dates", "sampled enrollments", records.look_at_dates, after=lists)
    run("provider.duplicates", "all enrollments of a few classes", records.look_at_duplicates,
        after=lists)  # fmt: skip
    run("provider.teachers", "the same", records.look_at_teachers, after=lists)
    run("provider.errors", "GET /users/{an id that nobody has}", records.look_at_errors,
        after=("provider.credentials",))  # fmt: skip


def _probe(
    checklist: Checklist, target: ProviderTarget, service: Service, counts: dict[str, int | None]
) -> list[Latency] | None:
    found: list[Latency] = []
    with open_provider(target, service) as transport:
        try:
            found = measure(transport, counts)
        except SyncError as error:
            problem = str(error)
            checklist.run(
                "provider.probe", "pages, timed", lambda: warning(problem, "measure again")
            )
            return None
    return found


def _canvas(checklist: Checklist, target: CanvasTarget, service: Service) -> None:
    run, named = checklist.run, {"[canvas] base_url": target.base_url}
    with (
        open_canvas_anonymously(target, service) as anonymous,
        open_canvas(target, service) as transport,
    ):
        first = _First(anonymous, "api/v1/users/self")
        run("canvas.addresses", ", ".join(named), lambda: look_at_addresses(named))
        run(
            "canvas.tls",
            f"GET {bare(target.base_url)}/api/v1/users/self, without a token",
            lambda: look_at_tls([target.base_url], first, private=target.private),
            after=("canvas.addresses",),
        )
        run("canvas.clock", "the Date header", lambda: look_at_clock(first(), signs=False),
            after=("canvas.tls",))  # fmt: skip
        CanvasSide(transport, checklist).look()
