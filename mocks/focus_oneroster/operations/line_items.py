"""Operations that answer line items."""

from typing import Any

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.focus_oneroster.writing import answer_delete, answer_put
from homeroom.mocks.harness.request import Answer


async def get_all_line_items() -> Answer:
    """Answer getAllLineItems."""
    return await answer_every("lineItems")


async def get_line_item(sourced_id: str) -> Answer:
    """Answer getLineItem."""
    return await answer_one("lineItems", sourced_id)


async def get_line_items_for_class(class_sourced_id: str) -> Answer:
    """Answer getLineItemsForClass."""
    return await answer_nested(
        "lineItems",
        (("classes", class_sourced_id),),
        lambda views: views.store.referring("lineItems", "class", class_sourced_id),
    )


async def put_line_item(sourced_id: str, body: dict[str, Any]) -> Answer:
    """Answer putLineItem: create it, or replace the one under this sourcedId."""
    return await answer_put("lineItems", sourced_id, body)


async def delete_line_item(sourced_id: str) -> Answer:
    """Answer deleteLineItem."""
    return await answer_delete("lineItems", sourced_id)
