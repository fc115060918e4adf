"""A provider that tells of its pages in headers alone; hiccups.py has one that does in bodies."""

from homeroom.features.histories.story import Story

HIGH = "Lakeside High"
PUPILS = 24


def headers_only(story: Story) -> None:
    """Live a night against a provider that tells of pages in headers alone."""
    story.space.focus_settings(pagination_body=False, limit_cap=7)
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", "Algebra 1 Period 1")
    pupils = school.pupils(PUPILS, school=HIGH)
    school.fill("Algebra 1 Period 1", *pupils)
    story.night("the first night", day=0)
