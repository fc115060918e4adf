"""A year as the calendar makes it: a quarter ends, a term ends, the next one begins."""

from homeroom.features.histories.calendar import FALL, SPRING, YEAR
from homeroom.features.histories.story import Story

HIGH = "Lakeside High"


def live(story: Story) -> None:
    """Live the first night, one in the second quarter and one in the second term."""
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
