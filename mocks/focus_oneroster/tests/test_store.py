"""Rows, overlay and fragments say the same whichever way they are asked."""

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from homeroom.mocks.district.records import Course
from homeroom.mocks.district.rows import RowTable
from homeroom.mocks.focus_oneroster.enrollment_pages import EnrollmentPages
from homeroom.mocks.focus_oneroster.model import MODELS
from homeroom.mocks.focus_oneroster.render import encode_records
from homeroom.mocks.focus_oneroster.store.rows import Rows

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus

BASE = "http://sis.test/focus"
SINCE = "2026-09-01T06:00:00.000Z"


class OverlayMachine(RuleBasedStateMachine):
    """Writes to a collection, held against a plain ordered dict."""

    def __init__(self) -> None:
        super().__init__()
        table = RowTable([Course(sourced_id=f"c{n}", title="base", org="o0") for n in range(4)])
        self.rows = Rows(MODELS["courses"], table, since=SINCE)
        self.expected: dict[str, str] = {f"c{n}": "o0" for n in range(4)}

    @rule(number=st.integers(0, 7), org=st.sampled_from(["o0", "o1"]))
    def put(self, number: int, org: str) -> None:
        row: dict[str, Any] = {
            "sourcedId": f"c{number}", "status": "active", "dateLastModified": SINCE, "org": org,
        }  # fmt: skip
        assert self.rows.put(row) == (row["sourcedId"] not in self.expected)
        self.expected[row["sourcedId"]] = org

    @rule(number=st.integers(0, 7))
    def remove(self, number: int) -> None:
        assert self.rows.remove(f"c{number}") == (f"c{number}" in self.expected)
        self.expected.pop(f"c{number}", None)

    @invariant()
    def agrees(self) -> None:
        handles = self.rows.handles().tolist()
        found = {self.rows.row(handle)["sourcedId"]: self.rows.row(handle) for handle in handles}
        assert {name: row["org"] for name, row in found.items()} == self.expected
        assert len(self.rows) == len(handles) == len(self.expected)
        for number in range(8):
            handle = self.rows.find(f"c{number}")
            assert (handle is not None) == (f"c{number}" in self.expected)
        for org in ("o0", "o1"):
            written = {
                self.rows.row(handle)["sourcedId"] for handle in self.rows.written("org", org)
            }
            touched = {
                name
                for name, row in found.items()
                if row["org"] == org and row.get("title") != "base"
            }
            assert written == touched


OverlayMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestOverlay = OverlayMachine.TestCase


def test_fragments_render_as_records_do(fresh_tiny: "Focus") -> None:
    store = fresh_tiny.world.truth
    rows = store.rows["enrollments"]
    pages = EnrollmentPages(store)
    assert pages.usable

    def plainly() -> bytes:
        return encode_records(rows.model, map(rows.row, rows.handles().tolist()), BASE)

    assert pages.encode(rows.handles(), BASE) == plainly()
    changed = rows.row(5)
    rows.put({**changed, "role": "teacher", "endDate": None})
    rows.put({**changed, "sourcedId": 'quo"ted/ü', "user": "x/y"})
    assert pages.encode(rows.handles(), BASE) == plainly()
    assert pages.encode(np.empty(0, np.int32), BASE) == b""
