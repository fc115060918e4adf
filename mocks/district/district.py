"""A district as data: one table per OneRoster collection, frozen once made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class DistrictError(ValueError):
    """A district cannot be made of what was given; the text names file, line, column and remedy."""


class Table(Protocol):
    """The records of one collection, by index."""

    def __len__(self) -> int: ...
    def sourced_id(self, index: int) -> str:
        """Return the sourcedId at `index`."""
        ...

    def find(self, sourced_id: str) -> int | None:
        """Return the index of a sourcedId, or None."""
        ...

    def record(self, index: int) -> Any:
        """Return the record at `index`, a Struct of `records`."""
        ...


@dataclass(frozen=True, kw_only=True)
class District:
    """The ground truth of a space at its start. The Focus fake serves it and keeps changes apart."""

    name: str
    seed: int
    generated: bool
    """Whether its people are ours: then their names may be shown."""
    tables: Mapping[str, Table] = field(default_factory=dict[str, Table])
    """By collection name on the wire: orgs, academicSessions, courses, classes, users, ..."""


def load_district(what: str, *, seed: int, now: datetime) -> District:
    """Make the district that `what` names: empty, a size, `enrollments=N`, or a CSV zip's path."""
    if what == "empty":
        return District(name="empty", seed=seed, generated=True)
    raise DistrictError(f"district {what!r} is unknown")
