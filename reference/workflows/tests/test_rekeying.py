"""What came back under another id: seen by evidence, and only by evidence."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from homeroom.reference.canvas.rows import (
    ROWS,
    CourseRow,
    EnrollmentRow,
    Row,
    SectionRow,
    UserRow,
)
from homeroom.reference.roster.apply import Refusal
from homeroom.reference.roster.plan import Counts, Plan
from homeroom.reference.roster.shelves import END, SHELVES, RowFile, Shelves, encode
from homeroom.reference.workflows.rekeying import (
    Rekey,
    find_rekeys,
    keep_old_ids,
    read_csv,
    write_csv,
    write_rekeyed,
)


def night(folder: Path, *rows: Row) -> Path:
    """Write a night's rows down."""
    folder.mkdir()
    for kind, row_type in ROWS.items():
        shelves: Shelves[Row] = Shelves(row_type, lambda row: row.id[0])
        shelves.add(row for row in rows if type(row) is row_type)
        lines: Iterable[bytes] = (
            line for shelf in range(SHELVES) for line in (*sorted(encode(shelves.take(shelf))), END)
        )
        (folder / f"{kind}.rows").write_bytes(b"".join(lines))
    return folder


def held(folder: Path, kind: str) -> list[Any]:
    """Read a night's rows of a kind."""
    rows: RowFile[Any] = RowFile(folder / f"{kind}.rows", ROWS[kind])
    return sorted(rows, key=lambda row: row.id)


def user(id_: str, login: str, email: str = "") -> UserRow:
    return UserRow(id_, login, "Ana", "Ruiz", email, "active", id_)


def section(id_: str, name: str = "P1", course: str = "k") -> SectionRow:
    return SectionRow(id_, course, name, "active", id_)


def seat(section_id: str, user_id: str) -> EnrollmentRow:
    return EnrollmentRow(section_id, user_id, "student", "active", "", "", f"{section_id}{user_id}")


def course(id_: str) -> CourseRow:
    return CourseRow(id_, "ALG", "Algebra", "s-1", "t-1", "active", "c-1")


CHANGED = Plan(
    run="1",
    now="",
    counts={kind: Counts(added=1, removed=1) for kind in ("users", "sections", "courses")},
)


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        (user("1", "ana"), user("2", "ANA"), "the same login"),
        (user("1", "ana", "a@s.example"), user("2", "aruiz", "A@s.example"), "the same names"),
        (user("1", "ana"), user("2", "aruiz"), None),
    ],
)
def test_a_person_is_known_by_login_or_by_names_and_mail(
    tmp_path: Path, was: UserRow, now: UserRow, why: str | None
) -> None:
    before, tonight = night(tmp_path / "a", was), night(tmp_path / "b", now)
    found = find_rekeys(before, tonight, CHANGED)
    assert [(each.old, each.new) for each in found] == ([("1", "2")] if why else [])
    assert all(each.why.startswith(why or "") for each in found)


def test_two_of_one_login_are_no_evidence(tmp_path: Path) -> None:
    before = night(tmp_path / "a", user("1", "ana"))
    tonight = night(tmp_path / "b", user("2", "ana"), user("3", "ana"))
    assert find_rekeys(before, tonight, CHANGED) == []


@pytest.mark.parametrize(("stay", "found"), [(3, True), (2, True), (1, False), (0, False)])
def test_a_section_is_known_by_name_course_and_most_of_its_people(
    tmp_path: Path, stay: int, found: bool
) -> None:
    old = [seat("a", f"u{n}") for n in range(3)]
    new = [seat("z", f"u{n}") for n in range(3 - stay, 6 - stay)]
    before = night(tmp_path / "a", section("a"), course("k"), *old)
    tonight = night(tmp_path / "b", section("z"), course("k"), *new)
    rekeys = find_rekeys(before, tonight, CHANGED)
    assert [(each.old, each.new) for each in rekeys] == ([("a", "z")] if found else [])


def test_a_course_is_known_by_all_its_sections_leading_to_one_that_is_not_there(
    tmp_path: Path,
) -> None:
    rows = section("a", "P1", "old"), section("b", "P2", "old"), course("old")
    before, tonight = night(tmp_path / "a", *rows), night(tmp_path / "b", *rows)
    moves = [{"section": each, "stays": "old", "key": "new"} for each in ("a", "b")]
    plan = Plan(run="1", now="", counts=CHANGED.counts, held_moves=moves)
    assert [(each.kind, each.old, each.new) for each in find_rekeys(before, tonight, plan)] == [
        ("courses", "old", "new")
    ]
    plan.held_moves = moves[:1]
    assert find_rekeys(before, tonight, plan) == []


def test_last_night_is_rewritten_under_the_new_ids(tmp_path: Path) -> None:
    rows = section("a", "P1", "k"), section("b", "P2", "k"), course("k"), user("1", "ana")
    before = night(tmp_path / "a", *rows, seat("a", "1"), seat("b", "1"))
    rekeys = [Rekey("sections", "a", "z", ""), Rekey("users", "1", "2", "")]
    write_rekeyed(before, tmp_path / "b", rekeys)
    assert [row.cells[:2] for row in held(tmp_path / "b", "enrollments")] == [
        ("b", "2"),
        ("z", "2"),
    ]
    assert [row.id for row in held(tmp_path / "b", "sections")] == [("b",), ("z",)]
    assert [row.cells[:2] for row in held(tmp_path / "b", "users")] == [("2", "ana")]
    assert held(tmp_path / "b", "courses") == [course("k")]
    write_csv(tmp_path, rekeys)
    assert (tmp_path / "change_sis_id.csv").read_text().splitlines() == [
        "old_id,new_id,type",
        "a,z,section",
        "1,2,user",
    ]
    assert read_csv(tmp_path) == rekeys


def test_where_canvas_refused_a_new_id_last_nights_rows_stay(tmp_path: Path) -> None:
    before = night(
        tmp_path / "a", section("a"), section("b"), course("k"), user("1", "ana"), user("3", "bo"),
        seat("a", "1"), seat("a", "3"), seat("b", "1"),
    )  # fmt: skip
    # Both sections and Ana have other ids tonight, section a has another name, and Bo has left it.
    tonight = night(
        tmp_path / "b", section("y", "P9"), section("z"), course("k"), user("2", "ana"),
        user("3", "bo"), seat("y", "2"), seat("z", "2"),
    )  # fmt: skip
    rekeys = [
        Rekey("sections", "a", "y", ""),
        Rekey("sections", "b", "z", ""),
        Rekey("users", "1", "2", ""),
    ]
    kinds = ("courses", "sections", "users", "enrollments")
    plan = Plan(run="b", now="", counts={kind: Counts() for kind in kinds})
    plan.rekeyed = ["sections: a came back as y (why)", "users: 1 came back as 2 (why)"]
    taken = "A new_id, 'y', referenced an existing section and ..."
    lost = "An old_id, 'b', referenced a non-existent section and was not changed."
    refused = [
        Refusal(kind="change_sis_id", id=("a", "y", "section"), message=taken),
        Refusal(kind="change_sis_id", id=("b", "z", "section"), message=lost),
    ]
    for _ in range(2):  # as after a kill
        keep_old_ids(before, tonight, plan, rekeys, refused)
        assert held(tonight, "sections") == [section("a")]
        assert held(tonight, "users") == [user("2", "ana"), user("3", "bo")]
        assert [row.cells[:2] for row in held(tonight, "enrollments")] == [("a", "2"), ("a", "3")]
        assert [plan.counts[kind].after for kind in ("sections", "enrollments")] == [1, 2]
    assert plan.rekeyed == ["users: 1 came back as 2 (why)"]
