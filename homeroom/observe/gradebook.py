"""Reads the SIS gradebook of a OneRoster 1.1 provider: line items and results."""

from collections.abc import Mapping
from typing import Any

from homeroom.observe.provider import iter_rows, number, reference
from homeroom.oracle.feed import Gradebook, LineItem, Result
from homeroom.reference.transport import Transport


def observe_gradebook(transport: Transport) -> Gradebook:
    """Read every line item and result, whatever its status, in the provider's order."""
    return Gradebook(
        line_items=tuple(_line_item(row) for row in iter_rows(transport, "lineItems")),
        results=tuple(_result(row) for row in iter_rows(transport, "results")),
    )


def _line_item(row: Mapping[str, Any]) -> LineItem:
    return LineItem(
        sourced_id=str(row["sourcedId"]),
        status=str(row.get("status") or "active"),
        last_modified=str(row.get("dateLastModified") or ""),
        title=str(row.get("title") or ""),
        class_=reference(row, "class"),
        category=reference(row, "category"),
        grading_period=reference(row, "gradingPeriod"),
        due_date=row.get("dueDate") or None,
        maximum=number(row.get("resultValueMax")),
    )


def _result(row: Mapping[str, Any]) -> Result:
    return Result(
        sourced_id=str(row["sourcedId"]),
        status=str(row.get("status") or "active"),
        last_modified=str(row.get("dateLastModified") or ""),
        line_item=reference(row, "lineItem"),
        student=reference(row, "student"),
        score=number(row.get("score")),
        score_status=str(row.get("scoreStatus") or ""),
    )
