"""The table of wrong providers: a few lines in `make test`, all of them in `make test-long`."""

from collections.abc import Iterator

import pytest

from checks.quirks import Wrong, read_table, try_out
from homeroom.certify.requirement_set import read_requirement_set
from homeroom.config import Need, SubjectKind
from homeroom.features.subjects.tampering import TAMPERS
from homeroom.mocks.focus_oneroster.settings.surprises import QUIRK_SETTINGS

TABLE = read_table()


def lines() -> Iterator[object]:
    for wrong in TABLE:
        marks = () if wrong.quick else (pytest.mark.long,)
        yield pytest.param(wrong, id=wrong.name, marks=marks)


@pytest.mark.parametrize("wrong", list(lines()))
def test_a_wrong_provider_breaks_exactly_what_the_table_says(wrong: Wrong) -> None:
    found = try_out(wrong)
    assert found.exact, str(found)


def test_every_quirk_of_the_fake_and_every_tampering_stands_in_the_table() -> None:
    settings = {name for wrong in TABLE for name in wrong.settings}
    assert {quirk.name for quirk in QUIRK_SETTINGS} - settings == set()
    assert set(TAMPERS) == {wrong.tamper for wrong in TABLE} - {""}
    assert len({wrong.name for wrong in TABLE}) == len(TABLE)


def test_every_requirement_of_a_peer_is_broken_by_a_wrong_one_or_says_why_not() -> None:
    broken = {id_ for wrong in TABLE for id_ in wrong.breaks}
    requirements = read_requirement_set()
    tested = {
        each.id: each.no_mutant
        for kind in (SubjectKind.PROVIDER, SubjectKind.CANVAS)
        for each in requirements.binding(kind, tuple(Need))
        if not each.untested
    }
    assert {id_ for id_, reason in tested.items() if id_ not in broken and not reason} == set()
    assert broken - set(requirements.requirements) == set()
    assert {id_ for id_, reason in tested.items() if id_ in broken and reason} == set()
