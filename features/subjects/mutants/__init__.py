"""Wrong sync services, one realistic bug each: they test the kit.

Each wraps a right service at the wire and tampers with what it reads or sends, so that none
depends on how the service is built. `python -m homeroom.features.subjects.mutants NAME COMMAND`
runs one; `python -m checks.mutants` certifies each and says which requirement catches it.
"""

from homeroom.features.subjects.mutants import (
    classmates,
    connections,
    discretion,
    gradebook,
    grades,
    hiccups,
    links,
    lookalikes,
    people,
    places,
    seats,
    stints,
    watch,
)
from homeroom.features.subjects.mutants.wire import MUTANTS, Wire

CRASHED = "the mutant itself is broken"
"""The last words of a mutant that fell over instead of doing its wrong."""

__all__ = [
    "CRASHED",
    "MUTANTS",
    "Wire",
    "classmates",
    "connections",
    "discretion",
    "gradebook",
    "grades",
    "hiccups",
    "links",
    "lookalikes",
    "people",
    "places",
    "seats",
    "stints",
    "watch",
]
