"""People are taken out of what a real peer answered."""

import json

from homeroom.certify.people import HIDDEN, UNREADABLE, without_people


def test_names_and_numbers_are_hidden_and_ids_stay() -> None:
    user = {"sourcedId": "u-1", "givenName": "Ana", "email": "a@b", "orgs": [{"sourcedId": "o-1"}]}
    hidden = json.loads(without_people(json.dumps({"users": [user]})))
    assert hidden == {
        "users": [
            {
                "sourcedId": "u-1",
                "givenName": HIDDEN,
                "email": HIDDEN,
                "orgs": [{"sourcedId": "o-1"}],
            }
        ]
    }


def test_empty_values_are_shown_as_they_are() -> None:
    assert json.loads(without_people('{"email": null, "phone": ""}')) == {
        "email": None,
        "phone": "",
    }


def test_what_is_no_json_is_not_shown() -> None:
    assert without_people("<html>Ana Ruiz</html>") == UNREADABLE
    assert without_people("") == ""
