"""What Focus asks of a category, a line item or a result before it is stored.

Source: OneRoster reference, sections 7 and 11; Focus reference, sections 5.1 and 5.6 to 5.9.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from homeroom.mocks.focus_oneroster import errors
from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.model import MODELS, Kind, Row
from homeroom.mocks.focus_oneroster.query.values import to_instant as read_instant
from homeroom.mocks.focus_oneroster.reading import current_views
from homeroom.mocks.focus_oneroster.render import to_instant
from homeroom.mocks.focus_oneroster.views import Views
from homeroom.mocks.harness.clock import iso_millis

# The westernmost zone of the United States: a due date at the end of its day is the next in UTC.
_BEHIND_UTC = timedelta(hours=10)
_DATE_OR_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_STRICTLY_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "categories": ("title",),
    "lineItems": (
        "title",
        "assignDate",
        "dueDate",
        "class",
        "category",
        "gradingPeriod",
        "resultValueMin",
        "resultValueMax",
    ),
    "results": ("lineItem", "student", "scoreStatus", "score", "scoreDate"),
}
_ID_LIMIT = 255
_SCORELESS = ("exempt", "not submitted", "submitted")


def to_gradebook_row(name: str, given: Mapping[str, Any]) -> Row:
    """Turn a body that the contract has checked into a row; references become sourcedIds."""
    row: Row = {}
    for field in MODELS[name].fields.values():
        value = given.get(field.name)
        if value is None:
            continue
        if field.kind is Kind.REF:
            value = value.get("sourcedId")
            if value is None:
                continue
        row[field.name] = value
    return row


def put(name: str, sourced_id: str, given: Mapping[str, Any]) -> tuple[Row, bool]:
    """Check and store an object; return it and whether it is new. A refused one changes nothing."""
    world, views = current_world(), current_views()
    row = to_gradebook_row(name, given)
    if world.settings.strict:
        _check_strictly(name, sourced_id, given, row)
    if len(sourced_id) > _ID_LIMIT:
        raise errors.unstorable(
            f"{MODELS[name].singular}.sourcedId: is longer than {_ID_LIMIT} characters"
        )
    _check_reach(views, name, sourced_id)
    _CHECKS[name](views, row)
    if name == "results" and "score" not in given and row["scoreStatus"] not in _SCORELESS:
        raise errors.unstorable("result.score: is required")
    for field in MODELS[name].own_fields:
        if field.kind is Kind.INSTANT and field.name in row:
            row[field.name] = to_instant(row[field.name])
    row["sourcedId"] = _identity(name, sourced_id)
    row["status"] = row.get("status", "active")
    row["dateLastModified"] = iso_millis(world.now())
    is_new = world.truth.rows[name].put(row)
    return row, is_new


def delete(name: str, sourced_id: str) -> None:
    """Let an object vanish, and a line item's results with it."""
    world, views = current_world(), current_views()
    if views.find(name, sourced_id) is None:
        raise errors.unknown_object()
    store = world.truth
    if name == "lineItems" and world.settings.cascade_results:
        orphans = store.ids("results", store.referring("results", "lineItem", sourced_id))
        for orphan in orphans:
            store.rows["results"].remove(orphan)
    store.rows[name].remove(sourced_id)


def _check_reach(views: Views, name: str, sourced_id: str) -> None:
    """Refuse to overwrite what the caller's schools do not reach."""
    hidden = views.find(name, sourced_id) is None and views.schools is not None
    if hidden and views.store.rows[name].find(sourced_id) is not None:
        raise errors.failure(403, "forbidden", f"{sourced_id} is outside this client's schools")


def _identity(name: str, sourced_id: str) -> str:
    """Return the id to store under: the path's, or in Modified mode the one Focus gives."""
    world = current_world()
    is_known = world.truth.rows[name].find(sourced_id) is not None
    if world.settings.gradebook_mode == "standard" or is_known:
        return sourced_id
    key = (name, sourced_id)
    if key not in world.allocated:
        # A repeated PUT finds the object that the first one made.
        seed = f"homeroom:{world.truth.district.seed}:{name}:{sourced_id}"
        world.allocated[key] = str(uuid5(NAMESPACE_URL, seed))
    return world.allocated[key]


def _check_strictly(name: str, sourced_id: str, given: Mapping[str, Any], row: Row) -> None:
    singular = MODELS[name].singular
    for field in _STRICTLY_REQUIRED[name]:
        if field not in row:
            raise errors.unstorable(f"{singular}.{field}: is required")
    body_id = given.get("sourcedId")
    if body_id is not None and body_id != sourced_id:
        raise errors.unstorable(
            f"{singular}.sourcedId: {body_id} is not the {sourced_id} of the path"
        )


def _check_category(views: Views, row: Row) -> None:
    owner = (row.get("metadata") or {}).get("classId")
    if owner and views.find("classes", str(owner)) is None:
        raise errors.unstorable(f"category.metadata.classId: unknown sourcedId {owner}")


def _check_line_item(views: Views, row: Row) -> None:
    settings = current_world().settings
    class_ = _get(views, "classes", row["class"])
    if class_ is None:
        raise errors.unstorable(f"lineItem.class: unknown sourcedId {row['class']}")
    limit = settings.title_limit
    if limit is not None and len(row["title"]) > limit:
        raise errors.unstorable(f"lineItem.title: is longer than {limit} characters")
    if "category" in row:
        _check_category_of(views, row, class_)
    if "dueDate" not in row:
        raise errors.unstorable(
            f"{errors.CANNOT_FIND_DUE_DATE}: {row['title']} has none; give it one and sync again"
        )
    period = _check_due_date(views, row, class_)
    if "gradingPeriod" in row:
        # Strictly a session of type gradingPeriod; others send the term.
        kind = "gradingPeriods" if settings.strict else "academicSessions"
        if _get(views, kind, row["gradingPeriod"]) is None:
            raise errors.unstorable(
                f"lineItem.gradingPeriod: unknown sourcedId {row['gradingPeriod']}"
            )
    elif period is not None and settings.derive_grading_period:
        row["gradingPeriod"] = period["sourcedId"]
    low, high = row.get("resultValueMin", 0), row.get("resultValueMax")
    if settings.strict and high is not None and high < low:
        raise errors.unstorable(f"lineItem.resultValueMax: {high} is below resultValueMin {low}")


def _check_category_of(views: Views, row: Row, class_: Row) -> None:
    category = _get(views, "categories", row["category"])
    if category is not None and views.is_usable(category, class_["sourcedId"]):
        return
    store = views.store
    usable = store.live("categories", views.categories_of(class_["sourcedId"]))
    titles = [str(store.rows["categories"].row(handle).get("title")) for handle in usable.tolist()]
    raise errors.unstorable(
        f"{errors.CATEGORY_NOT_FOUND}: grading category [{row['category']}] not found in OneRoster "
        f"for [{class_.get('title')}]; available categories are: [{', '.join(titles)}]"
    )


def _check_due_date(views: Views, row: Row, class_: Row) -> Row | None:
    """Refuse a due date that no marking period takes; return the grading period it lies in."""
    settings, due = current_world().settings, str(row["dueDate"])
    for field in ("dueDate", "assignDate"):
        if field in row and not is_date(row[field]):
            raise errors.unstorable(f"{errors.INVALID_DUE_DATE}: {field} {row[field]} is no date")
    if settings.refuse_due_dates:
        raise errors.unstorable(f"{errors.INVALID_DUE_DATE}: {due}")
    days = _days_of(due)
    terms = [term for term in map(_session_getter(views), class_.get("terms") or ()) if term]
    if settings.due_dates != "any" and terms:
        allowed = terms if settings.due_dates == "terms" else _years_above(views, terms)
        if allowed and not any(_holds(session, days) for session in allowed):
            first = min(str(session.get("startDate")) for session in allowed)
            last = max(str(session.get("endDate")) for session in allowed)
            raise errors.unstorable(
                f"{errors.INVALID_DUE_DATE}: {due} is outside the class's marking periods, "
                f"{first} to {last}"
            )
    periods = [period for period in _periods_below(views, terms) if _holds(period, days)]
    for period in periods:
        _check_window(period, due)
    return periods[0] if periods else None


def _check_window(period: Row, due: str) -> None:
    """Refuse what is due in a grading period whose posting window is closed."""
    world = current_world()
    settings, today = world.settings, world.now().date()
    metadata = period.get("metadata") or {}
    opens, closes = metadata.get("postStartDate"), metadata.get("postEndDate")
    shut = False
    if settings.posting_windows:
        first, last = _day(opens), _day(closes)
        shut = (first is not None and today < first) or (last is not None and today > last)
    end = _day(period.get("endDate"))
    if settings.posting_grace_days is not None and end is not None:
        shut = shut or (today - end).days > settings.posting_grace_days
    if shut:
        raise errors.unstorable(
            f"{errors.INVALID_DUE_DATE}: {due} is in {period.get('title')}, which is closed for "
            "posting"
        )


def is_date(text: str) -> bool:
    """Tell whether a text is a date or an instant: line items and results take both."""
    return bool(_DATE_OR_INSTANT.fullmatch(text)) and read_instant(text) is not None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _days_of(due: str) -> frozenset[str]:
    """Return the days that a due date may mean: as it stands, and in the district's own zone."""
    days = {due[: len("YYYY-MM-DD")]}
    at = datetime.fromisoformat(due)
    if at.tzinfo is not None:
        with contextlib.suppress(OverflowError):  # the first and the last day there is
            days.add((at.astimezone(UTC) - _BEHIND_UTC).date().isoformat())
    return frozenset(days)


def _holds(session: Row, days: frozenset[str]) -> bool:
    start, end = session.get("startDate"), session.get("endDate")
    return any((not start or start <= day) and (not end or day < end) for day in days)


def _session_getter(views: Views) -> Any:
    return views.store.rows["academicSessions"].get


def _years_above(views: Views, sessions: list[Row]) -> list[Row]:
    get = _session_getter(views)
    found: list[Row] = []
    for session in sessions:
        above: Row | None = session
        for _ in range(8):  # deeper than any calendar, and safe from a session above itself
            if above is None or above.get("type") == "schoolYear":
                break
            above = get(above.get("parent") or "")
        if above is not None and above not in found:
            found.append(above)
    return found


def _periods_below(views: Views, sessions: list[Row]) -> Iterator[Row]:
    """Yield the grading periods among sessions and below them, each once."""
    rows = views.store.rows["academicSessions"]
    waiting, seen = list(sessions), set[str]()
    while waiting:
        session = waiting.pop(0)
        if session["sourcedId"] in seen:
            continue
        seen.add(session["sourcedId"])
        if session.get("type") == "gradingPeriod":
            yield session
        below = views.store.referring("academicSessions", "parent", session["sourcedId"])
        waiting.extend(rows.row(handle) for handle in below.tolist())


def _check_result(views: Views, row: Row) -> None:
    line_item = _get(views, "lineItems", row["lineItem"])
    if line_item is None:
        raise errors.unstorable(
            f"{errors.ASSIGNMENT_NOT_FOUND}: result.lineItem: unknown sourcedId {row['lineItem']}"
        )
    handle = views.find("users", row["student"])
    if handle is None:
        raise errors.unstorable(f"result.student: unknown sourcedId {row['student']}")
    strict = current_world().settings.strict
    if strict and views.find("students", row["student"]) is None:
        raise errors.unstorable(f"result.student: {row['student']} is no student")
    if "scoreDate" in row and not is_date(row["scoreDate"]):
        raise errors.unstorable(f"result.scoreDate: {row['scoreDate']} is no date")
    score = row.get("score")
    if score is None:
        return
    low, high = line_item.get("resultValueMin"), line_item.get("resultValueMax")
    if strict and ((low is not None and score < low) or (high is not None and score > high)):
        raise errors.unstorable(f"result.score: {score} is outside {low} to {high}")


def _get(views: Views, path: str, sourced_id: str) -> Row | None:
    """Return an object that still counts: one marked tobedeleted is gone from the gradebook."""
    handle = views.find(path, sourced_id)
    if handle is None:
        return None
    row = views.store.rows[views.collection(path)].row(handle)
    return None if row["status"] == "tobedeleted" else row


_CHECKS = {
    "categories": _check_category,
    "lineItems": _check_line_item,
    "results": _check_result,
}
