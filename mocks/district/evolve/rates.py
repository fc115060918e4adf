"""How often things happen in a school year. All of it is a parameter.

No source that we could read gives these per day, so the numbers are ours, chosen so that a year
adds up to what districts report: a tenth of students come or go, a fifth change a class. Class
sizes are Florida's (Constitution, Article IX, section 1: 18, 22 and 25 students), levelled from
the second week of school until the October count.
"""

from dataclasses import dataclass, field, replace

from homeroom.mocks.district.evolve.events import EventKind


def _per_mille() -> dict[EventKind, float]:
    return {
        EventKind.STUDENT_JOINED: 0.3,
        EventKind.STUDENT_WITHDREW: 0.3,
        EventKind.CLASS_CHANGED: 0.8,
        EventKind.SCHOOL_CHANGED: 0.1,
        EventKind.DUALLY_ENROLLED: 0.05,
        EventKind.PERSON_RENAMED: 0.06,
        EventKind.ACCOUNT_SPLIT: 0.01,
        EventKind.TEACHER_CHANGED: 0.2,
        EventKind.CO_TEACHER_ADDED: 0.1,
        EventKind.CO_TEACHER_LEFT: 0.1,
        EventKind.COURSE_CODE_CORRECTED: 0.1,
        EventKind.COURSE_RENAMED: 0.1,
        EventKind.SCHOOL_RENAMED: 0.1,
        EventKind.SECTIONS_REGENERATED: 0.0,
    }


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Events a school day for every thousand of whom or what they happen to."""

    per_mille: dict[EventKind, float] = field(default_factory=_per_mille)
    """Of students; of classes for teachers; of courses; of schools."""
    early_factor: float = 4.0
    """How much more often students change classes in the first weeks."""
    early_days: int = 42
    return_after_days: int = 30
    """A student who withdrew comes back after so many days, in one case of `return_of`."""
    return_of: int = 5
    merge_after_days: int = 14
    """A split account is found and merged after so many days."""
    levelling_from_day: int = 14
    levelling_until_day: int = 56
    """Days of the school year on which classes above their cap are levelled, on Tuesdays."""
    levelling_slack: int = 6
    """Students above the cap that are put up with: a generated class has no cap at first."""
    levelling_per_mille: float = 5.0
    """Most classes levelled on one Tuesday, of a thousand; at least one."""

    def scaled(self, factor: float) -> "Rates":
        """Return rates at which everything happens `factor` times as often."""
        faster = {kind: rate * factor for kind, rate in self.per_mille.items()}
        return replace(self, per_mille=faster)

    def of(self, kind: EventKind, *, school_day: int) -> float:
        """Return the rate of a kind on a day of the school year, counted from 0."""
        rate = self.per_mille.get(kind, 0.0)
        if kind is EventKind.CLASS_CHANGED and school_day < self.early_days:
            return rate * self.early_factor
        return rate


def class_cap(grades: tuple[str, ...]) -> int:
    """Return how many students a class of these grades may have."""
    lowest = grades[0] if grades else "09"
    if lowest in ("IT", "PR", "PK", "TK", "KG", "01", "02", "03"):
        return 18
    return 22 if lowest in ("04", "05", "06", "07", "08") else 25
