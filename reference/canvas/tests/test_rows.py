"""Rows as CSV: whatever a feed holds comes back as it was."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from homeroom.reference.canvas.rows import to_csv

CELLS = st.text(st.characters(codec="utf-8"))
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4)


@given(TABLES)
@example([("u-1", "Anna\rMaria", "active"), ("u-2", "Ben", "active")])
@example([("s-1", "Art, 2nd hour", "active")])
@example([("s-1", 'The "long" one', "line\nbreak")])
def test_rows_come_back_as_they_were(rows: list[tuple[str, ...]]) -> None:
    written = to_csv(rows)
    assert [tuple(row) for row in csv.reader(io.StringIO(written, newline=""))] == rows
    assert written.endswith("\r\n")


def test_a_lone_carriage_return_is_quoted() -> None:
    # Canvas's reader refuses a whole file for one that is not.
    assert to_csv([("u-1", "Anna\rMaria")]) == 'u-1,"Anna\rMaria"\r\n'


def test_plain_rows_and_rows_with_marks_are_written_alike() -> None:
    plain, marked = [("u-1", "Ben", ""), ("u-2", " Eve ", "x")], [("u-3", "O'Neil, Ann", "")]
    assert to_csv(plain) + to_csv(marked) == to_csv([*plain, *marked])
