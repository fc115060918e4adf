"""Obligations of a grade sync: line items and results that must, may or must not be there."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from enum import StrEnum

from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed, Gradebook, LineItem
from homeroom.oracle.obligations import NEW_YORK

GRADED, EXEMPT = "fully graded", "exempt"


class Presence(StrEnum):
    """Whether a line item or result must, may or must not be there."""

    REQUIRED = "required"
    PERMITTED = "permitted"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """One grade sync: both worlds before it, and the gradebook after (None for the one judged)."""

    feed: Feed
    canvas: CanvasWorld
    before: Gradebook
    now: datetime
    remaster: bool = False
    after: Gradebook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultObligation:
    """One pupil's grade on one line item."""

    student: str
    presence: Presence
    score: Decimal | None = None
    status: str = GRADED
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItemObligation:
    """One assignment in one class, or a class's course grade in one grading period."""

    class_: str
    title: str | None
    """None for a course grade: its title is free."""
    presence: Presence
    why: str = ""
    assignment: int | None = None
    grading_period: str | None = None
    others: frozenset[str] = frozenset()
    """For a course grade: the titles that assignments of its course have, so none of them is it."""
    due_at: datetime | None = None
    due_days: frozenset[date] = frozenset()
    maximum: Decimal | None = None
    categories: frozenset[str] = frozenset()
    linked: str | None = None
    """The sourcedId it must have: linked by an earlier sync, or adopted by title and due date."""
    results: tuple[ResultObligation, ...] = ()
    may_rest: bool = False
    """Whether it may be left just as it was: a renamed group need not be followed."""

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.title if self.title is not None else f"course grade {self.grading_period}"


@dataclass(frozen=True, slots=True)
class GradebookObligations:
    """All that must, may and must not hold in the SIS gradebook after a sync."""

    line_items: tuple[LineItemObligation, ...]
    before: Gradebook
    zone: tzinfo = field(default=NEW_YORK)

    def of(self, class_: str, title: str) -> LineItemObligation | None:
        """Return the obligation for an assignment in a class."""
        found = (each for each in self.line_items if (each.class_, each.title) == (class_, title))
        return next(found, None)

    def course_grade(self, class_: str, grading_period: str) -> LineItemObligation | None:
        """Return the obligation for a class's course grade in a period."""
        wanted = (class_, None, grading_period)
        found = (
            each
            for each in self.line_items
            if (each.class_, each.title, each.grading_period) == wanted
        )
        return next(found, None)


def due_permitted(written: str | None, due_at: datetime, zone: tzinfo) -> bool:
    """Tell whether a line item's due date is the day, in the district, that Canvas has it due.

    A SIS keeps a day. `2026-10-10T03:59:00Z` is the evening of the 9th in Florida; `2026-10-10`,
    or its midnight, is the 10th wherever it is read. The one exception is what is due at that very
    midnight, eight in the evening in Florida: Canvas's own instant is no mistake.
    """
    if _instant(written) == due_at:
        return True
    return day_permitted(written, frozenset({due_at.astimezone(zone).date()}), zone)


def day_permitted(written: str | None, days: frozenset[date], zone: tzinfo) -> bool:
    """Tell whether a written date or instant is one of some days in the district."""
    instant = _instant(written)
    if instant is None:
        return False
    if instant.tzinfo is None or instant.timetz().replace(tzinfo=None) == time():
        return instant.date() in days
    return instant.astimezone(zone).date() in days


def _instant(written: str | None) -> datetime | None:
    """Read a date or an instant; a date is its midnight, in no zone."""
    try:
        return datetime.fromisoformat(written or "")
    except ValueError:
        return None


def due_on_its_day(each: LineItemObligation, written: str | None, zone: tzinfo) -> bool:
    """Tell whether a written due date is right for an assignment, or for a course grade."""
    if each.due_at is not None and due_permitted(written, each.due_at, zone):
        return True
    return day_permitted(written, each.due_days, zone)


def matches(each: LineItemObligation, gradebook: Gradebook, zone: tzinfo) -> list[LineItem]:
    """Return the standing line items that are, or claim to be, this assignment in this class."""
    standing = list(gradebook.live_line_items(each.class_))
    if each.title is None:
        return [
            item
            for item in standing
            # The SIS derives the period from the due date, so a payload may leave it out.
            if item.grading_period in {None, each.grading_period}
            and item.title not in each.others
            and item.maximum == each.maximum
            and day_permitted(item.due_date, each.due_days, zone)
        ]
    return [
        item
        for item in standing
        if item.sourced_id == each.linked
        or (item.title == each.title and due_on_its_day(each, item.due_date, zone))
    ]


def missing_titles(each: LineItemObligation, gradebook: Gradebook) -> Counter[str]:
    """Count a class's standing titles: what to show when an assignment is not among them."""
    return Counter(item.title for item in gradebook.live_line_items(each.class_))
