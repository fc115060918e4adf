"""Which fields of a OneRoster record name somebody, and what becomes of each."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from homeroom.crawl.pseudonyms import Pseudonyms

Row = Mapping[str, Any]

# Vocabularies, dates, numbers and the catalogue: they name nobody.
_KEPT = frozenset(
    """
    status dateLastModified type role roles startDate endDate beginDate grades subjects
    subjectCodes classType schoolYear enabledUser primary sex americanIndianOrAlaskaNative asian
    blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces
    hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation
    publicSchoolResidenceStatus scoreStatus score scoreDate resultValueMin resultValueMax
    assignDate dueDate importance periods courseCode
    """.split()  # noqa: SIM905 -- a list of this length is read as text
)
_NAMES = frozenset({"givenName", "familyName", "middleName"})
_TEXTS = frozenset({"name", "title", "description", "comment", "cityOfBirth"})
_TITLES_KEPT = frozenset({"academicSessions", "categories"})
_DROPPED = frozenset({"password"})


def pseudonymised(collection: str, row: Row, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """Return a record as a provider would serve it of people who do not exist.

    Whatever is not known to be harmless is treated as an id, extensions included.
    """
    return {
        key: _value(collection, key, value, row, pseudonyms)
        for key, value in row.items()
        if key not in _DROPPED
    }


def _value(collection: str, key: str, value: Any, row: Row, pseudonyms: Pseudonyms) -> Any:
    kept = key in _KEPT or (key == "title" and collection in _TITLES_KEPT)
    # A course's schoolYear is a reference, a session's is a number.
    if kept and not isinstance(value, Mapping):
        return value
    if key in _NAMES:
        return _each(value, pseudonyms.name)
    if key in _TEXTS:
        return _each(value, pseudonyms.text)
    if key == "birthDate":
        person = str(row.get("sourcedId"))
        return _each(value, lambda text: pseudonyms.day_of_year(text, person))
    return _unknown(value, pseudonyms)


def _unknown(value: Any, pseudonyms: Pseudonyms) -> Any:
    if isinstance(value, Mapping):
        if "sourcedId" in value:
            return _reference(value, pseudonyms)
        return {
            key: item if key == "type" and "identifier" in value else _unknown(item, pseudonyms)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_unknown(each, pseudonyms) for each in value]
    if isinstance(value, str):
        return pseudonyms.email(value) if "@" in value else pseudonyms.id(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(pseudonyms.id(str(value)))
    return value


def _reference(value: Row, pseudonyms: Pseudonyms) -> dict[str, Any]:
    id_ = _each(value["sourcedId"], pseudonyms.id)
    made: dict[str, Any] = {**value, "sourcedId": id_}
    if "href" in value:
        # The original address holds the original id, and says whose provider it is.
        kind, place = value.get("type", ""), quote(str(id_), safe="")
        made["href"] = f"https://provider.example/{kind}/{place}"
    return made


def _each(value: Any, change: Callable[[str], str]) -> Any:
    return change(value) if isinstance(value, str) else value
