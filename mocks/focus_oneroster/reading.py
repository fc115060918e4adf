"""Answering reads: a page of a view, or one record, as the query asks for it.

Source: OneRoster reference, sections 3 and 4.
"""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

import msgspec

from homeroom.mocks.focus_oneroster import quirks
from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.errors import (
    StatusInfo,
    failure,
    invalid_data,
    payload,
    unknown_object,
    warning,
)
from homeroom.mocks.focus_oneroster.model import MODELS, Row
from homeroom.mocks.focus_oneroster.query import paging
from homeroom.mocks.focus_oneroster.query.filters import (
    Filter,
    FilterError,
    TooManyClausesError,
    parse_filter,
)
from homeroom.mocks.focus_oneroster.query.values import UnknownFieldError, find_field
from homeroom.mocks.focus_oneroster.render import absent_filled, encode_records
from homeroom.mocks.focus_oneroster.selection import Query
from homeroom.mocks.focus_oneroster.store.rows import EMPTY, Handles
from homeroom.mocks.focus_oneroster.tokens import Principal
from homeroom.mocks.focus_oneroster.views import Views
from homeroom.mocks.harness.request import Answer, Body, Request, current_request

BASE_PATH = "/focus/api/1.0/ims/oneroster/v1p1"
_encode = msgspec.json.Encoder(decimal_format="number").encode
_NOTE = "focus"
_BELONGS = {("schools", "classes"): "school", ("classes", "lineItems"): "class"}
"""By the two parents of a read: the field in which the second names the first."""


@dataclass(slots=True)
class Shape:
    """What `finish` has to know of a faithful answer to change it."""

    collection: str
    key: str
    fields: tuple[str, ...] | None


def current_views() -> Views:
    """Return the records as the caller of the request at hand may see them."""
    world, principal = current_world(), cast("Principal", current_request().principal)
    return Views(world.side.store, world.settings, principal.client.schools)


def base_url(request: Request) -> str:
    """Return the address of the service as this caller knows it."""
    return f"{request.origin}{BASE_PATH}"


async def dawdle() -> None:
    """Take as long as the setting slow_operations has this operation take, in real time."""
    seconds = current_world().settings.slow_operations.get(current_request().operation_id)
    if seconds:
        await asyncio.sleep(seconds)


async def answer_every(path: str) -> Answer:
    """Answer a top-level collection or view."""
    views = current_views()
    return await _answer_page(views.collection(path), lambda: views.every(path), view=path)


async def answer_nested(
    path: str, parents: tuple[tuple[str, str], ...], select: Callable[[Views], Handles]
) -> Answer:
    """Answer a read below one or two parents; an unknown parent is a 404, or empty by setting."""
    views = current_views()
    name = views.collection(path)
    if not _are_known(views, parents):
        if current_world().settings.unknown_parent == "404":
            raise unknown_object()
        return await _answer_page(name, lambda: EMPTY, view="nothing")
    view = (current_request().operation_id, parents)
    return await _answer_page(name, lambda: views.within(name, select(views)), view=view)


def _are_known(views: Views, parents: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether all parents of a nested read exist, and the second belongs to the first."""
    if any(views.find(above, sourced_id) is None for above, sourced_id in parents):
        return False
    for (above, upper), (below, lower) in pairwise(parents):
        field = _BELONGS.get((above, below))
        if field is not None and (views.store.rows[below].get(lower) or {}).get(field) != upper:
            return False
    return True


async def answer_one(path: str, sourced_id: str) -> Answer:
    """Answer one record by its sourcedId."""
    await dawdle()
    views = current_views()
    handle = views.find(path, sourced_id)
    if handle is None:
        raise unknown_object()
    name = views.collection(path)
    row = views.shown(name, views.store.rows[name].row(handle))
    return answer_row(name, row, status=200)


def answer_row(name: str, row: Row, *, status: int) -> Answer:
    """Answer one row as a single object."""
    request, model = current_request(), MODELS[name]
    warnings: list[StatusInfo] = []
    fields = _wanted_fields(name, warnings)
    text = b'{"%b":%b' % (model.singular.encode(), encode_records(model, [row], base_url(request)))
    request.notes[_NOTE] = Shape(name, model.singular, fields)
    body = text + _members(None, warnings)
    # Of a single record the standard says nothing; 1 is harmless (OneRoster reference, 11 #20).
    counted = request.method in ("GET", "HEAD") and current_world().settings.total_count_header
    return body, status, {"X-Total-Count": "1"} if counted else {}


async def _answer_page(name: str, among: Callable[[], Handles], *, view: Hashable) -> Answer:
    await dawdle()
    request, world = current_request(), current_world()
    asked, settings, side = request.arguments, world.settings, world.side
    warnings: list[StatusInfo] = []
    try:
        page = paging.parse_page(
            asked.get("limit"),
            asked.get("offset"),
            cap=settings.limit_cap,
            lenient=settings.bad_paging == "default",
        )
        descending = paging.parse_descending(asked.get("order_by"))
    except paging.QueryError as error:
        raise invalid_data(str(error)) from None
    query = Query(
        filter=_parse_filter(asked.get("filter_")),
        sort=_wanted_sort(name, asked.get("sort"), warnings),
        descending=descending,
        case_sensitive=settings.filter_case_sensitive,
    )
    fields = _wanted_fields(name, warnings)
    principal = cast("Principal", request.principal)
    try:
        chosen = await side.selections.choose(
            name, among, query, view=(view, principal.client.schools, settings.version)
        )
    except UnknownFieldError as error:
        raise failure(400, "invalid_filter_field", str(error)) from None
    shown = chosen[page.offset : page.offset + page.limit]
    if name == "enrollments":
        records = side.enrollment_pages.encode(shown, base_url(request))
    else:
        views, all_rows = current_views(), side.store.rows[name]
        rows = (views.shown(name, all_rows.row(handle)) for handle in shown.tolist())
        records = encode_records(MODELS[name], rows, base_url(request))
    links = paging.links(request.url, request.query, page, len(chosen))
    pagination = {"total": len(chosen), "next": links.next or ""}
    text = b'{"%b":[%b]' % (name.encode(), records)
    body = text + _members(pagination if settings.pagination_body else None, warnings)
    request.notes[_NOTE] = Shape(name, name, fields)
    headers: dict[str, str] = {}
    if settings.total_count_header:
        headers["X-Total-Count"] = str(len(chosen))
    if settings.link_header:
        headers["Link"] = links.header()
    return body, 200, headers


def _members(pagination: dict[str, Any] | None, warnings: list[StatusInfo]) -> bytes:
    """Write what stands beside the records, and close the object."""
    members: dict[str, Any] = {} if pagination is None else {"pagination": pagination}
    if warnings:
        members |= payload(warnings, current_world().settings)
    return b"," + _encode(members)[1:] if members else b"}"


def _parse_filter(text: str | None) -> Filter | None:
    if text is None:
        return None
    try:
        return _without_base(parse_filter(text))
    except TooManyClausesError:
        raise invalid_data(f"a filter joins at most two clauses: {text}") from None
    except FilterError:
        raise failure(400, current_world().settings.unparsable_filter, text) from None


def _without_base(asked: Filter) -> Filter:
    """Let a clause about an href begin with the address this caller knows; records do not."""
    base = base_url(current_request())
    clauses = tuple(
        replace(clause, value=clause.value.removeprefix(base))
        if clause.path[1:] == ("href",) and clause.path[0] != "metadata"
        else clause
        for clause in asked.clauses
    )
    return replace(asked, clauses=clauses)


def _wanted_sort(name: str, sort: str | None, warnings: list[StatusInfo]) -> tuple[str, ...] | None:
    if not sort:
        return None
    path = tuple(sort.split("."))
    try:
        find_field(MODELS[name], path)
    except UnknownFieldError:
        warnings.append(warning("invalid_sort_field", sort, current_request().operation_id))
        return None
    return path


def _wanted_fields(name: str, warnings: list[StatusInfo]) -> tuple[str, ...] | None:
    request = current_request()
    try:
        names = paging.parse_fields(request.arguments.get("fields"))
    except paging.BlankFieldsError as error:
        raise failure(400, "invalid_blank_selection_field", str(error)) from None
    unknown = [field for field in names or () if field not in MODELS[name].fields]
    if unknown:
        description = ",".join(unknown)
        warnings.append(warning("invalid_selection_field", description, request.operation_id))
        return None
    return names


def finish(
    request: Request, body: Body, status: int, headers: dict[str, str]
) -> tuple[Body, int, dict[str, str]]:
    """Select fields, fill in absent values and let quirks befall a faithful answer."""
    shape = request.notes.get(_NOTE)
    if not isinstance(shape, Shape) or not isinstance(body, bytes):
        return body, status, headers
    settings = current_world().settings
    loses_envelope = request.operation_id in settings.missing_envelope
    if shape.fields is not None or settings.absent_values != "absent" or loses_envelope:
        document: dict[str, Any] = msgspec.json.decode(body)
        records = document[shape.key]
        if isinstance(records, list):
            document[shape.key] = [_shaped(record, shape) for record in records]
        else:
            document[shape.key] = _shaped(records, shape)
        if loses_envelope:
            quirks.missing_envelope(document, shape.key)
        body = _encode(document)
    if request.operation_id in settings.cut_off_pages:
        body = quirks.cut_off_page(body)
    return body, status, headers


def _shaped(record: dict[str, Any], shape: Shape) -> dict[str, Any]:
    settings = current_world().settings
    if settings.absent_values != "absent":
        model = MODELS[shape.collection]
        record = absent_filled(model, record, settings.absent_values, shape.fields)
    if shape.fields is None:
        return record
    return {name: record[name] for name in shape.fields if name in record}
