"""From a feed to a plan, shelf by shelf: map, compare with last night, write down."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from homeroom.config import DepartedStatus, SectionMoves
from homeroom.reference.canvas.rows import (
    ROWS,
    ChangeSisIdRow,
    EnrollmentRow,
    Row,
    SectionRow,
    UserObserverRow,
    UserRow,
)
from homeroom.reference.errors import RecordError
from homeroom.reference.oneroster.records import FAMILY, Class, Enrollment, User, ref_id
from homeroom.reference.roster import mapping
from homeroom.reference.roster.brake import Losses, lookalikes
from homeroom.reference.roster.diff import Change, ShelfDiff, diff
from homeroom.reference.roster.mapping import Placing, Roll, Term, Terms
from homeroom.reference.roster.people import People
from homeroom.reference.roster.plan import Plan, PlanWriter, cut
from homeroom.reference.roster.read import USER_ID, Feed
from homeroom.reference.roster.shelves import SHELVES, RowFile, Shelves, encode, shelf_of
from homeroom.reference.settings import Settings

Keep = Callable[[Any], bool]


class Ledger:
    """The rows of one kind on their way from last night's file to tonight's."""

    def __init__(self, kind: str, before: Path | None, folder: Path) -> None:
        self.kind = kind
        self.earlier: RowFile[Any] = RowFile(
            (before or folder / "none") / f"{kind}.rows", ROWS[kind]
        )
        self._shelves = self.earlier.shelves()
        self._file = (folder / f"{kind}.rows").open("wb")

    def take(self) -> list[bytes]:
        """Give the next shelf of last night's rows, as written down."""
        return next(self._shelves)

    def put(self, lines: list[bytes]) -> None:
        """Write the next shelf of tonight's rows down."""
        self._file.write(b"".join(line + b"\n" for line in lines) + b"\n")

    def close(self) -> None:
        """Finish tonight's file."""
        self._file.close()


class Build:
    """One night's way from feed to plan."""

    def __init__(
        self, feed: Feed, before: Path | None, folder: Path, settings: Settings, plan: Plan
    ) -> None:
        self._feed, self._before, self._folder, self._plan = feed, before, folder, plan
        self._choices, self._service = settings.choices, settings.service
        self._zone = settings.service.zone
        self._today = settings.now.astimezone(self._zone).date().isoformat()
        self._writer = PlanWriter(folder, plan, settings.choices, settings.service.plan_rows)
        self._everything = plan.full or settings.service.diffing
        self._people, self._roll, self._losses = People(), Roll(), Losses()
        self._refused = {refusal.sourced_id for refusal in feed.refusals}
        self._terms = Terms(
            feed.sessions, self._choices.term, self._service.term_pattern, self._today
        )
        self._rekeyed: dict[str, str] = {}
        self._sections_gone: dict[str, tuple[str, ...]] = {}
        self._sections_new: dict[str, tuple[str, ...]] = {}

    def run(self) -> None:
        """Fill the plan, its CSV files, and tonight's rows."""
        accounts = mapping.to_account_rows(self._feed.orgs, frozenset(self._service.schools))
        self._users()
        if self._choices.observers:
            self._observers()
        placings = self._classes(frozenset(row.account_id for row in accounts))
        self._courses(placings)
        self._table("accounts", accounts)
        self._table(
            "terms", (mapping.to_term_row(t, self._zone) for t in self._terms.used.values())
        )
        self._writer.close()
        plan, roll = self._plan, self._roll
        plan.refusals = cut([*self._feed.refusals, *roll.refusals])
        plan.oddities, plan.held_moves = dict(roll.oddities), roll.moves
        if self._before is not None and self._choices.brake:
            plan.brake = self._losses.crossed(self._service)
        if plan.brake:
            plan.evidence += lookalikes(self._sections_gone, self._sections_new, "sections")

    # --- one shelf, whatever lies on it ---

    def _turn(self, ledger: Ledger, before: list[bytes], after: list[Any], keep: Keep) -> ShelfDiff:
        result = diff(before, after, ledger.earlier.decode, keep=keep)
        self._writer.count(ledger.kind, len(before), len(result.lines))
        ledger.put(result.lines)
        return result

    def _send(self, ledger: Ledger, changes: Iterable[Change], lines: list[bytes]) -> None:
        """List the changes; send them, or everything where Canvas is to compare or be repaired."""
        listed = list(changes)
        rows = self._writer.change(ledger.kind, listed)
        if self._everything:
            standing = ledger.earlier.decode(lines)
            ids = {row.id for row in standing}
            rows = [*standing, *(row for row in rows if row.id not in ids)]
        self._writer.write(ledger.kind, rows)

    def _table(self, kind: str, rows: Iterable[Row]) -> None:
        """Turn a small table over. What is gone from it stays in Canvas: see `plan.KEPT`."""
        dealt: list[list[Row]] = [[] for _ in range(SHELVES)]
        for row in rows:
            dealt[shelf_of(row.id[0])].append(row)
        ledger = Ledger(kind, self._before, self._folder)
        for after in dealt:
            result = self._turn(ledger, ledger.take(), after, lambda _: True)
            self._send(ledger, result.changes, result.lines)
        ledger.close()

    # --- people ---

    def _users(self) -> None:
        ledger = Ledger("users", self._before, self._folder)
        gone: list[UserRow] = []
        new: list[UserRow] = []
        for shelf in range(SHELVES):
            users = self._feed.users.take(shelf)
            before = ledger.take()
            rows = list(self._user_rows(users))
            result = self._turn(ledger, before, rows, lambda row: row.source in self._refused)
            live = {user.sourced_id for user in users if user.live}
            removed = [change.before for change in result.changes if change.after is None]
            lost = [row for row in removed if row.source not in live]
            self._losses.had["users"] += len(before)
            self._losses.gone["users"] += len(lost)
            changes = result.changes
            if self._before is not None:
                # People who may be the same under another id wait until all have been seen.
                gone += lost
                new += [change.after for change in changes if change.before is None]
                waiting = {row.user_id for row in lost}
                changes = [
                    change
                    for change in changes
                    if change.before is not None and change.before.user_id not in waiting
                ]
            self._send(ledger, changes, result.lines)
        self._follow(ledger, gone, new)
        ledger.close()

    def _user_rows(self, users: Iterable[User]) -> Iterator[UserRow]:
        user_id = USER_ID[self._choices.user_id]
        taken: set[str] = set()
        for user in users:
            if not self._feed.allows(ref_id(ref) for ref in user.orgs or ()):
                continue
            if not mapping.has_account(user, self._choices):
                if user.role not in FAMILY or self._choices.observers:
                    self._people.depart(user.sourced_id, user_id(user) or "")
                continue
            try:
                row = mapping.to_user_row(user, self._choices)
                if row.user_id in taken:
                    raise RecordError(
                        user.sourced_id,
                        self._choices.user_id.value,
                        f"is {row.user_id}, which another user has too",
                        "give each user their own in the SIS",
                    )
            except RecordError as error:
                self._refuse(error)
                continue
            taken.add(row.user_id)
            self._people.add(user.sourced_id, row.user_id)
            yield row

    def _follow(self, ledger: Ledger, gone: list[UserRow], new: list[UserRow]) -> None:
        """Follow people whose SIS ID changed while login and name stayed; send all who waited."""
        pairs, changes = mapping.same_people(gone, new, follow=self._service.rekey_users)
        for was, row in pairs:
            self._rekeyed[was.user_id] = row.user_id
            changes.append(Change(was, row))
        renamed = [
            ChangeSisIdRow(was.user_id, row.user_id, "user", row.source) for was, row in pairs
        ]
        self._writer.write("change_sis_id", renamed)
        if pairs:
            shown = ", ".join(f"{row.old_id} -> {row.new_id}" for row in renamed[:5])
            self._plan.evidence.append(f"{len(pairs)} people came under another id: {shown}")
        self._writer.write(ledger.kind, self._writer.change(ledger.kind, changes))

    def _observers(self) -> None:
        links = Shelves(UserObserverRow, lambda row: row.observer_id)
        for shelf in range(SHELVES):
            for user in self._feed.users.take(shelf):
                if user.live:
                    family = user.role in FAMILY
                    links.add(mapping.to_observer_rows(user, self._people, children=family))
        ledger = Ledger("user_observers", self._before, self._folder)
        for shelf in range(SHELVES):
            rows = {row.id: row for row in links.take(shelf)}
            before = self._translated(ledger, ledger.take())
            result = self._turn(ledger, before, list(rows.values()), lambda _: False)
            self._send(ledger, result.changes, result.lines)
        ledger.close()

    def _translated(self, ledger: Ledger, lines: list[bytes]) -> list[bytes]:
        """Give last night's rows under the SIS IDs that people have from tonight."""
        if not self._rekeyed or not lines:
            return lines
        ids = self._rekeyed
        rows = ledger.earlier.decode(lines)
        return encode(
            type(row)(*(ids.get(cell, cell) for cell in msgspec.structs.astuple(row)))
            for row in rows
        ).split(b"\n")[:-1]

    # --- classes and those in them ---

    def _classes(self, accounts: frozenset[str]) -> Shelves[Placing]:
        sections = Ledger("sections", self._before, self._folder)
        seats = Ledger("enrollments", self._before, self._folder)
        placings = Shelves(Placing, lambda placing: placing.course_id)
        for shelf in range(SHELVES):
            before = sections.take()
            placed = {row.section_id: row.course_id for row in sections.earlier.decode(before)}
            rolls: defaultdict[str, list[Enrollment]] = defaultdict(list)
            for seat in self._feed.enrollments.take(shelf):
                rolls[ref_id(seat.class_) or ""].append(seat)
            section_rows: list[SectionRow] = []
            seat_rows: list[EnrollmentRow] = []
            says: list[Placing] = []
            classes = self._feed.classes.take(shelf)
            for class_ in classes:
                if not class_.live or not self._feed.allows([ref_id(class_.school)]):
                    continue
                roll = rolls.get(class_.sourced_id, [])
                try:
                    section, placing, term = self._section(class_, roll, placed, accounts)
                except RecordError as error:
                    self._refuse(error)
                    continue
                section_rows.append(section)
                says.append(placing)
                seat_rows += self._seats(class_, roll, term)
            placings.add(says)
            self._refuse_homeless(rolls, {class_.sourced_id for class_ in classes})
            lost = self._sections(sections, before, section_rows, classes)
            self._seat(seats, rolls, seat_rows, lost)
        sections.close()
        seats.close()
        return placings

    def _section(
        self,
        class_: Class,
        roll: list[Enrollment],
        placed: Mapping[str, str],
        accounts: frozenset[str],
    ) -> tuple[SectionRow, Placing, Term | None]:
        course = self._feed.courses.get(ref_id(class_.course) or "")
        term = self._terms.of(class_, course)
        if term is None:
            self._roll.oddities["classes without a term, left in Canvas's default"] += 1
        teacher = mapping.primary_teacher(roll, self._people, self._today, self._roll)
        key = mapping.to_course_id(class_, teacher, term, self._choices.course_key)
        stays = placed.get(class_.sourced_id, key)
        held = self._choices.section_moves is SectionMoves.HELD
        if stays != key and held and class_.sourced_id not in self._service.move_sections:
            self._roll.moves.append({"section": class_.sourced_id, "stays": stays, "key": key})
        else:
            stays = key
        row = mapping.to_section_row(class_, stays)
        return row, mapping.to_placing(class_, course, row, stays == key, accounts, term), term

    def _seats(
        self, class_: Class, roll: list[Enrollment], term: Term | None
    ) -> list[EnrollmentRow]:
        refusals = len(self._roll.refusals)
        rows = mapping.to_enrollment_rows(
            roll,
            mapping.Place(class_.sourced_id, term, self._today, self._zone),
            self._people,
            self._choices,
            self._roll,
        )
        self._refused.update(error.sourced_id for error in self._roll.refusals[refusals:])
        return rows

    def _refuse_homeless(self, rolls: Mapping[str, list[Enrollment]], known: set[str]) -> None:
        """Refuse the rows whose class is null or not in the feed, one by one."""
        for class_id, roll in rolls.items():
            if class_id in known:
                continue
            reason = f"names {class_id}, which is not in the feed" if class_id else "is null"
            for seat in roll:
                if seat.live:
                    error = RecordError(
                        seat.sourced_id, "class", reason, "serve the class, or end the enrollment"
                    )
                    self._refuse(error)

    def _sections(
        self, ledger: Ledger, before: list[bytes], rows: list[SectionRow], classes: list[Class]
    ) -> set[str]:
        """Turn a shelf of sections over; the ids of those that go."""
        result = self._turn(ledger, before, rows, lambda row: row.source in self._refused)
        self._send(ledger, result.changes, result.lines)
        live = {class_.sourced_id for class_ in classes if class_.live}
        lost: set[str] = set()
        for was, row in result.changes:
            if row is None:
                lost.add(was.section_id)
                self._losses.gone["sections"] += was.section_id not in live
                self._sections_gone[was.section_id] = (was.name, was.course_id)
            elif was is None and self._before is not None:
                self._sections_new[row.section_id] = (row.name, row.course_id)
        self._losses.had["sections"] += len(before)
        return lost

    def _seat(
        self,
        ledger: Ledger,
        rolls: Mapping[str, list[Enrollment]],
        rows: list[EnrollmentRow],
        lost: set[str],
    ) -> None:
        """Turn a shelf of enrollments over. A lost section takes its seats along by itself."""
        before = self._translated(ledger, ledger.take())
        result = self._turn(ledger, before, rows, lambda row: self._keeps_seat(row, rolls))
        self._send(
            ledger,
            (each for each in result.changes if each.after or each.before.section_id not in lost),
            result.lines,
        )
        self._losses.had["enrollments"] += len(before)
        removed = [change.before for change in result.changes if change.after is None]
        if not removed:
            return
        stands = {
            (class_id, self._people.sis_id(ref_id(seat.user) or "") or ref_id(seat.user))
            for class_id, roll in rolls.items()
            for seat in roll
            if seat.live
        }
        gone = [row for row in removed if (row.section_id, row.user_id) not in stands]
        self._losses.gone["enrollments"] += len(gone)
        students = [row for row in gone if row.role == "student"]
        touched = {row.section_id for row in students}
        for row in ledger.earlier.decode(before) if touched else ():
            if row.section_id in touched and row.role == "student":
                self._losses.section_had[row.section_id] += 1
        for row in students:
            self._losses.section_gone[row.section_id] += 1

    def _keeps_seat(self, row: EnrollmentRow, rolls: Mapping[str, list[Enrollment]]) -> bool:
        """Say whether a seat stays that tonight's feed has no usable row for.

        So do those whose row was refused, and those of people who left: their account is closed,
        their work kept, and the seat is there when they return. A deleted account loses its seats.
        """
        if row.source in self._refused or row.section_id in self._refused:
            return True
        if self._choices.departed_users is DepartedStatus.DELETED:
            return False
        return self._people.has_departed(row.user_id) and any(
            seat.sourced_id == row.source and seat.live for seat in rolls.get(row.section_id, ())
        )

    def _courses(self, placings: Shelves[Placing]) -> None:
        status = "published" if self._service.publish_courses else "active"
        ledger = Ledger("courses", self._before, self._folder)
        for shelf in range(SHELVES):
            members: defaultdict[str, list[Placing]] = defaultdict(list)
            for placing in placings.take(shelf):
                members[placing.course_id].append(placing)
            rows = [mapping.to_course_row(each, status) for each in members.values()]
            result = self._turn(ledger, ledger.take(), rows, lambda _: True)
            self._send(ledger, result.changes, result.lines)
        ledger.close()

    def _refuse(self, error: RecordError) -> None:
        self._roll.refusals.append(error)
        self._refused.add(error.sourced_id)
