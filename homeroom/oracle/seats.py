"""Enrollments: one seat for each class, person and role, whatever rows the feed has for it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from homeroom.config import Choices
from homeroom.oracle.canvas import DELETED, EnrollmentType
from homeroom.oracle.feed import Class, Enrollment, Feed, Role, User
from homeroom.oracle.nights import ActKind, Night, acts_so_far
from homeroom.oracle.obligations import Allowed, Closing, Key, Obligation, OneOf, Opening
from homeroom.oracle.people import changed_ids, present, user_sis_id
from homeroom.oracle.places import ACTIVE, GONE, last_known, term_ends, term_over, term_starts

TYPES: Mapping[str, EnrollmentType] = {
    Role.STUDENT: EnrollmentType.STUDENT,
    Role.TEACHER: EnrollmentType.TEACHER,
    Role.AIDE: EnrollmentType.TA,
}
"""Administrators and proctors of a class get no seat in Canvas."""
ANY_STATE = frozenset({"active", "inactive", "completed", DELETED})


def enrollments(nights: Sequence[Night], choices: Choices, zone: tzinfo) -> Iterator[Obligation]:
    """Yield what each seat that was ever served must be now."""
    by_hand = acts_so_far(tuple(nights), ActKind.STATE)
    changed = changed_ids(nights, choices)
    former = {old for olds in changed.values() for old in olds}
    rows = [_rows(night.feed) for night in nights]
    people = {sourced_id: user for night in nights for sourced_id, user in night.feed.users.items()}
    spans = _Spans(nights[-1], choices, zone)
    for seat in dict.fromkeys(seat for night in rows for seat in night):
        class_, person, type_ = seat
        user = people.get(person)
        sis_id = user_sis_id(user, choices) if user else None
        if user is None or sis_id is None or sis_id in former:
            continue
        # What is seated under an id that its owner no longer has, is judged with the person.
        for old in changed.get(sis_id, ()):
            yield Obligation("enrollment", (class_, old, type_), ANY_STATE)
        now = _Seat(nights, choices, spans, seat, user, [night.get(seat, ()) for night in rows])
        earlier = any(any(row.live for row in night.get(seat, ())) for night in rows[:-1])
        obligation = now.obligation((class_, sis_id, type_), earlier=earlier)
        act = by_hand.get(("enrollment", class_, sis_id, type_, "state"))
        if act is not None and "active" in obligation.states:
            # Enrollment state is not sticky: districts see hand-concluded seats stay and return.
            obligation = Obligation(
                obligation.kind,
                obligation.id,
                obligation.states | {act.value},
                obligation.fields,
            )
        yield obligation


def _rows(feed: Feed) -> dict[Key, tuple[Enrollment, ...]]:
    seats: defaultdict[Key, list[Enrollment]] = defaultdict(list)
    for row in feed.enrollments.values():
        type_ = TYPES.get(row.role)
        if type_ is not None and row.user and row.class_:
            seats[row.class_, row.user, type_].append(row)
    return {seat: tuple(rows) for seat, rows in seats.items()}


def _rows_of(feed: Feed, seat: Key) -> list[Enrollment]:
    class_, person, type_ = seat
    rows = (row for row in feed.rows_of_class(class_) if row.user == person)
    return [row for row in rows if TYPES.get(row.role) == type_]


class _Spans:
    """When classes run, and which dates seats may have: the same for nearly all of them."""

    def __init__(self, night: Night, choices: Choices, zone: tzinfo) -> None:
        self._feed, self._choices, self.zone = night.feed, choices, zone
        self.by = (choices, zone)
        self.today = night.today(zone)
        self._of: dict[str, tuple[frozenset[date], frozenset[date]]] = {}
        self._dates: dict[tuple[frozenset[date], frozenset[date], bool], dict[str, Allowed]] = {}

    def of(self, class_: Class) -> tuple[frozenset[date], frozenset[date]]:
        """Return the first and the last days of the sessions a class runs in."""
        if class_.sourced_id not in self._of:
            self._of[class_.sourced_id] = (
                term_starts(self._feed, class_, self._choices),
                term_ends(self._feed, class_, self._choices),
            )
        return self._of[class_.sourced_id]

    def dates(
        self, begin: frozenset[date], end: frozenset[date], *, blank: bool
    ) -> dict[str, Allowed]:
        """Return what a seat's dates may be."""
        if (begin, end, blank) not in self._dates:
            self._dates[begin, end, blank] = {
                "start_at": Opening(begin, self.zone, blank=blank),
                "end_at": Closing(end, self.zone, blank=blank),
                # Canvas heeds neither date unless both are there.
                "dates given": OneOf.of("both", "neither"),
            }
        return self._dates[begin, end, blank]


@dataclass(frozen=True)
class _Seat:
    """One seat on the last of some nights, with all rows the feed has for it."""

    nights: Sequence[Night]
    choices: Choices
    spans: _Spans
    seat: Key
    user: User
    history: Sequence[Sequence[Enrollment]]
    """Its rows night by night."""

    @property
    def rows(self) -> Sequence[Enrollment]:
        return self.history[-1]

    @property
    def feed(self) -> Feed:
        return self.nights[-1].feed

    @property
    def class_(self) -> Class | None:
        return self.feed.live_class(self.seat[0])

    @property
    def today(self) -> date:
        return self.spans.today

    @property
    def ended(self) -> frozenset[str]:
        """What the district chose for an enrollment past its end."""
        if self.seat[2] == EnrollmentType.STUDENT:
            return frozenset({self.choices.ended_students.value})
        return frozenset({self.choices.ended_teachers.value})

    def obligation(self, key: Key, *, earlier: bool) -> Obligation:
        class_ = self.class_
        live = [row for row in self.rows if row.live]
        if class_ is None:
            # The section goes, and its seats with it; a row left behind names nothing. After the
            # term, as when a school year was rolled over, both may be left to the calendar.
            over = term_over(last_known(self.nights, self.seat[0]), self.nights[-1], *self.spans.by)
            return Obligation("enrollment", key, ANY_STATE if over else ANY_STATE - ACTIVE)
        if not present(self.feed, self.user):
            # The person's login is what is judged; what is left of their seats is free.
            return Obligation("enrollment", key, ANY_STATE)
        if not live:
            return Obligation("enrollment", key, self._removed(class_, earlier=earlier))
        states, valid = self._dated(class_, live)
        if any(row.school is None for row in live):
            states |= GONE
        if self.seat[2] == EnrollmentType.TA:
            states |= GONE
        # Whoever is to come back for a second stint may be given both stints as one.
        booked = [row for row in live if row.begin_date and row.begin_date > self.today]
        return Obligation("enrollment", key, states, self._dates(class_, valid, booked))

    def _removed(self, class_: Class, *, earlier: bool) -> frozenset[str]:
        if not earlier:
            return GONE | {self.choices.removed.value}
        states = frozenset({self.choices.removed.value})
        if self._over(class_):
            states |= {"active", "completed"} | self.ended
        if self._had_ended():
            states |= self.ended
        return states

    def _had_ended(self) -> bool:
        """Tell whether the seat was past its end before the feed dropped it."""
        for night in reversed(self.nights[:-1]):
            rows = [row for row in _rows_of(night.feed, self.seat) if row.live]
            if rows:
                today = night.today(self.spans.zone)
                return all(row.end_date is not None and row.end_date <= today for row in rows)
        return False

    def _dated(
        self, class_: Class, live: Sequence[Enrollment]
    ) -> tuple[frozenset[str], Sequence[Enrollment]]:
        """Return the permitted states by today's date, and the rows whose dates may stand."""
        over = self._over(class_)
        after_term = frozenset({"active", "completed"}) | self.ended if over else frozenset[str]()
        broken = [row for row in live if _backwards(row)]
        valid = [row for row in live if self._holds_today(row)]
        if broken:
            return ANY_STATE, live
        if valid:
            last_day = all(row.end_date == self.today for row in valid)
            return ACTIVE | (self.ended if last_day else frozenset()) | after_term, valid
        ahead = [row for row in live if row.begin_date and row.begin_date > self.today]
        if not ahead:
            return self.ended | after_term, live
        return ACTIVE | (self.ended if len(ahead) < len(live) else frozenset()) | after_term, live

    def _over(self, class_: Class) -> bool:
        """Tell whether the class's term has ended; from then on Canvas ends its seats itself."""
        return any(self.today >= end for end in self.spans.of(class_)[1])

    def _holds_today(self, row: Enrollment) -> bool:
        begun = row.begin_date is None or row.begin_date <= self.today
        return begun and (row.end_date is None or row.end_date >= self.today)

    def _dates(
        self, class_: Class, rows: Sequence[Enrollment], booked: Sequence[Enrollment]
    ) -> dict[str, Allowed]:
        starts, ends = self.spans.of(class_)
        if not starts or not ends or any(_backwards(row) for row in rows):
            return {}
        # Left blank, Canvas takes the term's own dates: the same thing where they agree.
        blank = any(
            (row.begin_date is None or row.begin_date <= min(starts))
            and (row.end_date is None or row.end_date >= max(ends))
            for row in rows
        ) or any(row.begin_date is None or row.end_date is None for row in rows)
        begin_days = {
            day for row in rows for day in ([row.begin_date] if row.begin_date else starts)
        }
        end_days = {
            day for row in (*rows, *booked) for day in ([row.end_date] if row.end_date else ends)
        }
        return self.spans.dates(frozenset(begin_days), frozenset(end_days), blank=blank)


def _backwards(row: Enrollment) -> bool:
    return bool(row.begin_date and row.end_date and row.begin_date > row.end_date)
