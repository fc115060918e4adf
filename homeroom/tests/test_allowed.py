"""A setting that is not allowed is told with its name, its value and what is allowed."""

from typing import Any

import msgspec
import pytest

from homeroom.allowed import explain
from homeroom.config import Config
from homeroom.reference.settings import Service

SERVICE = [
    ({"brake_share": 2}, "brake_share is 2; allowed is a number from 0 up to 1"),
    ({"timeout_s": -1}, "timeout_s is -1; allowed is a number above 0"),
    ({"page_size": "many"}, "page_size is 'many'; allowed is a whole number from 1 up to 5000"),
    ({"delta": "yes"}, "delta is 'yes'; allowed is true or false"),
    ({"roster": "x"}, "roster is 'x'; allowed is 'bulk' or 'school'"),
    ({"rekey": ["terms"]},
     "rekey[0] is 'terms'; allowed is 'courses' or 'sections' or 'users'"),
    ({"schools": "a"}, "schools is 'a'; allowed is a list, each in it a text"),
    ({"diffing_identifier": ""},
     "diffing_identifier is ''; allowed is a text of up to 128 characters, not blank"),
    ({"brake_shares": {"users": 3.0}}, "brake_shares is {'users': 3.0}; allowed is a table with"),
    ({"brake_shares": {"pupils": 0.1}}, "brake_shares is {'pupils': 0.1}; allowed is a table with"),
    ({"brake_shar": 1}, "there is no setting 'brake_shar'; did you mean brake_share?; known are"),
]  # fmt: skip
CONFIG = [
    ({"subject": {"choices": {"removed": "gone"}}},
     "subject.choices.removed is 'gone'; allowed is 'inactive' or 'completed' or 'deleted'"),
    ({"subject": {"choices": {"remove": "x"}}}, "subject.choices: there is no setting 'remove'"),
    # What stands there may be a secret.
    ({"canvas": {"base_url": "https://canvas.example", "token": 77}}, "canvas.token is not a text"),
    ({"subject": []}, "subject is []; allowed is a table with"),
    ({"waivers": [{"requirement": "A"}]},
     "waivers[0]: Object missing required field"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [*((Service, *each) for each in SERVICE), *((Config, *each) for each in CONFIG)],
)
def test_name_value_and_what_is_allowed_are_told(kind: Any, given: Any, told: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(given, kind)
    assert explain(caught.value, given, kind).startswith(told)
