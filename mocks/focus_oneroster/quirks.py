"""What real Focus data and services do that surprises consumers: a function each, off by default.

The list is the one that ends section 9 of the Focus reference; sources of each are in `settings`.
Which records a quirk befalls is its setting's value: all of them, a share chosen by a hash of their
sourcedIds, or those listed.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from homeroom.mocks.district import District
from homeroom.mocks.focus_oneroster.model import Row
from homeroom.mocks.focus_oneroster.settings import Settings
from homeroom.mocks.focus_oneroster.store.store import Store

LONG_AGO = "2000-01-01T00:00:00.000Z"
Chosen = Callable[[str], bool]
World = dict[str, list[Row]]
Quirk = Callable[[World, Chosen], None]


def chosen_by(value: bool | float | list[str]) -> Chosen:
    """Return which sourcedIds a quirk befalls."""
    if isinstance(value, list):
        listed = frozenset(value)
        return lambda sourced_id: sourced_id in listed
    share = float(value)
    return lambda sourced_id: _fraction(sourced_id) < share


def _fraction(sourced_id: str) -> float:
    digest = hashlib.blake2b(sourced_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _other_id(what: str, sourced_id: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"homeroom:{what}:{sourced_id}"))


def _alter(rows: list[Row], chosen: Chosen, change: Callable[[Row], Mapping[str, Any]]) -> None:
    for place, row in enumerate(rows):
        if chosen(row["sourcedId"]):
            rows[place] = {**row, **change(row)}


def null_end_dates(world: World, chosen: Chosen) -> None:
    """Open rows of Focus's schedule have no end date: consumers that compare dates lose them."""
    _alter(world["enrollments"], chosen, lambda _row: {"endDate": None})


def full_year_without_term(world: World, chosen: Chosen) -> None:
    """Marking period 0 means the full year; read as missing, the class has no term."""
    _alter(world["classes"], chosen, lambda _row: {"terms": []})


def duplicate_enrollments(world: World, chosen: Chosen) -> None:
    """A pupil's place in a section comes twice: an older stint stands beside the present one."""
    rows = world["enrollments"]
    places = [row for row in rows if row.get("role") == "student" and chosen(row["sourcedId"])]
    rows.extend([_older_stint(row) for row in places])


def _older_stint(row: Row) -> Row:
    older = {**row, "sourcedId": _other_id("duplicate", row["sourcedId"])}
    begin = row.get("beginDate")
    if begin:
        day = date.fromisoformat(begin)
        older["beginDate"] = (day - timedelta(days=14)).isoformat()
        older["endDate"] = (day - timedelta(days=7)).isoformat()
    return older


def null_references(world: World, chosen: Chosen) -> None:
    """An enrollment whose user, class or school is null."""
    fields = ("user", "class", "school")
    _alter(
        world["enrollments"],
        chosen,
        lambda row: {fields[int(_fraction("ref:" + row["sourcedId"]) * 3)]: None},
    )


def edited_uuid(world: World, chosen: Chosen) -> None:
    """A person's UUID was edited on the user screen: another sourcedId, the same person."""
    new = {
        row["sourcedId"]: _other_id("edited", row["sourcedId"])
        for row in world["users"]
        if chosen(row["sourcedId"])
    }
    _alter(world["users"], new.__contains__, lambda row: {"sourcedId": new[row["sourcedId"]]})
    _alter(
        world["demographics"], new.__contains__, lambda row: {"sourcedId": new[row["sourcedId"]]}
    )
    for name, field in (("enrollments", "user"), ("results", "student"), ("users", "agents")):
        for place, row in enumerate(world[name]):
            world[name][place] = {**row, field: _renamed(row.get(field), new)}


def _renamed(value: Any, new: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return new.get(value, value)
    return [new.get(item, item) for item in value] if value else value


def highest_profile_role(world: World, chosen: Chosen) -> None:
    """Only a person's highest profile is sent: a teacher who administers is an administrator."""
    teachers = {row["sourcedId"] for row in world["users"] if row.get("role") == "teacher"}
    _alter(
        world["users"],
        lambda sourced_id: sourced_id in teachers and chosen(sourced_id),
        lambda _row: {"role": "administrator"},
    )


def excluded_marking_periods(world: World, chosen: Chosen) -> None:
    """A session is kept out of the API while classes and line items still refer to it."""
    rows = world["academicSessions"]
    rows[:] = [row for row in rows if not chosen(row["sourcedId"])]


def several_primary_teachers(world: World, chosen: Chosen) -> None:
    """Each teacher of a class is its primary teacher; chosen by the class."""
    taught = {
        row["sourcedId"]
        for row in world["enrollments"]
        if row.get("role") == "teacher" and row.get("class") and chosen(row["class"])
    }
    _alter(world["enrollments"], taught.__contains__, lambda _row: {"primary": True})


def deleted_line_items(world: World, chosen: Chosen) -> None:
    """A line item was deleted in Focus's gradebook; results sent for it find no assignment."""
    rows = world["lineItems"]
    lost = {row["sourcedId"] for row in rows if chosen(row["sourcedId"])}
    rows[:] = [row for row in rows if row["sourcedId"] not in lost]
    results = world["results"]
    results[:] = [row for row in results if row.get("lineItem") not in lost]


def deleted_rows_absent(world: World, chosen: Chosen) -> None:
    """A deleted row is gone from the feed at once, never served as tobedeleted."""
    for rows in world.values():
        rows[:] = [
            row for row in rows if row["status"] != "tobedeleted" or not chosen(row["sourcedId"])
        ]


def stale_modified(world: World, chosen: Chosen) -> None:
    """A row says that it was last modified long ago, whatever changed: deltas pass it over."""
    for rows in world.values():
        _alter(rows, chosen, lambda _row: {"dateLastModified": LONG_AGO})


# Edited ids come last, so that the other quirks choose by the ids that the SIS screens show.
RECORD_QUIRKS: Mapping[str, Quirk] = {
    "null_end_dates": null_end_dates,
    "full_year_without_term": full_year_without_term,
    "duplicate_enrollments": duplicate_enrollments,
    "null_references": null_references,
    "highest_profile_role": highest_profile_role,
    "excluded_marking_periods": excluded_marking_periods,
    "several_primary_teachers": several_primary_teachers,
    "deleted_line_items": deleted_line_items,
    "deleted_rows_absent": deleted_rows_absent,
    "stale_modified": stale_modified,
    "edited_uuid": edited_uuid,
}
_ANSWER_QUIRKS = ("cut_off_pages", "missing_envelope")


def distort_records(settings: Settings) -> bool:
    """Tell whether any quirk changes what records there are or what they say."""
    return any(getattr(settings, name) not in (False, 0, []) for name in RECORD_QUIRKS)


def any_on(settings: Settings) -> bool:
    """Tell whether any quirk makes answers that the standard would not."""
    return distort_records(settings) or any(getattr(settings, name) for name in _ANSWER_QUIRKS)


def distorted(truth: Store, settings: Settings) -> Store:
    """Return a store of what callers see while quirks are on; the truth stays as it is."""
    world: World = {
        name: [rows.row(handle) for handle in rows.handles().tolist()]
        for name, rows in truth.rows.items()
    }
    for name, quirk in RECORD_QUIRKS.items():
        value = getattr(settings, name)
        if value not in (False, 0, []):
            quirk(world, chosen_by(value))
    empty = District(
        name=truth.district.name, seed=truth.district.seed, generated=truth.district.generated
    )
    store = Store(empty, since=truth.since)
    for name, rows in world.items():
        for row in rows:
            store.rows[name].put(row)
    return store


def missing_envelope(body: dict[str, Any], key: str) -> None:
    """Answer 200 without the key of the records: a reader may take it for an empty roster."""
    body.pop(key, None)


def cut_off_page(text: bytes) -> bytes:
    """Break an answer off in the middle, as a failing service does."""
    return text[: len(text) * 2 // 3]
