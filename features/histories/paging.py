"""Providers that tell of their pages in different places: all of them are read to the end."""

from homeroom.features.histories.story import Story

HIGH = "Lakeside High"
PUPILS = 24


def headers_only(story: Story) -> None:
    """Live a night against a provider that tells of pages in headers alone."""
    story.space.focus_settings(pagination_body=False, limit_cap=7)
    _school(story)


def body_only(story: Story) -> None:
    """Live a night against a provider that tells of pages in its bodies alone, as Focus may."""
    story.space.focus_settings(total_count_header=False, link_header=False, limit_cap=7)
    _school(story)


def _school(story: Story) -> None:
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_("Algebra 1 Period 1", course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", "Algebra 1 Period 1")
    pupils = school.pupils(PUPILS, school=HIGH)
    school.fill("Algebra 1 Period 1", *pupils)
    story.night("the first night", day=0)
