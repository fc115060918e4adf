"""Which SIS category and line item an assignment belongs to. Pure.

Title and due date find a line item that the SIS made, once; from then on the pair is kept by id,
however the teacher renames or moves the assignment.
"""

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import UTC, date, datetime, time, tzinfo
from uuid import NAMESPACE_URL, uuid5

from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook.snapshot import Group
from homeroom.reference.oneroster.records import Category, LineItem

NAMESPACE = uuid5(NAMESPACE_URL, "homeroom:gradebook")


def made_id(*parts: object) -> str:
    """Make the id of a new line item or result: for the same thing the same, every time."""
    return str(uuid5(NAMESPACE, "/".join(map(str, parts))))


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
        named = next((each.sourced_id for each in usable if each.title == group.name), None)
        for wanted in (group.sis_source_id, named, remembered):
            if wanted is not None and any(each.sourced_id == wanted for each in usable):
                return wanted
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
    alike = [each for each in existing if each.title == title and each.sourced_id not in taken]
    found = [each for each in alike if day == day_of(each.due_date, zone)]
    if len(found) > 1:
        told = f'Multiple matches found for "{title}" due on {day} in OneRoster'
        raise RecordError(title, "title", told, "rename all but one of them in the SIS")
    return found[0] if found else None


def day_of(written: str | None, zone: tzinfo) -> date | None:
    """Give the day in the district that a SIS means by a due date.

    A bare date, or its midnight, is that day wherever it is read; an instant is a day in a zone.
    """
    try:
        instant = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    if instant.tzinfo is None or instant.astimezone(UTC).time() == time():
        return instant.date()
    return instant.astimezone(zone).date()
