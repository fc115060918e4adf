"""Real OneRoster clients of the package index, unmodified, against the Focus fake over sockets."""

import base64
import collections
import collections.abc
import importlib
import inspect
import json
import pkgutil
import re
import urllib.request
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.mocks.stage import StageSettings, serve

requests = pytest.importorskip("requests", reason="requests, which both clients need, is absent")
strongmind = pytest.importorskip("oneroster_client", reason="strongmind-oneroster-client is absent")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def oneroster() -> Iterator[Mapping[str, str]]:
    """The `oneroster` entry of a space document, of a space with a prefix in its URLs."""
    with serve(StageSettings(district="tiny", now=NOW, validate_responses="all")) as stage:
        document = stage.document(stage.spaces.get("default"))
        request = urllib.request.Request(  # noqa: S310 -- our own loopback address
            f"{document['control']['url']}/spaces",
            data=json.dumps({"district": "tiny", "now": "2026-09-01T06:00:00Z"}).encode(),
            headers={
                "Authorization": f"Bearer {document['control']['token']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            space: Mapping[str, Any] = json.load(answer)
        assert "/s/" in space["oneroster"]["base_url"]
        yield space["oneroster"]


@pytest.fixture(scope="module")
def api_client(oneroster: Mapping[str, str]) -> Any:
    """A swagger client with a bearer token that was handed out for HTTP Basic credentials."""
    pair = f"{oneroster['client_id']}:{oneroster['client_secret']}"
    request = urllib.request.Request(  # noqa: S310 -- our own loopback address
        oneroster["token_url"],
        data=b"grant_type=client_credentials&scope=*",
        headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        token = json.load(answer)["access_token"]
    configuration = strongmind.Configuration()
    configuration.host = oneroster["base_url"]
    configuration.access_token = token
    return strongmind.ApiClient(configuration)


def _getters(api_client: Any) -> dict[str, Any]:
    """Every reading method of the client by its name."""
    found: dict[str, Any] = {}
    package = importlib.import_module("oneroster_client.api")
    for module in pkgutil.iter_modules(package.__path__):
        kinds: list[tuple[str, Any]] = inspect.getmembers(
            importlib.import_module(f"oneroster_client.api.{module.name}"), inspect.isclass
        )
        for _, kind in kinds:
            if kind.__name__.endswith("Api"):
                api = kind(api_client)
                found |= {
                    name: getattr(api, name)
                    for name in dir(api)
                    if name.startswith("get_") and not name.endswith("_with_http_info")
                }
    return found


def _records(answer: Any) -> list[Any]:
    """The records of a collection or single answer of the swagger client."""
    (value,) = [value for value in answer.to_dict().values() if value is not None]
    return value if isinstance(value, list) else [value]


def test_swagger_client_reads_every_operation(api_client: Any) -> None:
    """The client checks required fields and vocabularies while it decodes."""
    getters = _getters(api_client)
    known = {
        singular: _records(getters[plural](limit=1))[0]["sourced_id"]
        for singular, plural in {
            "academic_session": "get_academic_sessions", "class": "get_classes",
            "course": "get_courses", "demographic": "get_demographics",
            "enrollment": "get_enrollments", "grading_period": "get_grading_periods",
            "org": "get_orgs", "school": "get_schools", "student": "get_students",
            "teacher": "get_teachers", "term": "get_terms", "user": "get_users",
            "category": "get_categories",
        }.items()
    }  # fmt: skip
    _put_line_item(api_client, "li-1", known["class"])
    _put_result(api_client, "r-1", "li-1", known["student"])
    known |= {"line_item": "li-1", "result": "r-1"}
    empty = {"get_resources", "get_resources_for_class", "get_resources_for_course"}

    for name, method in getters.items():
        if name in ("get_resource", "get_line_items_for_class"):
            continue  # there is no resource; the other is told of below
        wanted = [
            known[parameter.removesuffix("_sourced_id") or ""]
            if parameter != "sourced_id"
            else known[name.removeprefix("get_")]
            for parameter in inspect.signature(method).parameters
            if parameter != "kwargs"
        ]
        found = method(*wanted)
        if name not in empty:
            assert _records(found), name
    assert len(getters) == 55
    # Its one path that is not the standard's: paths are camel case and case-sensitive.
    with pytest.raises(requests.HTTPError, match=r"404 .*/lineitems"):
        getters["get_line_items_for_class"](known["class"])


def _put_line_item(api_client: Any, sourced_id: str, class_id: str) -> Any:
    models = strongmind.models
    categories = _getters(api_client)["get_categories"](limit=1)
    item = models.LineItemType(
        sourced_id=sourced_id, status="active", date_last_modified=NOW, title="Unit 1",
        assign_date=NOW, due_date=NOW, _class=_ref("class", class_id), result_value_min=0.0,
        category=_ref("category", _records(categories)[0]["sourced_id"]), result_value_max=10.0,
    )  # fmt: skip
    api = strongmind.LineItemsManagementApi(api_client)
    return api.put_line_item(models.SingleLineItemType(line_item=item), sourced_id)


def _put_result(api_client: Any, sourced_id: str, line_item: str, student: str) -> Any:
    models = strongmind.models
    result = models.ResultType(
        sourced_id=sourced_id, status="active", date_last_modified=NOW, score=9.5,
        line_item=_ref("lineItem", line_item), student=_ref("user", student),
        score_status="fully graded", score_date=NOW.date(),
    )  # fmt: skip
    api = strongmind.ResultsManagementApi(api_client)
    return api.put_result(models.SingleResultType(result=result), sourced_id)


def _ref(kind: str, sourced_id: str) -> Any:
    return strongmind.models.GUIDRefType(href="x", sourced_id=sourced_id, type=kind)


def test_swagger_client_writes_and_deletes(api_client: Any) -> None:
    getters = _getters(api_client)
    class_id = _records(getters["get_classes"](limit=1))[0]["sourced_id"]
    student = _records(getters["get_students"](limit=1))[0]["sourced_id"]

    _put_line_item(api_client, "li-2", class_id)
    _put_result(api_client, "r-2", "li-2", student)

    (stored,) = _records(getters["get_result"]("r-2"))
    assert (stored["score"], stored["student"]["sourced_id"]) == (9.5, student)
    strongmind.ResultsManagementApi(api_client).delete_result("r-2")
    strongmind.LineItemsManagementApi(api_client).delete_line_item("li-2")
    with pytest.raises(requests.HTTPError, match="404 Client Error"):
        getters["get_line_item"]("li-2")


def test_swagger_client_filters_and_sorts(api_client: Any) -> None:
    users = _getters(api_client)["get_users"]

    teachers = _records(users(filter="role='teacher' AND status='active'", limit=5000))
    ordered = _records(users(sort="familyName", order_by="asc", limit=5000))

    assert {user["role"] for user in teachers} == {"teacher"}
    names = [user["family_name"] for user in ordered]
    assert names == sorted(names)


@pytest.fixture(scope="module")
def classlink(oneroster: Mapping[str, str]) -> Any:
    """The client that signs with HMAC-SHA256; pages of 50, so that it must follow Link."""
    # It asks for a name that Python 3.10 moved; the package itself stays as it is.
    if not hasattr(collections, "MutableMapping"):
        collections.MutableMapping = collections.abc.MutableMapping  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("oneroster.classlink", reason="oneroster is absent")
    return module.ClasslinkConnector(
        host=f"{oneroster['base_url']}/",
        client_id=oneroster["client_id"],
        client_secret=oneroster["client_secret"],
        page_size=50,
    )


def test_signing_client_pages_through_all_users(classlink: Any, api_client: Any) -> None:
    found = classlink.get_users(user_filter="users")

    expected = _records(_getters(api_client)["get_users"](limit=5000))
    assert [user["sourcedId"] for user in found] == [user["sourced_id"] for user in expected]
    assert len(found) > 150


def test_signing_client_reads_a_class_a_school_and_a_course(
    classlink: Any, api_client: Any
) -> None:
    getters = _getters(api_client)
    class_ = _records(getters["get_classes"](limit=1))[0]
    (school,) = _records(getters["get_schools"](limit=1))
    (course,) = _records(getters["get_course"](class_["course"]["sourced_id"]))

    in_class = classlink.get_users(
        group_filter="classes", user_filter="students", group_name=class_["title"]
    )
    in_school = classlink.get_users(
        group_filter="schools", user_filter="teachers", group_name=school["name"]
    )
    in_course = classlink.get_users(
        group_filter="courses", user_filter="students", group_name=course["title"]
    )

    assert {user["role"] for user in in_class} == {"student"}
    assert {user["role"] for user in in_school} == {"teacher"}
    assert {user["sourcedId"] for user in in_class} <= {user["sourcedId"] for user in in_course}


def test_signing_client_with_a_wrong_secret_is_told_so(oneroster: Mapping[str, str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("oneroster.classlink", reason="oneroster is absent")
    api = module.ClasslinkAPI(oneroster["client_id"], "wrong")

    reply = api.make_roster_request(f"{oneroster['base_url']}/users?limit=1")

    assert reply.status_code == 401
    assert re.search("Signature mismatch", reply.text)
