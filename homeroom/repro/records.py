"""The records of a bundle's world, and the world without some of them: references stay whole."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from homeroom.certify.recording import Step
from homeroom.certify.replay import Replay, ReplayError
from homeroom.crawl.package import write_crawl
from homeroom.mocks.district.records import SINGULAR

ROWS = "rows.jsonl"
"""The part of a bundle that holds a captured provider's records, a line each."""
FROM_ROWS = "rows"
"""A world's district where it is made from that part."""

Key = tuple[str, str]
"""Collection and sourcedId."""
Row = Mapping[str, Any]

_TARGETS: Mapping[str, str] = {
    "user": "users",
    "student": "users",
    "agents": "users",
    "class": "classes",
    "course": "courses",
    "school": "orgs",
    "org": "orgs",
    "orgs": "orgs",
    "terms": "academicSessions",
    "gradingPeriod": "academicSessions",
    "schoolYear": "academicSessions",
    "lineItem": "lineItems",
    "category": "categories",
    "resources": "resources",
}
_SAME_KIND = frozenset({"parent", "children"})
# Without one of these a record says nothing: it goes with them.
_NEEDED = frozenset({"user", "student", "class", "course", "lineItem"})


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Records as a crawl's pages hold them; what `write_crawl` reads."""

    by_collection: Mapping[str, Sequence[Row]]

    def rows(self, collection: str) -> Iterator[Row]:
        """Yield a collection's records."""
        yield from self.by_collection.get(collection, ())


class Records:
    """All records that a bundle plants, whether they come at once or step by step."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self.rows = read_rows(replay)
        self.keys: list[Key] = []
        """Every record once, in the order in which they come."""
        self._named: defaultdict[Key, set[Key]] = defaultdict(set)
        self._hangs_on: defaultdict[Key, set[Key]] = defaultdict(set)
        seen: set[Key] = set()
        for key, row in self._all():
            if key not in seen:
                seen.add(key)
                self.keys.append(key)
            for target, needed in _references(key, row):
                self._named[target].add(key)
                if needed:
                    self._hangs_on[target].add(key)

    def _all(self) -> Iterator[tuple[Key, Row]]:
        for collection, row in self.rows:
            yield (collection, str(row.get("sourcedId"))), row
        for step in self._replay.steps:
            if step.method == "PUT" and (key := key_of(step)):
                yield key, step.body[SINGULAR[key[0]]]

    def with_dependents(self, dropped: Iterable[Key]) -> set[Key]:
        """Return the records with all that say nothing without them."""
        gone: set[Key] = set()
        waiting = list(dropped)
        while waiting:
            key = waiting.pop()
            if key not in gone:
                gone.add(key)
                waiting.extend(self._hangs_on[key])
        return gone

    def unnamed(self, dropped: Collection[Key]) -> list[Key]:
        """Return the records that no other names any more."""
        gone = set(dropped)
        return [key for key in self.keys if key not in gone and not (self._named[key] - gone)]

    def without(self, dropped: Collection[Key]) -> Replay:
        """Return the bundle without some records and without references to them."""
        gone = set(dropped)
        steps = tuple(each for step in self._replay.steps if (each := _step(step, gone)))
        kept = [
            (collection, _plain(collection, row, gone))
            for collection, row in self.rows
            if (collection, str(row.get("sourcedId"))) not in gone
        ]
        parts = dict(self._replay.parts)
        if ROWS in parts:
            parts[ROWS] = rows_part(kept)
        return msgspec.structs.replace(self._replay, steps=steps, parts=parts)


def key_of(step: Step) -> Key | None:
    """Return which provider record a step writes or takes away, None where it does neither."""
    parts = step.path.split("/")
    if step.do != "call" or len(parts) != 4 or parts[1] != "focus" or parts[2] not in SINGULAR:
        return None
    return parts[2], unquote(parts[3])


def read_rows(replay: Replay) -> list[tuple[str, Row]]:
    """Return the records that a captured world begins with. Raises ReplayError."""
    try:
        lines = [json.loads(line) for line in replay.parts.get(ROWS, b"").splitlines()]
        return [(str(line["collection"]), line["row"]) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise ReplayError(f"its part {ROWS} cannot be read: {error}") from None


def rows_part(rows: Iterable[tuple[str, Row]]) -> bytes:
    """Write records as a bundle's part."""
    return b"".join(
        msgspec.json.encode({"collection": collection, "row": row}) + b"\n"
        for collection, row in rows
    )


def write_district(rows: Iterable[tuple[str, Row]], path: Path) -> None:
    """Write records as a zip that a space can be made from."""
    tables: defaultdict[str, list[Row]] = defaultdict(list)
    for collection, row in rows:
        tables[collection].append(row)
    write_crawl(Rows(by_collection=tables), path, system="a captured district")


def _references(key: Key, row: Row) -> Iterator[tuple[Key, bool]]:
    collection, id_ = key
    if collection == "demographics":
        yield ("users", id_), True
    for field, value in row.items():
        target = collection if field == "parent" else _TARGETS.get(field, "")
        if not target:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping) and each.get("sourcedId"):
                yield (target, str(each["sourcedId"])), field in _NEEDED


def _step(step: Step, gone: Collection[Key]) -> Step | None:
    key = key_of(step)
    if key is None:
        return step
    if key in gone:
        return None
    if step.method != "PUT":
        return step
    name = SINGULAR[key[0]]
    body = {name: _plain(key[0], step.body[name], gone)}
    return msgspec.structs.replace(step, body=body)


def _plain(collection: str, row: Row, gone: Collection[Key]) -> dict[str, Any]:
    """Return a record without references to what is gone."""
    made: dict[str, Any] = {}
    for field, value in row.items():
        target = collection if field in _SAME_KIND else _TARGETS.get(field, "")
        if target and isinstance(value, list):
            made[field] = [each for each in value if (target, _id(each)) not in gone]
        elif not target or (target, _id(value)) not in gone:
            made[field] = value
    return made


def _id(value: Any) -> str:
    return str(value.get("sourcedId")) if isinstance(value, Mapping) else ""
