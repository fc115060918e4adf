"""Operations that answer courses."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_courses() -> Answer:
    """Answer getAllCourses."""
    return await answer_every("courses")


async def get_course(sourced_id: str) -> Answer:
    """Answer getCourse."""
    return await answer_one("courses", sourced_id)


async def get_courses_for_school(school_sourced_id: str) -> Answer:
    """Answer getCoursesForSchool: those whose org is the school."""
    return await answer_nested(
        "courses",
        (("schools", school_sourced_id),),
        lambda views: views.store.referring("courses", "org", school_sourced_id),
    )
