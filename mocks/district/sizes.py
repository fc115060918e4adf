"""How large a district is: named sizes after real districts, or as many enrollments as asked."""

from dataclasses import dataclass

STUDENT_LOAD = 6.54
"""Classes a student takes, in all sizes but tiny: our inference from classes and pupils."""
CLASSES_PER_TEACHER = 4.76
CLASS_SHARE = 25
"""Enrollments, teachers' included, for each class."""


@dataclass(frozen=True)
class Size:
    """The counts that shape a generated district."""

    name: str
    students: int
    teachers: int
    classes: int
    student_enrollments: int

    @property
    def co_teachers(self) -> int:
        """How many classes have a second teacher: one in ten."""
        return self.classes // 10 if self.teachers > 1 else 0

    @property
    def enrollments(self) -> int:
        """Rows of the enrollments collection: students, primary teachers, co-teachers."""
        return self.student_enrollments + self.classes + self.co_teachers


SIZES = {
    size.name: size
    for size in (
        Size("tiny", 120, 9, 36, 720),
        Size("small", 5_124, 294, 1_400, 33_500),  # Wakulla
        Size("medium", 33_925, 1_950, 9_270, 222_000),  # Leon
        Size("large", 129_083, 7_419, 35_300, 844_000),  # Duval
        Size("mega", 251_397, 14_448, 68_700, 1_640_000),  # Broward
        Size("stress", 859_514, 49_400, 235_000, 5_620_000),  # New York City
    )
}
"""Students, teachers and classes as those districts report them."""

MAX_ENROLLMENTS = 20_000_000


def size_of_enrollments(count: int) -> Size:
    """Return the size of a district whose enrollments collection has exactly `count` rows.

    Raises:
        ValueError: Fewer than 1, or more than MAX_ENROLLMENTS.
    """
    if not 1 <= count <= MAX_ENROLLMENTS:
        raise ValueError(f"must lie between 1 and {MAX_ENROLLMENTS:,}")
    classes = max(1, round(count / CLASS_SHARE))
    teachers = max(1, round(classes / CLASSES_PER_TEACHER))
    co_teachers = classes // 10 if teachers > 1 else 0
    students_seats = count - classes - co_teachers
    # A class holds a student once: with few classes there are more students, each with less.
    load = min(STUDENT_LOAD, classes)
    students = max(
        1, -(-students_seats // int(load)) if load < STUDENT_LOAD else round(students_seats / load)
    )
    return Size(f"enrollments={count}", students, teachers, classes, students_seats)
