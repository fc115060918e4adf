"""Single rows of a run: found by id, put back, chosen to be read back."""

from pathlib import Path

import pytest

from homeroom.reference.canvas.rows import EnrollmentRow
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.shelves import END, SHELVES, RowFile, encode, shelf_of
from homeroom.reference.workflows.rows import find_rows, put_back, rows_to_verify, spread


def seat(section: str, user: str, status: str = "active") -> EnrollmentRow:
    return EnrollmentRow(section, user, "student", status, "", "", f"{section}/{user}")


def night(folder: Path, *rows: EnrollmentRow) -> Path:
    """Write enrollments down."""
    folder.mkdir()
    shelves: list[list[EnrollmentRow]] = [[] for _ in range(SHELVES)]
    for row in rows:
        shelves[shelf_of(row.section_id)].append(row)
    lines = [line for shelf in shelves for line in (*sorted(encode(shelf)), END)]
    (folder / "enrollments.rows").write_bytes(b"".join(lines))
    return folder


def held(folder: Path) -> list[EnrollmentRow]:
    return sorted(RowFile(folder / "enrollments.rows", EnrollmentRow), key=lambda row: row.id)


def test_rows_are_found_by_their_whole_id(tmp_path: Path) -> None:
    folder = night(tmp_path / "a", seat("a", "1"), seat("a", "11"), seat("b", "1"))
    ids = {seat("a", "1").id, seat("c", "1").id}
    assert find_rows(folder, "enrollments", ids) == {seat("a", "1").id: seat("a", "1")}
    assert find_rows(folder, "enrollments", ()) == {}


def test_what_canvas_refused_stands_as_it_stood(tmp_path: Path) -> None:
    before = night(tmp_path / "a", seat("a", "1"), seat("b", "1"))
    tonight = night(tmp_path / "b", seat("a", "1", "completed"), seat("a", "2"), seat("b", "1"))
    refused = {seat("a", "1").id, seat("a", "2").id}
    assert put_back(before, tonight, "enrollments", refused) == 2
    assert held(tonight) == [seat("a", "1"), seat("b", "1")]
    assert put_back(None, tonight, "enrollments", {seat("b", "1").id}) == 1


def test_rows_that_did_not_change_are_read_back_too_another_shelf_each_night(
    tmp_path: Path,
) -> None:
    rows = [seat(f"s{n}", "1") for n in range(400)]
    folder, plan = night(tmp_path / "a", *rows), Plan(run="1", now="")
    found = {
        row.section_id
        for shelf in range(SHELVES)
        for row in rows_to_verify(plan, folder, "enrollments", 25, shelf)
    }
    assert len(found) > 350
    assert not list(rows_to_verify(plan, folder, "enrollments", 0, 1))
    plan.full = True
    assert len(list(rows_to_verify(plan, folder, "enrollments", 0, 1))) == 400


@pytest.mark.parametrize(("lines", "sample", "taken"), [(10, 3, 3), (3, 25, 3), (0, 5, 0)])
def test_a_sample_is_spread_evenly(lines: int, sample: int, taken: int) -> None:
    assert len(spread([b"x"] * lines, sample)) == taken
