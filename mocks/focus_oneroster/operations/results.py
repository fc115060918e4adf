"""Operations that answer results."""

from typing import Any

from homeroom.mocks.focus_oneroster.reading import answer_every, answer_nested, answer_one
from homeroom.mocks.focus_oneroster.writing import answer_delete, answer_put
from homeroom.mocks.harness.request import Answer


async def get_all_results() -> Answer:
    """Answer getAllResults."""
    return await answer_every("results")


async def get_result(sourced_id: str) -> Answer:
    """Answer getResult."""
    return await answer_one("results", sourced_id)


async def get_results_for_class(class_sourced_id: str) -> Answer:
    """Answer getResultsForClass."""
    return await answer_nested(
        "results",
        (("classes", class_sourced_id),),
        lambda views: views.results_in(class_sourced_id),
    )


async def get_results_for_line_item_for_class(
    class_sourced_id: str, line_item_sourced_id: str
) -> Answer:
    """Answer getResultsForLineItemForClass."""
    return await answer_nested(
        "results",
        (
            ("classes", class_sourced_id),
            ("lineItems", line_item_sourced_id),
        ),
        lambda views: views.store.referring("results", "lineItem", line_item_sourced_id),
    )


async def get_results_for_student_for_class(
    class_sourced_id: str, student_sourced_id: str
) -> Answer:
    """Answer getResultsForStudentForClass."""
    return await answer_nested(
        "results",
        (
            ("classes", class_sourced_id),
            ("students", student_sourced_id),
        ),
        lambda views: views.results_of(class_sourced_id, student_sourced_id),
    )


async def put_result(sourced_id: str, body: dict[str, Any]) -> Answer:
    """Answer putResult: create it, or replace the one under this sourcedId."""
    return await answer_put("results", sourced_id, body)


async def delete_result(sourced_id: str) -> Answer:
    """Answer deleteResult."""
    return await answer_delete("results", sourced_id)
