"""Pseudonyms: keyed, steady, of the same shape, and nobody's."""

import re
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.crawl.pseudonyms import Pseudonyms
from homeroom.crawl.records import pseudonymised

ONE, OTHER = Pseudonyms("the key of this district"), Pseudonyms("the key of another one")
IDS = st.from_regex(r"[A-Za-z0-9]{1,12}([-._/@][A-Za-z0-9]{1,8}){0,3}", fullmatch=True)


def kinds(text: str) -> list[str]:
    return [
        "digit" if c.isdigit() else "upper" if c.isupper() else "lower" if c.isalpha() else c
        for c in text
    ]


@given(IDS)
def test_an_id_keeps_its_shape_and_is_the_same_every_time(text: str) -> None:
    made = Pseudonyms("the key of this district").id(text)
    assert made == ONE.id(text)
    if not re.search(r"[0-9a-fA-F]{8}-", text):
        assert kinds(made) == kinds(text)


@given(st.lists(IDS, unique=True, min_size=2))
def test_two_ids_never_become_one(texts: list[str]) -> None:
    assert len({ONE.id(text) for text in texts}) == len(texts)


@given(st.from_regex(r"0{0,4}[1-9][0-9]{0,9}", fullmatch=True))
def test_a_number_moves_and_keeps_its_leading_zeros(text: str) -> None:
    made = ONE.id(text)
    assert made != text
    assert len(made) - len(made.lstrip("0")) == len(text) - len(text.lstrip("0"))


def test_all_numbers_of_three_digits_are_permuted() -> None:
    numbers = [str(number) for number in range(100, 1000)]
    made = [ONE.id(number) for number in numbers]
    assert sorted(made) == numbers
    assert not [number for number, new in zip(numbers, made, strict=True) if number == new]
    assert made != [OTHER.id(number) for number in numbers]


def test_larger_numbers_are_permuted_too() -> None:
    numbers = [str(number) for number in range(10_000, 100_000, 7)]
    made = [ONE.id(number) for number in numbers]
    assert len(set(made)) == len(numbers)
    assert not [number for number, new in zip(numbers, made, strict=True) if number == new]


def test_a_guid_becomes_a_guid_of_its_version_wherever_it_stands() -> None:
    old = "7239d417-74ba-42cf-b006-592d3ba8c24d"
    made = ONE.id(old)
    assert uuid.UUID(made).version == 4
    assert made != old
    assert ONE.id(f"{old}-12-FY") == f"{made}-{ONE.id('12')}-{ONE.id('FY')}"


def test_parts_that_ids_share_stay_shared() -> None:
    north, south = ONE.id("83-101-FY26"), ONE.id("83-202-FY26")
    assert north.split("-")[0] == south.split("-")[0]
    assert north.split("-")[2] == south.split("-")[2]
    assert north != south


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("O'Malley", r"[A-Z]'[A-Z][a-z]{5}"),
        ("Muñoz-García", r"[A-Z][a-z]ñ[a-z]{2}-[A-Z][a-z]{3}[áéóúý][a-z]"),
        ("de la Cruz", r"[a-z]{2} [a-z]{2} [A-Z][a-z]{3}"),
        ("McDonald Jr.", r"[A-Z][a-z][A-Z][a-z]{5} [A-Z][a-z]\."),
    ],
)
def test_a_name_keeps_its_form(name: str, shape: str) -> None:
    made = ONE.name(name)
    assert re.fullmatch(shape, made), made
    assert made == ONE.name(name) != OTHER.name(name)


def test_accents_stay_on_their_letters_in_either_form() -> None:
    composed = ONE.name("Nguyễn")
    assert unicodedata.normalize("NFD", composed)[4:].count("\u0302") == 1
    decomposed = ONE.name(unicodedata.normalize("NFD", "José"))
    assert decomposed[4:] == "\u0301"


def test_names_in_other_scripts_stay_in_their_script() -> None:
    made = ONE.name("Анна 王")
    assert re.fullmatch(r"[\u0400-\u04ff]{4} [\u4e00-\u9fff]", made)
    assert made[0].isupper()
    assert made != "Анна 王"


@given(st.from_regex(r"[A-Z][a-z]{1,12}", fullmatch=True))
def test_a_pseudonym_is_no_name(name: str) -> None:
    made = ONE.name(name).lower()
    assert made != name.lower()
    assert set(made) <= set("qxz") or re.search("xq|qx|qz|zq|qk|vq|qv|zx", made)


def test_mail_can_not_be_delivered() -> None:
    made = ONE.email("ana.ruiz@students.lake.k12.fl.us")
    local, _, domain = made.partition("@")
    assert kinds(local) == kinds("ana.ruiz")
    labels = domain.split(".")
    assert (labels[0], labels[2], labels[-1]) == ("students", "k12", "example")
    assert len(labels) == 5
    assert ONE.email("bo@students.lake.k12.fl.us").partition("@")[2] == domain


def test_a_title_keeps_the_words_of_school_life() -> None:
    made = ONE.text("Algebra 1 - Period 2 - Ruiz")
    assert made.startswith("Algebra 1 - Period 2 - ")
    assert "Ruiz" not in made


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 characters"):
        Pseudonyms("short")


def test_a_record_keeps_what_names_nobody_and_nothing_else() -> None:
    row = {
        "sourcedId": "u-17", "status": "active", "role": "student", "enabledUser": "true",
        "givenName": "Ana", "familyName": "Ruiz", "username": "aruiz", "password": "secret",
        "identifier": "0042", "email": "aruiz@lake.example", "phone": "(850) 555-0134",
        "userIds": [{"type": "LDAP", "identifier": "aruiz"}], "grades": ["09"],
        "orgs": [{"href": "https://sis.example/orgs/o-1", "sourcedId": "o-1", "type": "org"}],
        "metadata": {"homeroom": "Mr Smith", "age": 15, "gifted": True},
    }  # fmt: skip
    made = pseudonymised("users", row, ONE)
    assert {key: made[key] for key in ("status", "role", "enabledUser", "grades")} == {
        key: row[key] for key in ("status", "role", "enabledUser", "grades")
    }
    assert "password" not in made
    assert made["userIds"] == [{"type": "LDAP", "identifier": made["username"]}]
    assert made["orgs"][0]["href"] == f"https://provider.example/org/{ONE.id('o-1')}"
    assert kinds(made["phone"]) == kinds("(850) 555-0134")
    assert made["metadata"]["gifted"] is True
    told = str(made)
    for secret in ("u-17", "Ana", "Ruiz", "aruiz", "0042", "555-0134", "o-1'", "Smith", "sis."):
        assert secret not in told, secret


def test_a_course_refers_to_its_year_by_the_pseudonym() -> None:
    year = {"sourcedId": "year-1", "type": "academicSession"}
    made = pseudonymised("courses", {"sourcedId": "c", "schoolYear": year}, ONE)
    assert made["schoolYear"]["sourcedId"] == ONE.id("year-1")
    assert pseudonymised("academicSessions", {"schoolYear": "2027"}, ONE) == {"schoolYear": "2027"}
