"""What Locust's processes are told: the profile, the worlds, and when to stop."""

import msgspec

from homeroom.loadtests.profiles import Profile

PLAN_VARIABLE = "HOMEROOM_LOAD_PLAN"
FIGURES_VARIABLE = "HOMEROOM_LOAD_FIGURES"


class World(msgspec.Struct, frozen=True, kw_only=True):
    """One district to load. Credentials are empty where each machine has its own."""

    base_url: str
    token_url: str
    auth: str = "oauth2"
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    control_url: str = ""
    control_token: str = ""
    space: str = ""
    district: str = ""
    """At a service: the id it knows the district by."""
    expected: dict[str, int] = {}
    """Rows promised for each collection before the run, where the provider says so."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    profile: Profile
    worlds: tuple[World, ...]
    users: int
    expected_records: int = 0
    """All that every user reads in all its rounds; 0 where that is not known."""
    expected_pages: int = 0
    """All pages that make up `expected_records`."""
    window_s: float | None = None
    stop_after_s: float | None = None
    requests_per_s: float | None = None
    """Ceiling for the target, all users together."""
    workers: int = 0
    chains: dict[str, int] = {}
    """Pages of each operation that one user reads one after the other, all rounds together."""


class Second(msgspec.Struct, kw_only=True):
    """How the run stood at one moment; counts are since its start."""

    at_s: float
    requests: int
    failures: int
    records: int
    users: int
    p50_ms: float
    p95_ms: float


class OperationFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one operation took. Milliseconds."""

    operation: str
    method: str
    requests: int
    failures: int
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    mean_bytes: float


class Measured(msgspec.Struct, kw_only=True):
    """What Locust's processes hand back; written anew every second, so that a kill loses little."""

    requests: int = 0
    failures: int = 0
    records: int = 0
    duration_s: float = 0
    p50_ms: float = 0
    p95_ms: float = 0
    p99_ms: float = 0
    finished_users: int = 0
    failed_users: int = 0
    renewals: int = 0
    """Tokens that ended while in use, and were replaced."""
    depths: dict[str, list[float]] = {}
    """Of `paging`: milliseconds of single pages, by tenth of the collection."""
    operations: list[OperationFigures] = []
    timeline: list[Second] = []
    errors: list[str] = []
    forecast_s: float | None = None
    """What the whole would have taken, as the run stood last; None where that is not known."""
    stopped: str = ""
    """Why it ended before all users had finished; empty where they had."""
    cpu_warning: bool = False
    """Whether Locust warned that one of its processes used more than 90 % of a core."""
    complete: bool = False
    """Whether Locust ended by itself."""
