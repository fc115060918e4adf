"""Steps of a provider's changes: a record that comes, changes and goes, and who is told of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from pytest_bdd import given, then, when

from homeroom.certify.outcomes import NotApplicable
from homeroom.features.evidence.records import Row
from homeroom.features.evidence.roster import Roster, ids, refuse_faults, rows_of

COLLECTION = "users"
NAME = "Zoë Núñez-O'Brien 李"


@dataclass(kw_only=True)
class Guest:
    """A person whom the owner let us bring in, as told to the owner and as served before."""

    sourced_id: str
    record: dict[str, Any]
    before: str = ""
    """dateLastModified before the last change."""


@pytest.fixture
def guest(roster: Roster) -> Iterator[Guest]:
    """Bring a person in, and have it taken out again whatever comes."""
    school = ids(roster.rows("schools", status="active"))[0]
    record: dict[str, Any] = {
        "sourcedId": str(uuid4()),
        "status": "active",
        "username": "homeroom.guest",
        "enabledUser": "true",
        "givenName": "Homeroom",
        "familyName": NAME,
        "role": "student",
        "orgs": [{"sourcedId": school}],
    }
    if roster.target.space is not None:
        roster.target.space.advance(60)
    sourced_id = roster.target.hooks.run("load", COLLECTION, record)
    roster.target.peer.forget()
    taken_out = Guest(sourced_id=sourced_id, record={**record, "sourcedId": sourced_id})
    yield taken_out
    roster.target.hooks.run("remove", COLLECTION, taken_out.record)
    roster.target.peer.forget()


@given("a person has come to the school")
def person_came(guest: Guest) -> None:
    """The fixture brought it in."""
    assert guest.sourced_id


@when("a partner reads that person", target_fixture="person")
def reads_person(roster: Roster, guest: Guest) -> Row | None:
    """By the id that the owner named."""
    return _read(roster, guest)


@when("that person is changed")
def person_changed(roster: Roster, guest: Guest) -> None:
    """Another given name."""
    guest.before = str((_read(roster, guest) or {}).get("dateLastModified") or "")
    _must_be_there(guest)
    _alter(roster, guest, "change", {**guest.record, "givenName": "Homeroomer"})


@when("that person is taken out of the school")
def person_removed(roster: Roster, guest: Guest) -> None:
    """As the SIS's own screens do it."""
    guest.before = str((_read(roster, guest) or {}).get("dateLastModified") or "")
    _must_be_there(guest)
    _alter(roster, guest, "remove", guest.record)


def _alter(roster: Roster, guest: Guest, hook: str, record: dict[str, Any]) -> None:
    if roster.target.space is not None:
        roster.target.space.advance(60)
    guest.record = record
    roster.target.hooks.run(hook, COLLECTION, record)
    roster.target.peer.forget()


def _must_be_there(guest: Guest) -> None:
    if not guest.before:
        raise NotApplicable("the person is not served at all; the requirement about ids says so")


def _read(roster: Roster, guest: Guest) -> Row | None:
    answer = roster.one(COLLECTION, guest.sourced_id, fresh=True)
    document = answer.document()
    found = document.get("user") if answer.status == 200 and isinstance(document, dict) else None
    return found if isinstance(found, dict) else None


def _delta(roster: Roster, guest: Guest) -> list[Row]:
    answer = roster.filtered(COLLECTION, f"dateLastModified>'{guest.before}'")
    return rows_of(answer, "users")


@then("that person is there under the same id")
def person_there(person: Row | None, guest: Guest) -> None:
    """An id that changes makes a stranger of somebody known."""
    found = str((person or {}).get("sourcedId") or "nobody")
    refuse_faults(
        [] if found == guest.sourced_id else [found],
        promise="Somebody who was brought in is not there under their id",
        expected=guest.sourced_id,
        answers=[],
    )


@then("their name is as it was written")
def name_kept(person: Row | None) -> None:
    """Letters of every script come through."""
    if person is None:
        raise NotApplicable("the person is not served at all; the requirement about ids says so")
    found = str(person.get("familyName"))
    refuse_faults(
        [] if found == NAME else [found],
        promise="A name was changed on the way",
        expected=NAME,
        answers=[],
    )


@then("their record says that it changed")
def change_dated(roster: Roster, guest: Guest) -> None:
    """DateLastModified moves on."""
    after = str((_read(roster, guest) or {}).get("dateLastModified") or "")
    refuse_faults(
        [] if after > guest.before else [after or "nothing"],
        promise="A change is not dated",
        expected=f"dateLastModified after {guest.before}",
        answers=[],
    )


@then("whoever asks what changed is told")
def change_told(roster: Roster, guest: Guest) -> None:
    """The delta holds the record."""
    after = str((_read(roster, guest) or {}).get("dateLastModified") or "")
    if after <= guest.before:
        raise NotApplicable("the change is not dated; the requirement about dates says so")
    found = guest.sourced_id in ids(_delta(roster, guest))
    refuse_faults(
        [] if found else ["the record is missing"],
        promise="Who asks what changed is not told",
        expected=f"users {guest.sourced_id} among what changed",
        answers=[],
    )


@then("whoever asks for active people does not find them")
def gone_from_active(roster: Roster, guest: Guest) -> None:
    """A removed person is not active."""
    answer = roster.filtered(COLLECTION, f"sourcedId='{guest.sourced_id}' AND status='active'")
    found = guest.sourced_id in ids(rows_of(answer, "users"))
    refuse_faults(
        ["still there"] if found else [],
        promise="Somebody who left is still active",
        expected="nobody",
        answers=[answer],
    )


@then("whoever asks what changed is told that they left")
def removal_told(roster: Roster, guest: Guest) -> None:
    """Deltas hold rows marked tobedeleted."""
    found = {str(row.get("sourcedId")): row.get("status") for row in _delta(roster, guest)}
    status = found.get(guest.sourced_id)
    refuse_faults(
        [] if status == "tobedeleted" else [str(status or "the record is missing")],
        promise="Who asks what changed does not learn that somebody left",
        expected=f"users {guest.sourced_id} marked tobedeleted",
        answers=[],
    )
