"""Objects that came back under another id: found by evidence, and given their new id in Canvas.

A SIS that makes ids anew turns every class into one that went and one that came; with them go
submissions and grades. Where the setting allows it, Canvas is told of the new id first
(change_sis_id.csv), and the night is planned as if last night had been under it.
"""

import csv
import shutil
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from homeroom.reference.canvas.rows import ROWS, CourseRow, Row, to_csv
from homeroom.reference.roster.apply import Refusal
from homeroom.reference.roster.plan import Plan
from homeroom.reference.roster.shelves import END, SHELVES, RowFile, Shelves, encode
from homeroom.reference.settings import Rekeyed
from homeroom.reference.workflows.rows import find_rows

# Of the people of a section, old and new together, who must be in both.
SAME_ROSTER, SKETCH = 0.5, 32
FILE = "change_sis_id"
# What Canvas says where it has no object under the old id (any more).
_LOST = "referenced a non-existent"
TYPES: Mapping[Rekeyed, str] = {"sections": "section", "courses": "course", "users": "user"}
# Which cells of each kind of row hold ids of which kind.
CELLS: Mapping[str, Mapping[str, Rekeyed]] = {
    "courses": {"course_id": "courses"},
    "sections": {"section_id": "sections", "course_id": "courses"},
    "users": {"user_id": "users"},
    "enrollments": {"section_id": "sections", "user_id": "users"},
    "user_observers": {"observer_id": "users", "student_id": "users"},
}


class Rekey(msgspec.Struct, frozen=True):
    """An object that seems to have come back under another id, and why it seems so."""

    kind: Rekeyed
    old: str
    new: str
    why: str

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.kind}: {self.old} came back as {self.new} ({self.why})"


def find_rekeys(before: Path, folder: Path, plan: Plan) -> list[Rekey]:
    """Find what came back under another id, comparing last night's folder with tonight's."""
    found: list[Rekey] = []
    for kind, find in (("users", _users), ("sections", _sections)):
        counts = plan.counts[kind]
        if counts.added and counts.removed:
            found += find(before, folder)
    return found + list(_courses(before, folder, plan)) if plan.held_moves else found


def _came_and_went(before: Path, folder: Path, kind: str) -> tuple[list[Any], list[Any]]:
    """Give the rows whose ids are gone, and those whose ids are new."""
    gone, new = list[Any](), list[Any]()
    files = [RowFile[Any](each / f"{kind}.rows", ROWS[kind]) for each in (before, folder)]
    for was, now in zip(*(file.shelves() for file in files), strict=True):
        rows = [
            {row.id: row for row in file.decode(set(ours).difference(theirs))}
            for file, ours, theirs in zip(files, (was, now), (now, was), strict=True)
        ]
        gone += [row for id_, row in rows[0].items() if id_ not in rows[1]]
        new += [row for id_, row in rows[1].items() if id_ not in rows[0]]
    return gone, new


def _pairs(
    gone: Iterable[Any], new: Iterable[Any], mark: Callable[[Any], object]
) -> Iterator[tuple[Any, Any]]:
    """Pair those of one mark, where it is nobody else's on either side."""
    sides: list[dict[object, Any]] = []
    for rows in (list(gone), list(new)):
        often = Counter(map(mark, rows))
        sides.append({mark(row): row for row in rows if often[mark(row)] == 1 and mark(row)})
    yield from ((row, sides[1][each]) for each, row in sides[0].items() if each in sides[1])


def _users(before: Path, folder: Path) -> Iterator[Rekey]:
    gone, new = _came_and_went(before, folder, "users")
    paired: set[str] = set()
    marks: Sequence[tuple[str, Callable[[Any], object]]] = [
        ("the same login", lambda row: row.login_id.casefold()),
        (
            "the same names and e-mail",
            lambda row: row.email and (row.first_name, row.last_name, row.email.casefold()),
        ),
    ]
    for why, mark in marks:
        gone = [row for row in gone if row.user_id not in paired]
        new = [row for row in new if row.user_id not in paired]
        for was, now in _pairs(gone, new, mark):
            paired |= {was.user_id, now.user_id}
            yield Rekey("users", was.user_id, now.user_id, why)


def _sections(before: Path, folder: Path) -> Iterator[Rekey]:
    gone, new = _came_and_went(before, folder, "sections")
    ids = {(row.course_id,) for row in (*gone, *new)}
    courses: dict[tuple[str, ...], CourseRow] = find_rows(before, "courses", ids)
    courses |= find_rows(folder, "courses", ids)

    def mark(row: Any) -> object:
        course = courses.get((row.course_id,))
        alone = row.course_id in {row.section_id, row.source}
        place = (course.account_id, course.term_id) if course else ()
        return row.name, "" if alone else row.course_id, place

    pairs = list(_pairs(gone, new, mark))
    rosters = _rosters(before, {was.section_id for was, _ in pairs})
    rosters |= _rosters(folder, {now.section_id for _, now in pairs})
    for was, now in pairs:
        theirs, ours = (set(rosters.get(row.section_id, ())) for row in (was, now))
        either = set(sorted(theirs | ours)[:SKETCH])
        both = len(either & theirs & ours)
        if both and both >= SAME_ROSTER * len(either):
            why = f"the same name and course, and {both} of {len(either)} people"
            yield Rekey("sections", was.section_id, now.section_id, why)


def _rosters(folder: Path, sections: set[str]) -> dict[str, "array[int]"]:
    """Give of each section its lowest hashes of people: enough to tell how alike two are."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    rows: RowFile[Any] = RowFile(folder / "enrollments.rows", ROWS["enrollments"])
    for row in rows if sections else ():
        if row.section_id in sections:
            found[row.section_id].append(hash((row.user_id, row.role)))
    return {id_: array("q", sorted(hashes)[:SKETCH]) for id_, hashes in found.items()}


def _courses(before: Path, folder: Path, plan: Plan) -> Iterator[Rekey]:
    """Find courses that all their sections' keys have left for one that is not there yet."""
    keys: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for move in plan.held_moves:
        keys[move["stays"]][move["section"]] = move["key"]
    seated: defaultdict[str, set[str]] = defaultdict(set)
    sections: RowFile[Any] = RowFile(folder / "sections.rows", ROWS["sections"])
    for row in sections:
        seated[row.course_id].add(row.section_id)
    targets = {old: set(moves.values()) for old, moves in keys.items()}
    wanted = Counter(key for each in targets.values() for key in each)
    there = find_rows(before, "courses", {(key,) for key in wanted})
    for old, (key, *others) in ((old, sorted(each)) for old, each in sorted(targets.items())):
        whole = not others and seated[old] == keys[old].keys()
        if whole and wanted[key] == 1 and (key,) not in there and not seated[key]:
            yield Rekey("courses", old, key, f"the key of all its {len(keys[old])} sections")


def write_rekeyed(before: Path, into: Path, rekeys: Sequence[Rekey]) -> None:
    """Write last night's rows as they are under the new ids."""
    into.mkdir(exist_ok=True)
    new: dict[str, dict[str, str]] = {kind: {} for kind in TYPES}
    for each in rekeys:
        new[each.kind][each.old] = each.new
    for kind, row_type in ROWS.items():
        rows: RowFile[Any] = RowFile(before / f"{kind}.rows", row_type)
        cells = {name: new[of] for name, of in CELLS.get(kind, {}).items() if new[of]}
        if not cells and rows.path.exists():
            shutil.copyfile(rows.path, into / rows.path.name)
        elif cells:
            _write(rows, into / rows.path.name, cells)


def _write(rows: RowFile[Any], path: Path, cells: Mapping[str, Mapping[str, str]]) -> None:
    dealt: Shelves[Row] = Shelves(ROWS[path.stem], lambda row: row.id[0])
    for lines in rows.shelves():
        dealt.add(_renamed(row, cells) for row in rows.decode(lines))
    with path.open("wb") as file:
        for shelf in range(SHELVES):
            file.write(b"".join([*sorted(encode(dealt.take(shelf))), END]))


def _renamed(row: Any, cells: Mapping[str, Mapping[str, str]]) -> Any:
    changed = {name: new[id_] for name, new in cells.items() if (id_ := getattr(row, name)) in new}
    return replace(row, **changed) if changed else row


def write_csv(folder: Path, rekeys: Sequence[Rekey]) -> None:
    """Write change_sis_id.csv, which Canvas takes before all others."""
    with (folder / f"{FILE}.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(to_csv([("old_id", "new_id", "type"), *map(_cells, rekeys)]))


def read_csv(folder: Path) -> list[Rekey]:
    """Read change_sis_id.csv back; there is none where nothing is given a new id."""
    kinds: dict[str, Rekeyed] = {type_: kind for kind, type_ in TYPES.items()}
    path = folder / f"{FILE}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Rekey(kinds[type_], old, new, "") for old, new, type_ in [*csv.reader(file)][1:]]


def _cells(rekey: Rekey) -> tuple[str, ...]:
    return rekey.old, rekey.new, TYPES[rekey.kind]


def sources_of(folder: Path, ids: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Give for rows of change_sis_id.csv the records that came under the new ids."""
    found: dict[tuple[str, ...], str] = {}
    for kind, type_ in TYPES.items():
        ours = [each for each in ids if each[-1] == type_]
        rows = find_rows(folder, kind, {(new,) for _, new, _ in ours})
        found |= {each: rows[each[1],].source for each in ours if (each[1],) in rows}
    return found


def keep_old_ids(
    before: Path, folder: Path, plan: Plan, rekeys: Sequence[Rekey], refused: Iterable[Refusal]
) -> None:
    """Let the rows of objects to which Canvas refused their new id be those of last night.

    So the next night finds the same again, and asks anew or says so. Where Canvas has no object
    under the old id, there are no rows either: the next night makes what the SIS has.

    Args:
        before: Last night's folder, under the ids that it was under.
        folder: Tonight's; its rows and the plan's counts are changed.
        plan: Tonight's.
        rekeys: All that were to be given new ids.
        refused: What Canvas said of its rows of change_sis_id.csv.
    """
    said = {each.id: each.message for each in refused if each.kind == FILE}
    stay = [each for each in rekeys if _cells(each) in said]
    if not stay:
        return
    stood = folder / "stood"
    write_rekeyed(before, stood, [each for each in rekeys if each not in stay])
    new = _by_kind((each.kind, each.new) for each in stay)
    old = _by_kind((each.kind, each.old) for each in stay)
    lost = _by_kind((each.kind, each.old) for each in stay if _LOST in said[_cells(each)])
    for kind in plan.counts:
        if any(of in new for of in CELLS.get(kind, {}).values()):
            files = [RowFile[Any](each / f"{kind}.rows", ROWS[kind]) for each in (folder, stood)]
            plan.counts[kind].after = _swap(kind, *files, out=new, back=old, lost=lost)
    shutil.rmtree(stood)
    given = [f"{each.kind}: {each.old} came back as {each.new} (" for each in stay]
    plan.rekeyed = [each for each in plan.rekeyed if not each.startswith(tuple(given))]


Ids = Mapping[Rekeyed, set[str]]


def _by_kind(pairs: Iterable[tuple[Rekeyed, str]]) -> Ids:
    found: defaultdict[Rekeyed, set[str]] = defaultdict(set)
    for kind, id_ in pairs:
        found[kind].add(id_)
    return dict(found)


def _swap(
    kind: str, ours: RowFile[Any], stood: RowFile[Any], *, out: Ids, back: Ids, lost: Ids
) -> int:
    """Take rows with some ids out of a file, and put those with others back; count its rows."""

    def has(row: Any, ids: Ids) -> bool:
        return any(getattr(row, name) in ids.get(of, ()) for name, of in CELLS[kind].items())

    beside, count = ours.path.with_suffix(".part"), 0
    with beside.open("wb") as file:
        for lines, were in zip(ours.shelves(), stood.shelves(), strict=True):
            rows = {row.id: row for row in ours.decode(lines) if not has(row, out)}
            held = (row for row in stood.decode(were) if has(row, back) and not has(row, lost))
            rows |= {row.id: row for row in held}
            count += len(rows)
            file.write(b"".join([*sorted(encode(rows.values())), END]))
    beside.replace(ours.path)
    return count
