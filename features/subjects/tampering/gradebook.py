"""Providers whose gradebook does something else than it was told."""

from typing import Any

from homeroom.features.subjects.tampering.wire import Body, Tamper


class DeletesNothing(Tamper):
    """Deleting what was never there is a success."""

    name = "deletes-nothing"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        return 204 if method == "DELETE" and status == 404 else status


class RoundsScores(Tamper):
    """Scores are rounded."""

    name = "rounds-scores"

    def sent(self, path: str, body: Body) -> Body:
        if "result" not in body or not isinstance(body["result"].get("score"), float):
            return body
        return {"result": {**body["result"], "score": round(body["result"]["score"])}}


class ForgetsStates(Tamper):
    """An excused grade counts as graded."""

    name = "forgets-states"

    def sent(self, path: str, body: Body) -> Body:
        if body.get("result", {}).get("scoreStatus") != "exempt":
            return body
        return {"result": {**body["result"], "scoreStatus": "fully graded"}}


class MadeIsOk(Tamper):
    """What is new is answered with 200."""

    name = "made-is-ok"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        return 200 if status == 201 else status


class KeepsTitles(Tamper):
    """Writing again changes nothing."""

    name = "keeps-titles"

    def sent(self, path: str, body: Body) -> Body:
        item = body.get("lineItem", {})
        if not str(item.get("title", "")).endswith(" again"):
            return body
        return {"lineItem": {**item, "title": item["title"].removesuffix(" again")}}
