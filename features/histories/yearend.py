"""A year as the calendar makes it: a quarter ends, a term ends, a new school year begins."""

from homeroom.features.histories.calendar import FALL, SPRING, YEAR
from homeroom.features.histories.school import to
from homeroom.features.histories.story import Story

HIGH = "Lakeside High"
OLD = ("Algebra 1 Period 1", "Economics Period 1", "Concert Band")
BAND = "Next year's Concert Band"
NEXT_YEAR, NEXT_FALL = "2027-2028", "Fall 2027"
BEGINS, ENDS = 357, 480
"""The next fall, in days from the first night."""


def live(story: Story) -> None:
    """Live the first night, ones in second quarter and second term, and the next year's first."""
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", "Tom Becker", school=HIGH)
    school.students("Ana Ruiz", "Ben Okafor", "Carla Mendes", "Dion Price", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.course("Economics", "2102335", HIGH)
    school.course("Band", "1302300", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH, terms=(FALL,))
    school.class_("Economics Period 1", course="Economics", school=HIGH, terms=(SPRING,))
    school.class_("Concert Band", course="Band", school=HIGH, terms=(YEAR,))
    school.teach("Maria Delgado", "Algebra 1 Period 1", "Economics Period 1")
    school.teach("Tom Becker", "Concert Band")
    school.seat("Tom Becker", "Algebra 1 Period 1", "teacher", primary=False, last=53)
    school.fill("Algebra 1 Period 1", "Ana Ruiz", "Ben Okafor", "Carla Mendes")
    # For the first quarter only, known in advance: nothing in the feed changes when it ends.
    school.seat("Dion Price", "Algebra 1 Period 1", last=53)
    school.fill("Economics Period 1", "Ana Ruiz", "Ben Okafor")
    school.fill("Concert Band", "Ana Ruiz", "Dion Price")
    story.night("the first night", day=0)
    story.night("the night in the second quarter", day=60, jumps=True)
    story.night("the night in the second term", day=147, jumps=True)
    if story.travels:
        _roll_over(story)
    story.night("the first night of the new year", day=361, jumps=True)


def _roll_over(story: Story) -> None:
    """Let Focus serve the next year alone, as it does once the SIS has rolled over.

    People stay; last year's sessions, classes and seats vanish without a word, courses have new
    ids but for one that is taught on under its old.
    """
    school = story.school
    seats = [name for kind, name in school.names if kind == "enrollments"]
    for collection, names in (
        ("enrollments", seats),
        ("classes", OLD),
        ("courses", ("Algebra 1", "Economics")),
        ("academicSessions", [name for kind, name in school.names if kind == "academicSessions"]),
    ):
        for name in names:
            school.vanish(collection, name)
    # She graduated, and Focus says so.
    school.remove("users", "Carla Mendes")
    days = {
        "startDate": story.calendar.day(BEGINS).isoformat(),
        "endDate": story.calendar.day(ENDS).isoformat(),
        "schoolYear": "2028",
    }
    school.session(NEXT_YEAR, type="schoolYear", **days)
    above = to("academicSession", school.id("academicSessions", NEXT_YEAR))
    school.session(NEXT_FALL, type="term", parent=above, **days)
    school.students("Eva Lind", school=HIGH)
    school.course("Geometry", "1206310", HIGH)
    school.class_("Geometry Period 1", course="Geometry", school=HIGH, terms=(NEXT_FALL,))
    # The same course, teacher and title as last year: only the year differs.
    school.class_(
        BAND, course="Band", school=HIGH, terms=(NEXT_FALL,), title="Concert Band", code="BND-01"
    )
    for person, class_, role in (
        ("Maria Delgado", "Geometry Period 1", "teacher"),
        ("Tom Becker", BAND, "teacher"),
        ("Ana Ruiz", "Geometry Period 1", "student"),
        ("Ben Okafor", "Geometry Period 1", "student"),
        ("Ana Ruiz", BAND, "student"),
        ("Eva Lind", BAND, "student"),
    ):
        school.seat(
            person, class_, role, primary=role == "teacher", first=BEGINS, last=ENDS,
        )  # fmt: skip
