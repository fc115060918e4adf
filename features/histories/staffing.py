"""A term of staff changes and corrections: new teachers, new names, new codes, same ids."""

from homeroom.config import UserId
from homeroom.features.histories.calendar import FALL
from homeroom.features.histories.story import Story

HIGH = "Lakeside High"


def live(story: Story) -> None:
    """Live the first night, the night of the new teacher and the night of the corrections."""
    _plant(story)
    story.night("the first night", day=0)
    school = story.school
    school.remove("enrollments", "Maria Delgado in Algebra 1 Period 1")
    school.seat("Tom Becker", "Algebra 1 Period 1", "teacher", primary=True)
    story.night("the night of the new teacher", day=14)
    _correct(story)
    story.night("the night of the corrections", day=15)


def _plant(story: Story) -> None:
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", "Tom Becker", "Grace O'Neil", school=HIGH)
    school.students("Ana Ruiz", "Ben Okafor", "Chloé Dubois", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.course("English 9", "1001310", HIGH)
    for period in (1, 2):
        school.class_(
            f"Algebra 1 Period {period}", course="Algebra 1", school=HIGH, code=f"ALG1-0{period}"
        )
    school.class_("English 9 Period 2", course="English 9", school=HIGH, code="ENG9-02")
    school.teach("Maria Delgado", "Algebra 1 Period 1", "Algebra 1 Period 2")
    school.teach("Grace O'Neil", "English 9 Period 2")
    school.fill("Algebra 1 Period 1", "Ana Ruiz", "Ben Okafor")
    school.fill("Algebra 1 Period 2", "Chloé Dubois")
    school.fill("English 9 Period 2", "Ana Ruiz", "Ben Okafor")


def _correct(story: Story) -> None:
    school = story.school
    school.change("courses", "English 9", courseCode="1001320", title="English Language Arts 9")
    school.change(
        "classes", "English 9 Period 2", title="ELA 9 Honors Period 2", classCode="ELA9H-02"
    )
    school.change("orgs", HIGH, name="Lakeside Senior High")
    school.change(
        "academicSessions", FALL, title="First Semester 2026",
        endDate=story.calendar.day(128).isoformat(),
    )  # fmt: skip
    school.change("users", "Ana Ruiz", familyName="Ruiz-Castillo")
    # What a subject made a person's SIS ID of must never change: that would be somebody else.
    if story.choices.user_id is not UserId.USERNAME:
        school.change("users", "Ben Okafor", username="bokafor27")
    if story.choices.user_id is not UserId.EMAIL:
        school.change("users", "Chloé Dubois", email="chloe.dubois@lakeside.example")
