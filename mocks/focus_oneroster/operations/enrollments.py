"""Operations that answer enrollments."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_enrollments() -> Answer:
    """Answer getAllEnrollments."""
    return await answer_every("enrollments")


async def get_enrollment(sourced_id: str) -> Answer:
    """Answer getEnrollment."""
    return await answer_one("enrollments", sourced_id)


async def get_enrollments_for_school(school_sourced_id: str) -> Answer:
    """Answer getEnrollmentsForSchool."""
    return await answer_nested(
        "enrollments",
        (("schools", school_sourced_id),),
        lambda views: views.enrollments_at(school_sourced_id),
    )


async def get_enrollments_for_class_in_school(
    school_sourced_id: str, class_sourced_id: str
) -> Answer:
    """Answer getEnrollmentsForClassInSchool."""
    return await answer_nested(
        "enrollments",
        (
            ("schools", school_sourced_id),
            ("classes", class_sourced_id),
        ),
        lambda views: views.store.referring("enrollments", "class", class_sourced_id),
    )
