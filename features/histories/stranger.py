"""A grade sync for a connection that was never provisioned."""

from homeroom.features.histories.story import Story

HIGH = "Lakeside High"


def live(story: Story) -> None:
    """Let the subject sync grades between a full Focus and a Canvas that no night has reached."""
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", school=HIGH)
    school.students("Ana Ruiz", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", "Algebra 1 Period 1")
    school.fill("Algebra 1 Period 1", "Ana Ruiz")
    story.sync("the sync before any night", day=0)
