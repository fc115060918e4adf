"""From a feed to a plan, shelf by shelf: map, compare with last night, write down."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from homeroom.config import DepartedStatus, SectionMoves
from homeroom.reference.canvas import rows as canvas
from homeroom.reference.errors import RecordError
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.records import FAMILY, ref_id
from homeroom.reference.roster import mapping
from homeroom.reference.roster.mapping import Place, Placing, Roll
from homeroom.reference.roster.people import People
from homeroom.reference.roster.plan import Ledger, Plan
from homeroom.reference.roster.read import Feed
from homeroom.reference.roster.shelves import SHELVES, Shelves
from homeroom.reference.roster.terms import Terms
from homeroom.reference.settings import Kind, Settings

Rolls = Mapping[str, list[oneroster.Enrollment]]


class Build:
    """One night's way from feed to plan."""

    def __init__(
        self, feed: Feed, before: Path | None, folder: Path, settings: Settings, plan: Plan
    ) -> None:
        self._feed, self._before, self._folder, self._plan = feed, before, folder, plan
        self._settings, self._choices, self._service = settings, settings.choices, settings.service
        self._zone = settings.service.zone
        self._today = settings.now.astimezone(self._zone).date().isoformat()
        pattern = self._service.term_pattern
        self._terms = Terms(feed.sessions, self._choices.term, pattern, self._today)
        self._people, self._roll, self._losses = People(), Roll(feed.refusals), plan.losses
        # A night that is kept for the next has others.
        self._placings = Shelves(Placing, lambda placing: placing.row.course_id)
        self._refused = {refusal.sourced_id for refusal in feed.refusals}

    def run(self) -> None:
        """Fill the plan, its CSV files, and tonight's rows."""
        plan, schools = self._plan, frozenset(self._service.schools)
        accounts = mapping.to_account_rows(self._feed.orgs, schools)
        self._users()
        if self._choices.observers:
            self._table("user_observers", self._observers(), keep=False)
        placings = self._classes()
        self._courses(placings, {row.account_id for row in accounts})
        self._table("accounts", accounts)
        terms = self._terms.used.values()
        self._table("terms", (mapping.to_term_row(term, self._zone) for term in terms))
        plan.refusals = [refusal.as_dict() for refusal in self._roll.refusals]
        plan.oddities = dict(self._roll.oddities)

    def _ledger(self, kind: str) -> Ledger:
        return Ledger(kind, self._before, self._folder, self._plan, self._settings)

    def _table(self, kind: str, rows: Iterable[Any], *, keep: bool = True) -> None:
        """Turn over a table that nothing else hangs on, each id once."""
        ledger, shelves = self._ledger(kind), Shelves(canvas.ROWS[kind], lambda row: row.id[0])
        shelves.add(rows)
        for shelf in range(SHELVES):
            once = {row.id: row for row in shelves.take(shelf)}
            ledger.turn(list(once.values()), lambda _: keep)
        ledger.close()

    def _users(self) -> None:
        ledger, lost = self._ledger("users"), 0
        for shelf in range(SHELVES):
            users = self._feed.users.take(shelf)
            changes = ledger.turn(list(self._user_rows(users)), self._keeps)
            live = {user.sourced_id for user in users if user.live}
            lost += sum(row is None and was.source not in live for was, row in changes)
        self._losses.had["users"], self._losses.gone["users"] = ledger.counts.before, lost
        ledger.close()

    def _user_rows(self, users: Iterable[oneroster.User]) -> Iterator[canvas.UserRow]:
        taken: set[str] = set()
        for user in users:
            if not self._feed.allows(ref_id(ref) for ref in user.orgs or ()):
                continue
            if not mapping.has_account(user, self._choices):
                if user.role not in FAMILY or self._choices.observers:
                    self._people.depart(user.sourced_id)
                continue
            try:
                row = mapping.to_user_row(user, self._choices, taken)
            except RecordError as error:
                self._refuse(error)
            else:
                taken.add(row.user_id)
                self._people.add(user.sourced_id, row.user_id)
                yield row

    def _observers(self) -> Iterator[canvas.UserObserverRow]:
        for shelf in range(SHELVES):
            for user in self._feed.users.take(shelf):
                yield from mapping.to_observer_rows(user, self._people) if user.live else ()

    def _classes(self) -> Shelves[Placing]:
        sections, seats = self._ledger("sections"), self._ledger("enrollments")
        gone = Counter[Kind]()
        for shelf in range(SHELVES):
            rolls: defaultdict[str, list[oneroster.Enrollment]] = defaultdict(list)
            for seat in self._feed.enrollments.take(shelf):
                rolls[ref_id(seat.class_) or ""].append(seat)
            classes = {each.sourced_id: each for each in self._feed.classes.take(shelf)}
            placed = {row.section_id: row.course_id for row in sections.peek()}
            mapped = list(self._mapped(classes, rolls, placed))
            self._placings.add(placing for _, placing, _ in mapped)
            changes = sections.turn([row for row, _, _ in mapped], self._keeps)
            lost = {was.section_id for was, row in changes if row is None}
            live = {id_ for id_, class_ in classes.items() if class_.live}
            gone["sections"] += len(lost - live)
            rows = [row for _, _, theirs in mapped for row in theirs]
            changes = seats.turn(rows, partial(self._keeps_seat, rolls), silent=lost)
            removed = [was for was, row in changes if row is None]
            gone["enrollments"] += self._lose_seats(removed, rolls, seats)
        self._losses.had |= {"sections": sections.counts.before, "enrollments": seats.counts.before}
        self._losses.gone |= gone
        sections.close()
        seats.close()
        return self._placings

    def _mapped(
        self, classes: Mapping[str, oneroster.Class], rolls: Rolls, placed: Mapping[str, str]
    ) -> Iterator[tuple[canvas.SectionRow, Placing, list[canvas.EnrollmentRow]]]:
        """Yield each class's section, what it says of its course, and its seats."""
        for id_, class_ in classes.items():
            if not class_.live or not self._feed.allows([ref_id(class_.school)]):
                continue
            course = self._feed.courses.get(ref_id(class_.course) or "")
            term, roll = self._terms.of(class_, course), rolls.get(id_, [])
            teacher = mapping.primary_teacher(roll, self._people, self._today, self._roll)
            key = mapping.to_course_id(class_, teacher, term, self._choices)
            stays = placed.get(id_, key)
            held = self._choices.section_moves is SectionMoves.HELD
            if stays != key and held and id_ not in self._service.move_sections:
                self._plan.held_moves.append({"section": id_, "stays": stays, "key": key})
            else:
                stays = key
            try:
                section = mapping.to_section_row(class_, stays)
            except RecordError as error:
                self._refuse(error)
                continue
            status = "published" if self._service.publish_courses else "active"
            says = mapping.to_course_row(class_, course, section, term, status)
            place, refusals = Place(id_, term, self._today, self._zone), len(self._roll.refusals)
            rows = mapping.to_enrollment_rows(roll, place, self._people, self._choices, self._roll)
            self._refused.update(each.sourced_id for each in self._roll.refusals[refusals:])
            yield section, Placing(stays == key, says), rows
        for class_id in rolls.keys() - classes.keys():
            reason = f"names {class_id}, which is not in the feed" if class_id else "is null"
            for seat in rolls[class_id]:
                if seat.live:
                    self._refuse(RecordError(seat.sourced_id, "class", reason))

    def _keeps(self, row: Any) -> bool:
        """Say whether a row stays that tonight's feed has no usable record for."""
        return row.source in self._refused

    def _keeps_seat(self, rolls: Rolls, row: canvas.EnrollmentRow) -> bool:
        """Say whether a seat stays that tonight's feed has no usable row for.

        So do those whose row was refused, and those of people who left: their account is closed,
        their work kept, and the seat is there when they return. A deleted account loses its seats.
        """
        ours = (seat for seat in rolls.get(row.section_id, ()) if seat.sourced_id == row.source)
        user = next((ref_id(seat.user) for seat in ours if seat.live), None)
        if user and self._people.sis_id(user) is None and user not in self._refused:
            return self._choices.departed_users is not DepartedStatus.DELETED
        return row.source in self._refused or row.section_id in self._refused

    def _lose_seats(self, removed: list[Any], rolls: Rolls, ledger: Ledger) -> int:
        """Count the seats that the feed no longer stands by, students by section too."""
        stands = {
            (class_id, self._people.sis_id(user) or user)
            for class_id in {row.section_id for row in removed}
            for seat in rolls.get(class_id, ())
            if seat.live and (user := ref_id(seat.user))
        }
        lost = [row for row in removed if (row.section_id, row.user_id) not in stands]
        gone = Counter(row.section_id for row in lost if row.role == "student")
        self._losses.students_gone |= gone
        self._losses.students_had |= ledger.students(gone) if gone else {}
        return len(lost)

    def _courses(self, placings: Shelves[Placing], accounts: set[str]) -> None:
        """Make courses of what their classes say: the lowest id speaks, those held there last."""
        ledger = self._ledger("courses")
        for shelf in range(SHELVES):
            says: dict[str, Placing] = {}
            for placing in sorted(placings.take(shelf), key=lambda p: (not p.own, p.row.source)):
                says.setdefault(placing.row.course_id, placing)
            rows = [placing.row for placing in says.values()]
            known = [r if r.account_id in accounts else replace(r, account_id="") for r in rows]
            ledger.turn(known, lambda _: True)
        ledger.close()

    def _refuse(self, error: RecordError) -> None:
        self._roll.refusals.append(error)
        self._refused.add(error.sourced_id)
