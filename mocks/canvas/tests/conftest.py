"""A Canvas of its own for each test."""

from collections.abc import Iterator

import pytest

from homeroom.mocks.canvas.tests.driver import DISTRICT, Canvas
from homeroom.mocks.canvas.tests.taught import MORE, Taught


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


@pytest.fixture
def taught(district: Canvas) -> Taught:
    """A published course with two students in two sections, and a teacher."""
    ended = district.load(MORE)
    assert ended["workflow_state"] == "imported", ended
    return Taught(district)
