"""Load profiles as data: how many consumers, of what kind, on which district."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a run must keep to; any miss fails it. Latencies are of single requests."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    error_share: float
    """Of all requests, 0 to 1."""
    records_per_s: float
    """Over the whole run, of all consumers together."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One way of loading a provider."""

    name: str
    summary: str
    district: str
    """What `homeroom up` serves when no target is given."""
    consumers: int
    crawls: int
    """Whole districts that each consumer reads, one after the other."""
    page_limit: int
    collections: tuple[str, ...]
    deadline_s: float
    """The run is stopped, and has failed, when it takes longer."""
    limits: Limits
    source: str


# The order in which Instructure's bulk service lists them, without the views that repeat a
# collection: reading those too would only ask the same rows again.
BULK_COLLECTIONS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="smoke",
            summary="two consumers read a whole small district, page by page",
            district="small",
            consumers=2,
            crawls=1,
            page_limit=1000,
            collections=BULK_COLLECTIONS,
            deadline_s=120,
            limits=Limits(
                p50_ms=500, p95_ms=2000, p99_ms=4000, error_share=0.0, records_per_s=1000
            ),
            source="Instructure's rostering service configurations: the bulk service, each "
            "endpoint paged serially. Limits are ours, kept by a busy laptop with room to spare.",
        ),
    )
}


def find_profile(name: str) -> Profile | None:
    """Return the profile of that name, or None."""
    return PROFILES.get(name)
