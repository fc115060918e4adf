"""Worlds as bytes: graphs come back whole, and foreign bytes run nothing."""

import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from homeroom.mocks.harness.journal import Exchange, clip
from homeroom.mocks.harness.pickled import ThawError, freeze, shape_of, thaw

PACKAGE = "homeroom.mocks.harness"


def exchange() -> Exchange:
    return Exchange(
        seq=1, at=datetime(2026, 9, 1, 6, tzinfo=UTC), fake="focus", client=None, method="GET",
        path="/x", query="", operation_id=None, status=200, request_type="", request=b"",
        request_size=0, response_type="", response=b"", response_size=0,
    )  # fmt: skip


def test_what_is_shared_stays_shared() -> None:
    one = exchange()
    graph: dict[str, Any] = {"twice": [one, one], "money": Decimal("9.50"), "ids": {"a", "b"}}
    back = thaw(freeze(graph), PACKAGE)
    assert back == graph
    assert back["twice"][0] is back["twice"][1]


class Runs:
    """What an attacker would send: building it calls a function."""

    def __init__(self, call: Any, argument: Any) -> None:
        self.call, self.argument = call, argument

    def __reduce__(self) -> Any:
        return self.call, (self.argument,)


def test_bytes_that_name_a_foreign_function_are_refused_and_run_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    hostile = pickle.dumps(Runs(os.mkdir, str(made)))
    with pytest.raises(ThawError, match=r"it names posix\.mkdir, which no world of ours holds"):
        thaw(hostile, PACKAGE)
    assert not made.exists()


def test_a_function_of_the_package_itself_is_refused() -> None:
    with pytest.raises(ThawError, match=r"names homeroom\.mocks\.harness\.journal\.clip"):
        thaw(pickle.dumps(Runs(clip, b"")), PACKAGE)


def test_a_class_of_another_package_is_refused() -> None:
    with pytest.raises(ThawError, match=r"homeroom\.mocks\.harness\.journal\.Exchange"):
        thaw(freeze(exchange()), "homeroom.mocks.canvas")


@pytest.mark.parametrize("content", [b"", b"no pickle", freeze([1, 2, 3])[:-2]])
def test_bytes_that_are_no_pickle_are_refused(content: bytes) -> None:
    with pytest.raises(ThawError, match="it cannot be read"):
        thaw(content, PACKAGE)


def test_the_shape_of_a_package_is_the_same_whatever_a_program_has_loaded() -> None:
    code = (
        "from homeroom.mocks.harness.pickled import shape_of;"
        "print(shape_of('homeroom.mocks.district'))"
    )
    fresh = subprocess.run(  # noqa: S603 -- a program of our own
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert fresh.stdout.strip() == shape_of("homeroom.mocks.district")
    assert shape_of("homeroom.mocks.district") != shape_of("homeroom.mocks.harness.faults")
