"""Takes people out of what a real peer answered, before it is shown."""

import json
from typing import Any

# Names of fields, in OneRoster and in Canvas, whose values tell who somebody is.
PERSONAL = frozenset(
    {
        *("givenName", "familyName", "middleName", "username", "identifier", "email", "sms"),
        *("phone", "password", "userIds", "birthDate", "sex", "cityOfBirth", "comment", "metadata"),
        *("americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "white"),
        *("nativeHawaiianOrOtherPacificIslander", "demographicRaceTwoOrMoreRaces"),
        *("hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation"),
        *("publicSchoolResidenceStatus", "score", "name", "sortable_name", "short_name"),
        *("first_name", "last_name", "login_id", "unique_id", "avatar_url", "pronouns"),
        *("sis_user_id", "integration_id"),
    }
)
HIDDEN = "[hidden]"
UNREADABLE = "[an answer that is no JSON; not shown, since it may name people]"


def without_people(text: str) -> str:
    """Return a JSON text with personal values hidden; any other text is not shown at all."""
    if not text.strip():
        return text
    try:
        document = json.loads(text)
    except ValueError:
        return UNREADABLE
    return json.dumps(_hide(document), ensure_ascii=False)


def _hide(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: HIDDEN if key in PERSONAL and item not in (None, "", []) else _hide(item)
            for key, item in value.items()
        }
    return [_hide(item) for item in value] if isinstance(value, list) else value
