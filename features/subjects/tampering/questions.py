"""Providers that answer other questions than were asked."""

from typing import Any, ClassVar

from homeroom.features.subjects.tampering.wire import Body, Pairs, Tamper
from homeroom.reference.transport import Response


class IgnoresLimit(Tamper):
    """The limit is ignored."""

    name = "ignores-limit"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [(name, "7" if (name, value) == ("limit", "3") else value) for name, value in pairs]


class LargePages(Tamper):
    """A page is five hundred by itself."""

    name = "large-pages"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        is_list = path and "/" not in path
        return pairs if pairs or not is_list else [("limit", "500")]


class _Filtering(Tamper):
    ignored: ClassVar[str] = ""

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [pair for pair in pairs if pair[0] != "filter" or self.ignored not in pair[1]]


class IgnoresNames(_Filtering):
    """A filter by name is ignored."""

    name = "ignores-names"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [
            pair
            for pair in pairs
            if not (pair[1].startswith("familyName='") and pair[1][12:].istitle())
        ]


class IgnoresComparisons(_Filtering):
    """A filter by a day is ignored."""

    name = "ignores-comparisons"
    ignored = "startDate"


class IgnoresSecondClause(Tamper):
    """Of two joined conditions the first alone counts."""

    name = "ignores-second-clause"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [
            (name, value.partition(" AND familyName")[0].partition(" OR familyName")[0])
            if name == "filter"
            else (name, value)
            for name, value in pairs
        ]


class IgnoresReferences(_Filtering):
    """A filter by a reference is ignored."""

    name = "ignores-references"
    ignored = "class.sourcedId"


class IgnoresUnknownFields(_Filtering):
    """A filter by an unknown field is ignored."""

    name = "ignores-unknown-fields"
    ignored = "shoeSize"


class IgnoresNonsense(_Filtering):
    """A filter that is no sentence is ignored."""

    name = "ignores-nonsense"
    ignored = " like "


class IgnoresChangeDates(_Filtering):
    """A filter by date of change is ignored."""

    name = "ignores-change-dates"
    ignored = "dateLastModified"


class IgnoresStatus(Tamper):
    """A filter by status is ignored, so that those who left come, too."""

    name = "ignores-status"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [pair for pair in pairs if pair != ("filter", "status='active'")]

    def record(self, path: str, record: Body) -> Body:
        left = path == "classes" and str(record.get("sourcedId")) > "b"
        return {**record, "status": "tobedeleted"} if left else record


class SplitsAtBlanks(Tamper):
    """A value ends at its first blank."""

    name = "splits-at-blanks"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [
            (name, f"{value.partition(' ')[0]}'" if value.startswith("title='") else value)
            for name, value in pairs
        ]


class CountsBeforeFiltering(Tamper):
    """The announced number counts before filtering."""

    name = "counts-before-filtering"

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        if any(value.startswith("familyName='") for _, value in pairs):
            made.headers["X-Total-Count"] = "312"
        return made


class IgnoresOrder(Tamper):
    """The order asked for is ignored."""

    name = "ignores-order"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [
            pair for pair in pairs if pair[0] not in ("sort", "orderBy") or pair[1] == "shoeSize"
        ]


class SaysNothingOfSort(Tamper):
    """An unknown sort field is not told."""

    name = "says-nothing-of-sort"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if ("sort", "shoeSize") in pairs:
            body.pop("statusInfoSet", None)
        return body


class IgnoresFields(Tamper):
    """All fields come, whatever was asked for."""

    name = "ignores-fields"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [pair for pair in pairs if pair != ("fields", "sourcedId,role")]


class SaysNothingOfFields(Tamper):
    """An unknown field among others is not told."""

    name = "says-nothing-of-fields"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if ("fields", "sourcedId,shoeSize") in pairs:
            body.pop("statusInfoSet", None)
        return body


class TakesBlankFields(Tamper):
    """A blank list of fields is taken for none."""

    name = "takes-blank-fields"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [pair for pair in pairs if pair != ("fields", "")]


class DeletedStaysActive(Tamper):
    """Somebody who left is still found among the active ones."""

    name = "deleted-stays-active"

    def query(self, path: str, pairs: Pairs) -> Pairs:
        return [(name, value.replace(" AND status='active'", "")) for name, value in pairs]


class ForgetsChanges(Tamper):
    """What changed is found by an older date than is served."""

    name = "forgets-changes"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        asked = dict(pairs).get("filter", "")
        if path != "users" or not asked.startswith("dateLastModified>"):
            return body
        return {**body, "users": [row for row in body["users"] if row["status"] != "active"]}
