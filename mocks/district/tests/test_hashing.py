"""Hashing and GUIDs: the same bits in Python and in numpy, and the way back from an id."""

import uuid

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.mocks.district.guids import Guids
from homeroom.mocks.district.hashing import (
    Permutation,
    Weighted,
    draw,
    draw_array,
    key,
    mix,
    mix_array,
)

WORDS = st.integers(0, 2**64 - 1)


@given(st.lists(WORDS, min_size=1, max_size=20))
def test_numpy_scrambles_as_python_does(values: list[int]) -> None:
    assert mix_array(np.array(values, np.uint64)).tolist() == [mix(value) for value in values]


@given(WORDS, st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=20))
def test_numpy_draws_as_python_does(base: int, indices: list[int]) -> None:
    drawn = draw_array(base, np.array(indices)).tolist()
    assert drawn == [draw(base, index) for index in indices]


def test_a_key_is_the_same_on_every_machine() -> None:
    assert key(1, "users") == 0x85BFBD0E501359F8


@given(st.integers(1, 5000), WORDS)
def test_a_permutation_takes_every_place_once_and_knows_the_way_back(count: int, base: int) -> None:
    permutation = Permutation(count, base)
    places = [permutation.forward(index) for index in range(count)]
    assert sorted(places) == list(range(count))
    assert [permutation.inverse(place) for place in places] == list(range(count))
    assert permutation.inverse_array(np.array(places)).tolist() == list(range(count))


def test_a_weighted_table_gives_each_entry_its_share() -> None:
    table = Weighted([("common", 0.75), ("rare", 0.25)])
    picks = [table.pick(mix(index)) for index in range(4000)]
    assert picks.count("common") == pytest.approx(3000, abs=120)


@given(WORDS, st.integers(0, 2**40))
def test_an_id_is_read_back_into_its_index(base: int, index: int) -> None:
    guids = Guids(base)
    text = guids.text(index)
    assert uuid.UUID(text).version == 4
    assert str(uuid.UUID(text)) == text
    assert guids.index(text) == index


@given(WORDS, st.lists(st.integers(0, 2**40), min_size=1, max_size=30))
def test_many_ids_at_once_are_those_one_by_one(base: int, indices: list[int]) -> None:
    guids = Guids(base)
    texts = guids.texts(np.array(indices)).tolist()
    assert [text.decode() for text in texts] == [guids.text(index) for index in indices]


@pytest.mark.parametrize(
    "text",
    ["", "x", "d5d8ee87-1652-4dad-a3af-9398fe3ef707", "D5D8EE87-1652-4DAD-A3AF-9398FE3EF707"],
)
def test_an_id_never_given_out_has_no_index(text: str) -> None:
    assert Guids(7).index(text) is None


def test_one_changed_digit_makes_an_id_unknown() -> None:
    guids = Guids(7)
    text = guids.text(5)
    changed = [
        text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        for place in range(len(text))
        if text[place] != "-"
    ]
    assert [guids.index(other) for other in changed] == [None] * 32
