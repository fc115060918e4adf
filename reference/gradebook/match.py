"""Which SIS category and line item an assignment belongs to. Pure.

Title and due date find a line item that the SIS made, once; from then on the pair is kept by id,
however the teacher renames or moves the assignment.
"""

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import UTC, date, datetime, time, tzinfo
from uuid import NAMESPACE_URL, uuid5

from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook.snapshot import Assignment, Group, Section
from homeroom.reference.oneroster.records import Category, LineItem

NAMESPACE = uuid5(NAMESPACE_URL, "homeroom:gradebook")


def line_item_id(assignment: Assignment, section: Section) -> str:
    """Make the id of a new line item: the same for the same assignment and class, every time."""
    return str(uuid5(NAMESPACE, f"{assignment.course_id}/{assignment.id}/{section.sis_id}"))


def result_id(line_item: str, student: str) -> str:
    """Make the id of a new result, so that sending a grade twice replaces one row."""
    return str(uuid5(NAMESPACE, f"{line_item}/{student}"))


class Categories:
    """The SIS's grading categories, for one class or for all."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._of_class: defaultdict[str | None, list[Category]] = defaultdict(list)
        for category in categories:
            if category.live:
                self._of_class[category.class_id].append(category)

    def usable(self, class_id: str) -> list[Category]:
        """Those of a class, then those of every class."""
        return [*self._of_class[class_id], *self._of_class[None]]

    def find(self, group: Group, class_id: str, remembered: str | None) -> str:
        """Choose the category of an assignment group in a class.

        By the id the group is tied to, else by its exact name, else by the pair made before the
        group was renamed. A near miss in spelling is no match: a guess would skew averages.

        Raises:
            RecordError: None fits.
        """
        usable = self.usable(class_id)
        ids = {category.sourced_id for category in usable}
        if group.sis_source_id in ids:
            return str(group.sis_source_id)
        for category in usable:
            if category.title == group.name:
                return category.sourced_id
        if remembered in ids:
            return str(remembered)
        titles = ", ".join(dict.fromkeys(category.title for category in usable)) or "none"
        raise RecordError(
            class_id,
            "category",
            f"Grading category [{group.name}] not found in OneRoster for [{class_id}]; "
            f"available categories are: [{titles}]",
            "move the assignment to a group of one of these names, or add the category in the SIS",
        )


def adopt(
    title: str, day: date, existing: Iterable[LineItem], taken: Container[str], zone: tzinfo
) -> LineItem | None:
    """Find the line item that the SIS has for something seen for the first time.

    Raises:
        RecordError: There are several; writing into one of them would be a guess.
    """
    found = [
        item
        for item in existing
        if item.sourced_id not in taken and item.title == title and day in days(item.due_date, zone)
    ]
    if len(found) > 1:
        raise RecordError(
            found[0].sourced_id,
            "title",
            f'Multiple matches found for "{title}" due on {day} in OneRoster',
            "rename all but one of them in the SIS, then sync again",
        )
    return found[0] if found else None


def days(written: str | None, zone: tzinfo) -> frozenset[date]:
    """Give the day in the district that a SIS means by a due date.

    A bare date, or its midnight, is that day wherever it is read; an instant is a day in a zone.
    """
    if not written:
        return frozenset()
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        return frozenset()
    if instant.tzinfo is None or instant.astimezone(UTC).timetz() == time(tzinfo=UTC):
        return frozenset({instant.date()})
    return frozenset({instant.astimezone(zone).date()})
