"""Gherkin steps about a world, for pytest-bdd suites of other projects: `-p homeroom` with them.

    # conftest.py
    pytest_plugins = ["homeroom.gherkin_steps"]

They act on the space of `homeroom_space`. A rule that never hit is told at the scenario's end.
"""

import json
from typing import Any

from pytest_bdd import given, parsers, when

from homeroom.certify.control import SpaceHandle


@given(parsers.parse("{days:d} school days pass in Focus"))
@when(parsers.parse("{days:d} school days pass in Focus"), target_fixture="events")
def school_days_pass(homeroom_space: SpaceHandle, days: int) -> list[dict[str, Any]]:
    """Live so many days of a school year; `events` says what happened and why."""
    return homeroom_space.evolve(days=days)


@given("this fault is set:")
@when("this fault is set:")
def fault_is_set(homeroom_space: SpaceHandle, docstring: str) -> None:
    """Add a fault rule, written as JSON below the step."""
    homeroom_space.add_fault(json.loads(docstring))


@given(parsers.parse("the worlds' clock says {instant}"))
@when(parsers.parse("the worlds' clock says {instant}"))
def clock_says(homeroom_space: SpaceHandle, instant: str) -> None:
    """Set the clock both fakes live by to an ISO 8601 instant."""
    homeroom_space.set_clock(instant)


@given("the world is saved", target_fixture="saved_world")
def world_is_saved(homeroom_space: SpaceHandle) -> bytes:
    """Take a snapshot."""
    return homeroom_space.snapshot()


@when("the saved world is brought back")
def world_is_brought_back(homeroom_space: SpaceHandle, saved_world: bytes) -> None:
    """Restore the snapshot."""
    homeroom_space.restore(saved_world)
