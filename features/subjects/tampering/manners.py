"""Providers whose manners are poor: what an integration should be able to count on, and cannot."""

import json
from collections.abc import Mapping
from typing import Any

from homeroom.features.subjects.tampering.wire import Body, Pairs, Tamper
from homeroom.reference.transport import Response


def _refusal(status: int, description: str, response: Response) -> Response:
    told = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_CodeMinor": "invaliddata",
        "imsx_description": description,
    }
    return Response(status, json={"statusInfoSet": [told]}, request=response.request)


class SaysNo(Tamper):
    """Refusals say no and nothing else."""

    name = "says-no"

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        if made.status_code != 404:
            return made
        return Response(404, json={"error": "no"}, request=response.request)


class TellsOfItself(Tamper):
    """Refusals show where the program broke."""

    name = "tells-of-itself"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        for told in body.get("statusInfoSet", ()) if isinstance(body, dict) else ():
            told["imsx_description"] += " Stack trace: #0 /var/www/focus/api.php(61): fetch()"
        return body


class RefusesUnknownWords(Tamper):
    """A filter by a word that nobody has is an error."""

    name = "refuses-unknown-words"

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        if "'nope'" not in dict(pairs).get("filter", ""):
            return made
        return _refusal(400, "nope is no status", response)


class EndsInAnError(Tamper):
    """A page beyond the end is an error."""

    name = "ends-in-an-error"

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        rows = next(iter(made.json().values()), None) if made.status_code == 200 else None
        if rows != [] or dict(pairs).get("offset", "0") == "0":
            return made
        return _refusal(400, "there is no such page", response)


class IdsAreUsernames(Tamper):
    """The ids of people are their usernames."""

    name = "ids-are-usernames"

    def record(self, path: str, record: Body) -> Body:
        return {**record, "username": record["sourcedId"]} if "username" in record else record


class PythonsTruth(Tamper):
    """True is written with a capital letter."""

    name = "pythons-truth"

    def record(self, path: str, record: Body) -> Body:
        return {**record, "enabledUser": "True"} if record.get("enabledUser") else record


class EncodesTwice(Tamper):
    """Letters beyond ASCII are encoded twice."""

    name = "encodes-twice"

    def record(self, path: str, record: Body) -> Body:
        name = record.get("familyName")
        if not isinstance(name, str):
            return record
        return {**record, "familyName": name.encode().decode("latin-1")}


class OneSidedFamilies(Tamper):
    """Pupils name their parents, and parents nobody."""

    name = "one-sided-families"

    def record(self, path: str, record: Body) -> Body:
        grown = record.get("role") in ("parent", "guardian", "relative")
        return {name: value for name, value in record.items() if not (grown and name == "agents")}


class TakesTokensInAddresses(Tamper):
    """A token in the address opens."""

    name = "takes-tokens-in-addresses"
    _token = ""

    def query(self, path: str, pairs: Pairs) -> Pairs:
        self._token = dict(pairs).get("access_token", "")
        return [pair for pair in pairs if pair[0] != "access_token"]

    def headers(self, path: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        return {**headers, "Authorization": f"Bearer {self._token}"} if self._token else headers


class YearsAmongTerms(Tamper):
    """The view of terms holds the school year, too."""

    name = "years-among-terms"
    _year: Body | None = None

    def record(self, path: str, record: Body) -> Body:
        if record.get("type") == "schoolYear":
            self._year = record
        return record

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if path == "terms" and self._year and body.get("academicSessions"):
            body["academicSessions"].append(self._year)
        return body


class KeepsWhatWasLeftOut(Tamper):
    """Writing again keeps what the second writing leaves out."""

    name = "keeps-what-was-left-out"

    def __init__(self) -> None:
        self._written: dict[str, Body] = {}

    def sent(self, path: str, body: Body) -> Body:
        if "lineItem" not in body:
            return body
        whole = {**self._written.get(path, {}), **body["lineItem"]}
        self._written[path] = whole
        return {"lineItem": whole}


class TakesWhatBelongsNowhere(Tamper):
    """A line item for a class that does not exist is a success."""

    name = "takes-what-belongs-nowhere"

    def status(self, method: str, path: str, status: int, body: Any) -> int:
        astray = method == "PUT" and 400 <= status < 500 and "class" in json.dumps(body).lower()
        return 201 if astray else status
