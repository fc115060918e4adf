"""Nights and syncs with credentials that do not fit."""

from homeroom.features.histories.story import Story

HIGH = "Lakeside High"


def live(story: Story) -> None:
    """Try a wrong secret, a wrong token and one without rights, then the right ones."""
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", school=HIGH)
    school.students("Ana Ruiz", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", "Algebra 1 Period 1")
    school.fill("Algebra 1 Period 1", "Ana Ruiz")
    story.night(
        "the night with a wrong secret", day=0, variables={"ONEROSTER_CLIENT_SECRET": "not-ours"}
    )
    story.night(
        "the night with a wrong token", day=0, minutes=10, variables={"CANVAS_TOKEN": "not-ours"}
    )
    powerless = story.space.canvas_token(permissions=["read_roster"])
    story.night(
        "the night without rights", day=0, minutes=20, variables={"CANVAS_TOKEN": powerless}
    )
    story.night("the night with the right ones", day=0, minutes=30)
