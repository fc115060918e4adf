"""Comparing shelves, as a table and as a property."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from homeroom.reference.canvas.rows import SectionRow
from homeroom.reference.roster.diff import Change, diff
from homeroom.reference.roster.shelves import SHELVES, RowFile, Shelves, encode

FILE: RowFile[SectionRow] = RowFile(Path("nowhere"), SectionRow)


def row(id_: str, name: str = "Algebra", source: str = "") -> SectionRow:
    """Make a section's row."""
    return SectionRow(id_, "k", name, "active", source or id_)


def changes(before: list[SectionRow], after: list[SectionRow]) -> list[Change]:
    """Compare two nights."""
    found = diff(encode(before), after, FILE, lambda _: False)[0]
    return sorted(found, key=lambda each: (each[1] or each[0]).id)


def test_what_came_what_changed_and_what_went() -> None:
    before = [row("a"), row("b"), row("c")]
    after = [row("b", "Geometry"), row("c"), row("d")]
    assert changes(before, after) == [
        (row("a"), None),
        (row("b"), row("b", "Geometry")),
        (None, row("d")),
    ]


def test_a_record_under_another_sourced_id_is_no_change_but_is_remembered() -> None:
    before, after = encode([row("a", source="old")]), [row("a", source="new")]
    found, lines = diff(before, after, FILE, lambda _: False)
    assert (found, FILE.decode(lines)) == ([], [row("a", source="new")])


def test_a_row_that_is_kept_stays_as_it_was() -> None:
    before = [row("a"), row("b")]
    found, lines = diff(encode(before), [], FILE, lambda each: each.source == "a")
    assert (found, FILE.decode(lines)) == ([(row("b"), None)], [row("a")])


ROWS = st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=12)


@given(ROWS, ROWS)
def test_changes_lead_from_one_night_to_the_next(
    first: dict[str, str], second: dict[str, str]
) -> None:
    before = [row(id_, name) for id_, name in first.items()]
    after = [row(id_, name) for id_, name in second.items()]
    held = {each.id: each for each in before}
    for was, now in changes(before, after):
        if now is None:
            del held[was.id]
        else:
            held[now.id] = now
    assert held == {each.id: each for each in after}


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=40))
def test_shelves_give_back_what_was_dealt_out_and_keys_stay_together(
    pairs: list[tuple[str, str]],
) -> None:
    shelves = Shelves(SectionRow, lambda each: each.section_id)
    rows = [row(id_, name) for id_, name in pairs]
    shelves.add(rows[::2])
    shelves.add(rows[1::2])
    taken = [shelves.take(shelf) for shelf in range(SHELVES)]
    assert sorted(each.cells for shelf in taken for each in shelf) == sorted(r.cells for r in rows)
    places: dict[str, set[int]] = {}
    for number, shelf in enumerate(taken):
        for each in shelf:
            places.setdefault(each.section_id, set()).add(number)
    assert all(len(numbers) == 1 for numbers in places.values())
