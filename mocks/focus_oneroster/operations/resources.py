"""Operations that answer resources."""

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.harness.request import Answer


async def get_all_resources() -> Answer:
    """Answer getAllResources."""
    return await answer_every("resources")


async def get_resource(sourced_id: str) -> Answer:
    """Answer getResource."""
    return await answer_one("resources", sourced_id)


async def get_resources_for_course(course_sourced_id: str) -> Answer:
    """Answer getResourcesForCourse."""
    return await answer_nested(
        "resources",
        (("courses", course_sourced_id),),
        lambda views: views.resources_of("courses", course_sourced_id),
    )


async def get_resources_for_class(class_sourced_id: str) -> Answer:
    """Answer getResourcesForClass."""
    return await answer_nested(
        "resources",
        (("classes", class_sourced_id),),
        lambda views: views.resources_of("classes", class_sourced_id),
    )
