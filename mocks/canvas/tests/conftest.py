"""A Canvas of its own for each test."""

from collections.abc import Iterator

import pytest

from homeroom.mocks.canvas.tests.driver import DISTRICT, Canvas


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    """An empty Canvas."""
    canvas = Canvas()
    yield canvas
    canvas.close()


@pytest.fixture
def district(canvas: Canvas) -> Canvas:
    """A Canvas that holds `DISTRICT`."""
    ended = canvas.load(DISTRICT)
    assert ended["workflow_state"] == "imported", ended
    return canvas
