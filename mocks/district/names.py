"""Names as varied as those of Florida's pupils, drawn from Faker's own tables by weight.

The tables are read, not called: a draw costs a microsecond and depends on nothing drawn before.
They change between releases of Faker, and with them every generated district; a test pins them by
the digest below. How many people are of which origin is ours, after Florida's enrollment by race
and ethnicity; which forms of name occur is what rosters are known to break on.
"""

import hashlib
import importlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from homeroom.mocks.district.hashing import Weighted, below, part
from homeroom.mocks.district.records import Sex

MALE, FEMALE = Sex.MALE, Sex.FEMALE


@dataclass(frozen=True)
class PersonName:
    """What a person is called, and what the name was drawn from."""

    given: str
    middle: str | None
    family: str
    origin: str


@dataclass(frozen=True)
class _Tables:
    given: Mapping[Sex, Weighted]
    family: Weighted


# Origin: share in per mille, Faker's locale for given names, and for family names.
ORIGINS: Mapping[str, tuple[int, str, str]] = {
    "anglo": (500, "en_US", "en_US"),
    "hispanic": (335, "es_MX", "es_CO"),
    "spanish": (35, "es_ES", "es_MX"),
    "haitian": (45, "fr_FR", "fr_CA"),
    "irish": (25, "en_IE", "en_IE"),
    "brazilian": (20, "pt_BR", "pt_BR"),
    "vietnamese": (13, "vi_VN", "vi_VN"),
    "indian": (15, "en_IN", "en_IN"),
    "kenyan": (7, "en_KE", "en_KE"),
    "indonesian": (5, "id_ID", "id_ID"),
}
_ORIGIN = Weighted([(origin, share / 1000) for origin, (share, _, _) in ORIGINS.items()])

# A person with one name only is registered under it, with "first name unknown" before it.
UNKNOWN_GIVEN = "FNU"


def _provider(locale: str) -> Any:
    return importlib.import_module(f"faker.providers.person.{locale}").Provider


def _entries(table: Mapping[str, float] | tuple[str, ...] | list[str]) -> list[tuple[str, float]]:
    pairs = table.items() if isinstance(table, Mapping) else ((name, 0.001) for name in table)
    return [(" ".join(name.split()), weight) for name, weight in pairs]


@cache
def _tables(origin: str) -> _Tables:
    _, given, family = ORIGINS[origin]
    provider = _provider(given)
    families = _entries(_provider(family).last_names)
    if origin == "irish":
        # Plain Irish names are in the first table already: this one is here for its O'Briens.
        families = [(name, weight) for name, weight in families if "'" in name]
    return _Tables(
        given={
            MALE: Weighted(_entries(provider.first_names_male)),
            FEMALE: Weighted(_entries(provider.first_names_female)),
        },
        family=Weighted(families),
    )


def tables_digest() -> str:
    """Return the SHA-256 of every name and weight that a draw can fall on."""
    digest = hashlib.sha256()
    for _, given, family in ORIGINS.values():
        for locale, attribute in (
            (given, "first_names_male"),
            (given, "first_names_female"),
            (family, "last_names"),
        ):
            for name, weight in _entries(getattr(_provider(locale), attribute)):
                digest.update(f"{locale}\t{attribute}\t{name}\t{weight!r}\n".encode())
    return digest.hexdigest()


# Each part of a person is drawn under a number of its own, so that none shifts another.
_ORIGIN_OF, _FAMILY, _SECOND_FAMILY, _FAMILY_FORM, _SEX, _GIVEN, _MIDDLE, _GIVEN_FORM = range(1, 9)


def sex_of(person: int) -> Sex:
    """Return the sex of the person with these 64 bits."""
    return FEMALE if part(person, _SEX) & 1 else MALE


@dataclass(frozen=True)
class FamilyKind:
    """An origin and a form of family name, from 0 to 99, that a family is to have."""

    origin: str
    form: int


SURE_FAMILIES = (
    FamilyKind("indonesian", 0),  # one name only
    FamilyKind("irish", 50),  # an apostrophe
    FamilyKind("spanish", 37),  # as long as names get
    FamilyKind("hispanic", 33),  # a hyphen
    FamilyKind("vietnamese", 50),  # letters with two accents
)
"""Kinds that occur in every district, however small: its first students have them."""


def name_of(person: int, family: int, kind: FamilyKind | None = None) -> PersonName:
    """Name the person with the 64 bits `person`, of the family with the 64 bits `family`."""
    origin = kind.origin if kind else _ORIGIN.pick(part(family, _ORIGIN_OF))
    family_form = kind.form if kind else below(part(family, _FAMILY_FORM), 100)
    surname = _family_name(origin, family, family_form)
    tables = _tables(origin).given[sex_of(person)]
    given = tables.pick(part(person, _GIVEN))
    middle = tables.pick(part(person, _MIDDLE))
    form = below(part(person, _GIVEN_FORM), 100)
    if origin == "indonesian" and family_form < _ONE_NAME:
        return PersonName(UNKNOWN_GIVEN, None, given, origin)
    if form < _DOUBLE_GIVEN.get(origin, 0) and middle != given:
        joint = "-" if origin == "haitian" else " "
        return PersonName(f"{given}{joint}{middle}", None, surname, origin)
    has_middle = form >= 45 and middle != given
    return PersonName(given, middle if has_middle else None, surname, origin)


_ONE_NAME = 60
"""Per cent of Indonesian families whose members have one name only."""
# Per cent of people whose given name is two names.
_DOUBLE_GIVEN = {"hispanic": 12, "spanish": 15, "haitian": 20, "brazilian": 10, "vietnamese": 30}
_HYPHENATED = 4
"""Per cent of family names that are two with a hyphen, in any origin."""


def _family_name(origin: str, family: int, form: int) -> str:
    table = _tables(origin).family
    first, second = table.pick(part(family, _FAMILY)), table.pick(part(family, _SECOND_FAMILY))
    if second == first or " " in second:
        return first
    if origin in ("hispanic", "spanish"):
        if form < 30:
            return f"{first} {second}"
        if form < 36:
            return f"{first}-{second}"
        if form < 38:
            # The longest that occur: both families in full, as passports from Spain print them.
            return f"{first} de la {second} y {second} de {first}"
        return first
    return f"{first}-{second}" if form < _HYPHENATED else first


# Letters that have no decomposition into a base letter and an accent.
_PLAIN = str.maketrans({"đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss"})


def to_ascii(name: str) -> str:
    """Spell a name with the letters a to z alone, as usernames are made."""
    if not name.isascii():
        bare = unicodedata.normalize("NFKD", name.translate(_PLAIN))
        name = bare.encode("ascii", "ignore").decode()
    return "".join(filter(str.isalpha, name.lower()))
