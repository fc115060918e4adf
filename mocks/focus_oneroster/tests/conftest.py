"""A Focus with an empty or a tiny district, called without sockets."""

from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import pytest

from homeroom.mocks.focus_oneroster import control
from homeroom.mocks.focus_oneroster.fake import FocusFake
from homeroom.mocks.focus_oneroster.model import MODELS
from homeroom.mocks.focus_oneroster.reading import BASE_PATH
from homeroom.mocks.focus_oneroster.world import FocusWorld
from homeroom.mocks.harness.answers import unpack
from homeroom.mocks.harness.request import Answer, Request, bind_request
from homeroom.mocks.harness.testing import OpenFake, Reply, open_fake

DISTRICT, SCHOOL, OTHER_SCHOOL = "d-1", "s-1", "s-2"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class _Plane:
    """Stands in for the control plane, of which the handlers want the space document alone."""

    focus: FocusFake

    def space_document(self, space: Any) -> Mapping[str, Any]:
        return self.focus.document(space, "http://sis.test")


class Focus:
    """What a test does with Focus: calls as a partner, and acts as the SIS's screens do."""

    def __init__(self, opened: OpenFake) -> None:
        self.opened = opened
        self.world = cast("FocusWorld", opened.space.worlds["focus"])
        self.fake = cast("FocusFake", opened.fake)
        self.document: Mapping[str, Any] = self.fake.document(opened.space, "http://sis.test")[
            "oneroster"
        ]
        self.bearer = self.token().json()["access_token"]

    # As a partner

    def token(self, **form: str) -> Reply:
        fields = {
            "grant_type": "client_credentials",
            "client_id": self.document["client_id"],
            "client_secret": self.document["client_secret"],
        } | form
        body = "&".join(f"{name}={quote(value)}" for name, value in fields.items())
        return self.opened.call("POST", f"{BASE_PATH}/token", body=body.encode(), headers=FORM)

    def call(self, method: str, path: str, **options: Any) -> Reply:
        headers = {"authorization": f"Bearer {self.bearer}"} | options.pop("headers", {})
        return self.opened.call(method, BASE_PATH + path, headers=headers, **options)

    def get(self, path: str, **query: str) -> Reply:
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return self.call("GET", path, query=asked)

    def ids(self, path: str, **query: str) -> list[str]:
        """Return the sourcedIds that a read answers with, in order."""
        reply = self.get(path, **query)
        assert reply.status == 200, reply.body
        records = next(iter(reply.json().values()))
        return [record["sourcedId"] for record in records]

    def put(self, path: str, body: Any) -> Reply:
        return self.call("PUT", path, json=body)

    # As the SIS

    def settings(self, **changes: Any) -> None:
        self.control(control.patch_focus_settings(changes))

    def record(self, collection: str, sourced_id: str, **fields: Any) -> dict[str, Any]:
        """Write a record; references may be given as plain ids."""
        model = MODELS[collection]
        full = _MINIMAL.get(collection, {}) | fields
        for name, value in full.items():
            if model.fields[name].refers_to and isinstance(value, str):
                full[name] = {"sourcedId": value}
            elif model.fields[name].refers_to and isinstance(value, list):
                full[name] = [{"sourcedId": item} for item in value]
        body = {model.singular: full}
        return cast(
            "dict[str, Any]",
            self.control(control.put_focus_record(collection, sourced_id, body))[0],
        )

    def delete(self, collection: str, sourced_id: str, *, gone: bool = False) -> None:
        self.control(control.delete_focus_record(collection, sourced_id, gone=gone))

    def client(self, **asked: Any) -> Mapping[str, str]:
        return cast("Mapping[str, str]", self.control(control.create_focus_client(asked))[0])

    def become(self, **asked: Any) -> None:
        """Go on as a new partner with these scopes and schools."""
        made = self.client(**asked)
        self.bearer = self.token(**made).json()["access_token"]

    def control(self, work: Coroutine[Any, Any, Answer]) -> tuple[Any, int]:
        bind_request(
            Request(
                method="PUT",
                scheme="http",
                host="sis.test",
                prefix="",
                raw_path="/",
                query_string="",
                headers={},
                space=self.opened.space,
                fake=cast("Any", _Plane(self.fake)),
            )
        )
        body, status, _headers = unpack(self.opened.run(work))
        return body, status

    def advance(self, seconds: float) -> None:
        self.opened.space.clock.advance(seconds)


_MINIMAL: Mapping[str, dict[str, Any]] = {
    "orgs": {"name": "Oak", "type": "school"},
    "academicSessions": {
        "title": "Fall",
        "type": "term",
        "startDate": "2026-08-10",
        "endDate": "2026-12-19",
        "schoolYear": "2027",
    },
    "courses": {"title": "Algebra 1"},
    "classes": {"title": "Algebra 1 - 3", "course": "co-1", "school": SCHOOL, "terms": ["t-1"]},
    "users": {
        "username": "ana",
        "enabledUser": "true",
        "givenName": "Ana",
        "familyName": "Ruiz",
        "role": "student",
        "orgs": [SCHOOL],
    },
    "enrollments": {"user": "u-1", "class": "c-1", "school": SCHOOL, "role": "student"},
    "resources": {"vendorResourceId": "v-1"},
    "categories": {"title": "Tests"},
    "lineItems": {"title": "Unit 1", "class": "c-1", "dueDate": "2026-10-09"},
    "results": {"lineItem": "li-1", "student": "u-1", "scoreStatus": "fully graded", "score": 9},
}


def plant(focus: Focus) -> None:
    """Two schools, a year with a term and two quarters, two classes, three people, a category."""
    focus.record("orgs", DISTRICT, name="Lake County", type="district")
    focus.record("orgs", SCHOOL, name="Oak", parent=DISTRICT)
    focus.record("orgs", OTHER_SCHOOL, name="Elm", parent=DISTRICT)
    year = {"startDate": "2026-08-10", "endDate": "2027-06-01"}
    focus.record("academicSessions", "y-1", title="2026-27", type="schoolYear", **year)
    focus.record("academicSessions", "t-1", parent="y-1")
    for number, (start, end) in enumerate(
        [("2026-08-10", "2026-10-15"), ("2026-10-15", "2026-12-19")], 1
    ):
        dates = {"startDate": start, "endDate": end}
        focus.record(
            "academicSessions", f"q-{number}", title=f"Q{number}", type="gradingPeriod",
            parent="t-1", **dates,
        )  # fmt: skip
    focus.record("courses", "co-1", org=SCHOOL)
    focus.record("courses", "co-2", title="Biology", org=OTHER_SCHOOL)
    focus.record("classes", "c-1")
    focus.record("classes", "c-2", title="Biology - 1", course="co-2", school=OTHER_SCHOOL)
    focus.record("users", "u-1", email="ana@lake.example", grades=["09", "10"])
    focus.record("users", "u-2", username="bo", givenName="Bo", familyName="O'Brien")
    focus.record(
        "users", "u-3", username="eve", givenName="Eve", familyName="Stone", role="teacher",
        orgs=[SCHOOL, OTHER_SCHOOL],
    )  # fmt: skip
    focus.record("enrollments", "e-1")
    focus.record("enrollments", "e-2", user="u-2")
    focus.record("enrollments", "e-3", user="u-3", role="teacher", primary="true")
    focus.record(
        "enrollments", "e-4", user="u-3", role="teacher", school=OTHER_SCHOOL, **{"class": "c-2"}
    )
    focus.record("categories", "cat-1")


# Compiling the contract takes longer than a test: it is done once, each test resets the space.
def _opened(district: str) -> Iterator[OpenFake]:
    opened = open_fake(FocusFake(), district=district)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def opened_empty() -> Iterator[OpenFake]:
    """A fake around nothing."""
    yield from _opened("empty")


@pytest.fixture(scope="session")
def opened_tiny() -> Iterator[OpenFake]:
    """A fake around a generated school."""
    yield from _opened("tiny")


@pytest.fixture(scope="session")
def tiny() -> Iterator["Focus"]:
    """A generated school, shared by all tests: they leave it as it was."""
    for opened in _opened("tiny"):
        yield Focus(opened)


@pytest.fixture(scope="module")
def module_tiny(opened_tiny: OpenFake) -> Focus:
    """A generated school that a module's tests may change together."""
    return _fresh(opened_tiny)


@pytest.fixture(scope="module")
def planted(opened_empty: OpenFake) -> Focus:
    """The few records of `plant`, shared by a module's tests."""
    focus = _fresh(opened_empty)
    plant(focus)
    return focus


def _fresh(opened: OpenFake) -> Focus:
    opened.run(opened.spaces.reset(opened.space))
    return Focus(opened)


@pytest.fixture
def empty(opened_empty: OpenFake) -> Focus:
    """A Focus without a record."""
    return _fresh(opened_empty)


@pytest.fixture
def focus(empty: Focus) -> Focus:
    """A Focus with the few records of `plant`."""
    plant(empty)
    return empty


@pytest.fixture
def fresh_tiny(opened_tiny: OpenFake) -> Focus:
    """A generated school that a test may change."""
    return _fresh(opened_tiny)
