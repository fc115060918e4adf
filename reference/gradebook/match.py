"""Which SIS category, line item or grading period something of Canvas's belongs to. Pure.

Title and due date find a line item that the SIS made, once; from then on the pair is kept by id,
however the teacher renames or moves the assignment.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from uuid import NAMESPACE_URL, uuid5

from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook.snapshot import GradingPeriod, Group
from homeroom.reference.oneroster.records import AcademicSession, Category, LineItem, lineage

Sessions = Mapping[str, AcademicSession]
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
    title: str, due: str, existing: Iterable[LineItem], taken: Container[str], zone: tzinfo
) -> LineItem | None:
    """Find the line item that the SIS has for something seen for the first time.

    Raises:
        RecordError: There are several; writing into one of them would be a guess.
    """
    day = day_of(due, zone)
    alike = [each for each in existing if each.title == title and each.sourced_id not in taken]
    found = [each for each in alike if day == day_of(each.due_date, zone)]
    if len(found) > 1:
        told = f'Multiple matches found for "{title}" due on {day} in OneRoster'
        raise RecordError(title, "title", told, "rename all but one of them in the SIS")
    return found[0] if found else None


def find_period(
    period: GradingPeriod, starts: date, term: str, sessions: Sessions
) -> AcademicSession:
    """Find the SIS's grading period that one of Canvas's stands for.

    By title or first day, among those of the term, else of its school year.

    Raises:
        RecordError: The SIS has none such.
    """
    every = [each for _, each in sorted(sessions.items()) if each.type == "gradingPeriod"]
    named = period.title, str(starts)
    alike = [p for p in every if p.title == named[0] or (p.start_date or "")[:10] == named[1]]
    for above in lineage(sessions.get(term), sessions):
        found = next((each for each in alike if above in lineage(each, sessions)), None)
        if found is not None:
            return found
    told = f"that is called {period.title} or begins that day is not in the SIS"
    raise RecordError(str(period.id), "grading period", told, "name them alike on both sides")


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
