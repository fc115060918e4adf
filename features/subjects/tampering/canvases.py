"""Canvases that no setting of our fake makes wrong enough."""

import re
from collections.abc import Mapping
from typing import Any

from homeroom.features.subjects.tampering.wire import Pairs, Tamper
from homeroom.reference.transport import Response

ROOT = re.compile(r"/accounts/(self|\d+)$")


class CanvasFindsAnything(Tamper):
    """What is not there is an empty success."""

    name = "canvas-finds-anything"

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        if method != "GET" or made.status_code != 404:
            return made
        return Response(200, json={}, request=response.request)


class CanvasDoublesSeats(Tamper):
    """A roster that is imported again seats everybody again."""

    name = "canvas-doubles-seats"

    def __init__(self) -> None:
        self._imports: set[str] = set()

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if re.search(r"/sis_imports/\d+$", path):
            self._imports.add(path)
        again = path.endswith("/enrollments") and len(self._imports) > 1
        return [*body, *body] if again and isinstance(body, list) else body


class CanvasLeadsElsewhere(Tamper):
    """Links name the host behind the load balancer."""

    name = "canvas-leads-elsewhere"

    def install(self, base_url: str) -> Any:
        self._host = base_url.split("/")[2]
        return super().install(base_url)

    def _altered(self, method: str, path: str, pairs: Pairs, response: Response) -> Response:
        made = super()._altered(method, path, pairs, response)
        if "Link" in made.headers:
            made.headers["Link"] = made.headers["Link"].replace(self._host, "10.0.3.7:3000")
        return made


class CanvasAdmitsStrangers(Tamper):
    """Nobody is asked for a token."""

    name = "canvas-admits-strangers"
    _last = ""

    def headers(self, path: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        self._last = self._last or headers.get("Authorization", "")
        return headers if "Authorization" in headers else {**headers, "Authorization": self._last}


class CanvasWithoutTimeZone(Tamper):
    """The account has no time zone."""

    name = "canvas-without-time-zone"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        return {**body, "default_time_zone": None} if ROOT.search(path) else body


class CanvasHalfConverted(Tamper):
    """One pupil has no SIS id."""

    name = "canvas-half-converted"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        if not path.endswith("/users"):
            return body
        # Our fake stands in without pupils.
        return [{"id": 7, "sis_user_id": "s-7"}, {"id": 8, "sis_user_id": None}]


class CanvasWithoutDefaultTerm(Tamper):
    """The default term was renamed."""

    name = "canvas-without-default-term"

    def body(self, path: str, pairs: Pairs, body: Any) -> Any:
        for term in body.get("enrollment_terms", ()) if isinstance(body, dict) else ():
            if term["name"] == "Default Term":
                term["name"] = "Standard"
        return body
