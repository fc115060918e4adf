"""Operations that answer line item categories."""

from typing import Any

from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.errors import route_not_found
from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.focus_oneroster.writing import answer_delete, answer_put
from homeroom.mocks.harness.request import Answer


async def get_all_categories() -> Answer:
    """Answer getAllCategories."""
    return await answer_every("categories")


async def get_category(sourced_id: str) -> Answer:
    """Answer getCategory."""
    return await answer_one("categories", sourced_id)


async def get_categories_for_class(class_sourced_id: str) -> Answer:
    """Answer getCategoriesForClass, which OneRoster 1.1 does not have: off by default."""
    if not current_world().settings.class_categories:
        raise route_not_found()
    return await answer_nested(
        "categories",
        (("classes", class_sourced_id),),
        lambda views: views.categories_of(class_sourced_id),
    )


async def put_category(sourced_id: str, body: dict[str, Any]) -> Answer:
    """Answer putCategory: create it, or replace the one under this sourcedId."""
    return await answer_put("categories", sourced_id, body)


async def delete_category(sourced_id: str) -> Answer:
    """Answer deleteCategory."""
    return await answer_delete("categories", sourced_id)
