"""A week in which Focus was unwell: answers without their list, answers that break off."""

from homeroom.features.histories.story import Story

HIGH = "Lakeside High"


def live(story: Story) -> None:
    """Live a good night, two on which Focus is unwell, and one after it has recovered."""
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", school=HIGH)
    school.students("Ana Ruiz", "Ben Okafor", "Carla Mendes", "Dion Price", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", "Algebra 1 Period 1")
    school.fill("Algebra 1 Period 1", "Ana Ruiz", "Ben Okafor", "Carla Mendes")
    story.night("the good night", day=0)
    school.seat("Dion Price", "Algebra 1 Period 1")
    for label, day, quirk in (
        ("the night without a list", 1, "missing_envelope"),
        ("the night that broke off", 2, "cut_off_pages"),
    ):
        story.unwell(label, day=day, **{quirk: [
            "getAllEnrollments", "getEnrollmentsForSchool", "getEnrollmentsForClassInSchool",
        ]})  # fmt: skip
    story.night("the night after", day=3)
