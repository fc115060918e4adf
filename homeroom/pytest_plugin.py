"""For other test suites: `pytest -p homeroom` lends each test a Focus and a Canvas of its own.

    @pytest.mark.homeroom(district="tiny", now="2026-09-01T06:00:00Z")
    def test_my_sync(homeroom_space):
        run_my_sync(homeroom_space.document)
        assert homeroom_space.journal(operationId="createSisImport")

The fakes start once a session, on free loopback ports; each test's space is dropped after it.
"""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from homeroom.certify.control import ControlClient, SpaceHandle
    from homeroom.mocks.stage import Stage

MARKER = "homeroom(district='empty', seed=1, now=None): the world that homeroom_space lends"
_KNOWN = frozenset({"district", "seed", "now"})


class UnusedFaultWarning(UserWarning):
    """A test added a fault rule that never hit: what it means to test did not happen."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def homeroom_stage() -> "Iterator[Stage]":
    """Both fakes and their control plane, started once for the session."""
    # Imported here: a suite that asks for no world pays nothing.
    with warnings.catch_warnings():
        # What connexion and jsonschema say of each other is not a suite's business.
        warnings.simplefilter("ignore")
        from homeroom.mocks.stage import StageSettings, serve

    with serve(StageSettings(district="empty")) as stage:
        yield stage


@pytest.fixture(scope="session")
def homeroom_control(homeroom_stage: "Stage") -> "Iterator[ControlClient]":
    """A client of the control plane."""
    from homeroom.certify.control import ControlClient

    control = homeroom_stage.space_document["control"]
    with ControlClient(control["url"], control["token"]) as client:
        yield client


@pytest.fixture
def homeroom_space(
    request: pytest.FixtureRequest, homeroom_control: "ControlClient"
) -> "Iterator[SpaceHandle]":
    """An isolated world for one test; `@pytest.mark.homeroom(...)` says which."""
    asked = _asked(request.node)
    with homeroom_control.space(**asked) as space:
        yield space
        for rule in space.faults():
            if not rule["hits"]:
                warnings.warn(
                    UnusedFaultWarning(f"fault rule {rule['id']} never hit: {rule['when']}"),
                    stacklevel=1,
                )


def _asked(node: pytest.Item) -> dict[str, Any]:
    marker = node.get_closest_marker("homeroom")
    asked: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    if marker is not None and (marker.args or asked.keys() - _KNOWN):
        raise pytest.UsageError(f"@pytest.mark.homeroom takes {', '.join(sorted(_KNOWN))} by name")
    return asked
