"""Paging, sorting and field selection over the wire: OneRoster reference, 3.1, 3.2, 3.4 and 4."""

from typing import TYPE_CHECKING

import pytest

from homeroom.mocks.focus_oneroster.reading import BASE_PATH

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus

BASE = "http://sis.test/focus/api/1.0/ims/oneroster/v1p1"


def info(
    minor: str, description: str, operation: str, *, is_warning: bool = False
) -> dict[str, str]:
    """One entry of statusInfoSet."""
    return {
        "imsx_codeMajor": "success" if is_warning else "failure",
        "imsx_severity": "warning" if is_warning else "error",
        "imsx_operationRefIdentifier": operation,
        "imsx_description": description,
        "imsx_codeMinor": minor,
    }


def links(header: str) -> dict[str, str]:
    """Read a Link header, splitting at commas as simple clients do."""
    found: dict[str, str] = {}
    for part in header.split(","):
        url, rel = part.strip().split("; ")
        found[rel[5:-1]] = url[1:-1]
    return found


def test_a_hundred_records_come_when_nothing_is_asked(tiny: "Focus") -> None:
    reply = tiny.get("/users")

    assert len(reply.json()["users"]) == 100
    assert reply.headers["x-total-count"] == "312"
    assert reply.json()["pagination"] == {
        "total": 312,
        "next": f"{BASE}/users?limit=100&offset=100",
    }


def test_pages_are_disjoint_and_complete(tiny: "Focus") -> None:
    whole = tiny.ids("/enrollments", limit="5000")
    pages = [tiny.ids("/enrollments", limit="200", offset=str(n)) for n in range(0, 800, 200)]

    assert [one for page in pages for one in page] == whole
    assert len(whole) == int(tiny.get("/enrollments").headers["x-total-count"])


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (0, {"first": 0, "next": 3, "last": 6}),
        (3, {"first": 0, "prev": 0, "next": 6, "last": 6}),
        (6, {"first": 0, "prev": 3, "last": 6}),
        (1, {"first": 0, "prev": 0, "next": 4, "last": 6}),
        (50, {"first": 0, "prev": 6, "last": 6}),
    ],
)
def test_links_lead_to_the_pages_around(
    empty: "Focus", offset: int, expected: dict[str, int]
) -> None:
    for number in range(8):
        empty.record("orgs", f"o-{number}")

    reply = empty.get("/orgs", limit="3", offset=str(offset))

    assert links(reply.headers["link"]) == {
        rel: f"{BASE}/orgs?limit=3&offset={at}" for rel, at in expected.items()
    }
    following = expected.get("next")
    assert reply.json()["pagination"]["next"] == (
        f"{BASE}/orgs?limit=3&offset={following}" if following is not None else ""
    )


def test_links_keep_the_query_with_commas_and_quotes_encoded(focus: "Focus") -> None:
    reply = focus.get(
        "/users", filter="givenName!='x, y'", fields="sourcedId,email", limit="1", sort="email"
    )

    assert links(reply.headers["link"])["next"] == (
        f"{BASE}/users?filter=givenName%21%3D%27x%2C%20y%27&fields=sourcedId%2Cemail&sort=email"
        "&limit=1&offset=1"
    )


def test_links_and_hrefs_begin_as_the_caller_wrote_the_address(focus: "Focus") -> None:
    reply = focus.call("GET", "/courses?limit=1", headers={"host": "district.example:8443"})

    base = "http://district.example:8443/focus/api/1.0/ims/oneroster/v1p1"
    assert links(reply.headers["link"])["next"] == f"{base}/courses?limit=1&offset=1"
    assert reply.json()["courses"][0]["org"]["href"] == f"{base}/orgs/s-1"


def test_following_links_reads_everything_once(tiny: "Focus") -> None:
    found: list[str] = []
    total = -1
    url = f"{BASE}/enrollments?filter=role%3D%27teacher%27&limit=7&sort=sourcedId"
    while url:
        reply = tiny.call("GET", url.split("/v1p1", 1)[1])
        found += [row["sourcedId"] for row in reply.json()["enrollments"]]
        url = links(reply.headers["link"]).get("next", "")
        total = int(reply.headers["x-total-count"])

    assert found == sorted(set(found))
    assert len(found) == total


def test_offset_beyond_the_end_is_an_empty_page(focus: "Focus") -> None:
    reply = focus.get("/users", offset="99")

    assert (reply.status, reply.json()["users"], reply.headers["x-total-count"]) == (200, [], "3")


@pytest.mark.parametrize(
    ("query", "description"),
    [
        ({"limit": "abc"}, "limit must be a positive integer: abc"),
        ({"limit": "0"}, "limit must be a positive integer: 0"),
        ({"limit": "-1"}, "limit must be a positive integer: -1"),
        ({"limit": ""}, "limit must be a positive integer: "),
        ({"limit": "1.5"}, "limit must be a positive integer: 1.5"),
        ({"limit": "9" * 30}, f"limit must be a positive integer: {'9' * 30}"),
        ({"offset": "-1"}, "offset must be a non-negative integer: -1"),
        ({"offset": "x"}, "offset must be a non-negative integer: x"),
        ({"sort": "email", "orderBy": "up"}, "orderBy must be asc or desc: up"),
    ],
)
def test_malformed_paging_is_invalid_data(
    focus: "Focus", query: dict[str, str], description: str
) -> None:
    reply = focus.get("/users", **query)

    assert reply.status == 400
    assert reply.json() == {"statusInfoSet": [info("invalid data", description, "getAllUsers")]}


def test_malformed_paging_may_get_the_defaults_instead(focus: "Focus") -> None:
    focus.settings(bad_paging="default")

    assert len(focus.ids("/users", limit="abc", offset="-3")) == 3


def test_cap_shows_in_the_links(focus: "Focus") -> None:
    focus.settings(limit_cap=2)

    reply = focus.get("/users", limit="500")

    assert len(reply.json()["users"]) == 2
    assert links(reply.headers["link"])["next"] == f"{BASE}/users?limit=2&offset=2"


def test_descending_is_ascending_reversed(tiny: "Focus") -> None:
    for field in ("sourcedId", "familyName", "dateLastModified", "role"):
        upwards = tiny.ids("/users", sort=field, limit="500")
        downwards = tiny.ids("/users", sort=field, orderBy="desc", limit="500")
        assert downwards == upwards[::-1]
        assert sorted(upwards) == sorted(tiny.ids("/users", limit="500"))


def test_ids_sort_by_code_point(empty: "Focus") -> None:
    names = ["b", "B", "a-10", "a-9", "ab", "a", "é", "z" * 40]
    for name in names:
        empty.record("orgs", name)

    assert empty.ids("/orgs", sort="sourcedId") == sorted(names)


def test_ids_stay_in_order_whatever_is_written(fresh_tiny: "Focus") -> None:
    focus = fresh_tiny
    before = focus.ids("/users", sort="sourcedId", limit="5000")
    few = focus.ids("/users", filter="familyName<'B'", sort="sourcedId", limit="5000")
    near = before[7]
    added = ["0", "~", "é", near + "-a", near[:-1], near[:8] + "~", "7", "7a", *map(str, range(40))]
    for name in added:
        focus.record("users", name, familyName="Aa")
    focus.delete("users", before[3], gone=True)
    now = sorted({*before, *added} - {before[3]})

    assert focus.ids("/users", sort="sourcedId", limit="5000") == now
    assert focus.ids("/users", sort="sourcedId", orderBy="desc", limit="5000") == now[::-1]
    found = focus.ids("/users", filter="familyName<'B'", sort="sourcedId", limit="5000")
    assert found == sorted({*few, *added} - {before[3]})


def test_dates_sort_by_instant_numbers_by_value_and_the_absent_first(focus: "Focus") -> None:
    for number, (score, comment) in enumerate([(10, "b"), (9, None), (9.5, "a")]):
        extra = {} if comment is None else {"comment": comment}
        focus.record("lineItems", "li-1")
        focus.record("results", f"r-{number}", score=score, **extra)

    assert focus.ids("/results", sort="score") == ["r-1", "r-2", "r-0"]
    assert focus.ids("/results", sort="comment") == ["r-1", "r-2", "r-0"]
    assert focus.ids("/results", sort="lineItem.sourcedId") == ["r-0", "r-1", "r-2"]


def test_unknown_sort_field_is_a_warning_beside_data_in_default_order(focus: "Focus") -> None:
    reply = focus.get("/users", sort="shoeSize")

    assert reply.status == 200
    assert [row["sourcedId"] for row in reply.json()["users"]] == ["u-1", "u-2", "u-3"]
    assert reply.json()["statusInfoSet"] == [
        info("invalid_sort_field", "shoeSize", "getAllUsers", is_warning=True)
    ]


def test_only_the_fields_asked_for_come(focus: "Focus") -> None:
    assert focus.get("/users", fields="sourcedId,email").json()["users"] == [
        {"sourcedId": "u-1", "email": "ana@lake.example"},
        {"sourcedId": "u-2"},
        {"sourcedId": "u-3"},
    ]
    assert focus.get("/users/u-1", fields="email").json() == {"user": {"email": "ana@lake.example"}}


def test_unknown_field_brings_all_fields_and_a_warning(focus: "Focus") -> None:
    whole = focus.get("/users").json()["users"]

    reply = focus.get("/users", fields="sourcedId,nonsense")

    assert (reply.status, reply.json()["users"]) == (200, whole)
    assert reply.json()["statusInfoSet"] == [
        info("invalid_selection_field", "nonsense", "getAllUsers", is_warning=True)
    ]
    single = focus.get("/users/u-1", fields="nonsense")
    assert single.json() == {
        "user": whole[0],
        "statusInfoSet": [info("invalid_selection_field", "nonsense", "getUser", is_warning=True)],
    }


@pytest.mark.parametrize(
    ("path", "operation"), [("/users", "getAllUsers"), ("/users/u-1", "getUser")]
)
def test_blank_selection_is_an_error(focus: "Focus", path: str, operation: str) -> None:
    reply = focus.get(path, fields="")

    assert reply.status == 400
    assert reply.json()["statusInfoSet"] == [
        info("invalid_blank_selection_field", "The fields parameter can not be blank", operation)
    ]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("shoeSize='9'", "invalid_filter_field"),
        ("user.sourcedId='9'", "invalid_filter_field"),
        ("orgs.name='Oak'", "invalid_filter_field"),
    ],
)
def test_unknown_filter_field_is_an_error_that_names_it(
    focus: "Focus", text: str, minor: str
) -> None:
    reply = focus.get("/users", filter=text)

    assert reply.status == 400
    assert reply.json() == {"statusInfoSet": [info(minor, text.split("=")[0], "getAllUsers")]}


def test_expression_that_is_none_is_named_whole(focus: "Focus") -> None:
    reply = focus.get("/users", filter="email is x")
    focus.settings(unparsable_filter="invalid data")
    other = focus.get("/users", filter="email is x")

    assert (reply.status, reply.json()) == (
        400,
        {"statusInfoSet": [info("invalid_filter_field", "email is x", "getAllUsers")]},
    )
    assert other.json()["statusInfoSet"][0]["imsx_codeMinor"] == "invalid data"


def test_three_clauses_are_invalid_data(focus: "Focus") -> None:
    reply = focus.get("/users", filter="role='a' OR role='b' OR role='c'")

    assert reply.status == 400
    assert reply.json()["statusInfoSet"][0]["imsx_codeMinor"] == "invalid data"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("email='ANA@lake.example'", ["u-1"]),
        ("givenName~'N'", ["u-1"]),
        ("familyName='O'Brien'", ["u-2"]),
        ("familyName='O''Brien'", ["u-2"]),
        ("role='student' OR role='teacher'", ["u-1", "u-2", "u-3"]),
        ("role='student' AND familyName='ruiz'", ["u-1"]),
        ("grades='09'", ["u-1"]),
        ("grades='09,10'", ["u-1"]),
        ("grades='09,11'", []),
        ("grades~'11,10'", ["u-1"]),
        ("grades!='09'", ["u-2", "u-3"]),
        ("orgs.sourcedId='s-2'", ["u-3"]),
        ("enabledUser='true'", ["u-1", "u-2", "u-3"]),
        ("enabledUser='False'", []),
        ("status='nope'", []),
        ("dateLastModified>'2026-08-31'", ["u-1", "u-2", "u-3"]),
        ("dateLastModified>='2026-09-02'", []),
        ("dateLastModified<'2026-09-01T08:00:00+02:00'", []),
        ("dateLastModified<'2026-09-01T09:00:00+02:00'", ["u-1", "u-2", "u-3"]),
        ("email!='ana@lake.example'", ["u-2", "u-3"]),
        ("metadata.shoe='9'", []),
    ],
)
def test_filter_selects(focus: "Focus", text: str, expected: list[str]) -> None:
    assert focus.ids("/users", filter=text) == expected


@pytest.mark.parametrize(
    "query",
    [
        "filter=familyName='Ruiz Vega'",
        "filter=familyName%3D%27Ruiz%20Vega%27",
        "filter=familyName%3D'Ruiz+Vega'",
        "filter=familyName+%3D+'Ruiz%20Vega'",
    ],
)
def test_value_may_be_encoded_or_not(focus: "Focus", query: str) -> None:
    focus.record("users", "u-9", familyName="Ruiz Vega")

    reply = focus.call("GET", "/users", query=query)

    assert [row["sourcedId"] for row in reply.json()["users"]] == ["u-9"]


def test_case_may_count(focus: "Focus") -> None:
    focus.settings(filter_case_sensitive=True)

    assert focus.ids("/users", filter="givenName='ana'") == []
    assert focus.ids("/users", filter="givenName='Ana'") == ["u-1"]


def test_total_counts_after_filtering_and_everything_combines(focus: "Focus") -> None:
    reply = focus.get(
        "/users",
        filter="role='student'",
        sort="familyName",
        orderBy="desc",
        fields="familyName",
        limit="1",
        offset="1",
    )

    assert reply.json() == {
        "users": [{"familyName": "O'Brien"}],
        "pagination": {"total": 2, "next": ""},
    }
    assert reply.headers["x-total-count"] == "2"


def test_remembered_answer_of_one_view_is_not_given_to_another(focus: "Focus") -> None:
    asked = {"filter": "status='active'", "sort": "sourcedId"}
    paths = ["/classes/c-1/students", "/classes/c-1/teachers", "/students", "/teachers", "/users"]
    paths += ["/schools/s-1/students", "/schools/s-1/teachers"]
    expected = [["u-1", "u-2"], ["u-3"], ["u-1", "u-2"], ["u-3"], ["u-1", "u-2", "u-3"]]
    expected += [["u-1", "u-2"], ["u-3"]]

    assert [focus.ids(path, **asked) for path in paths] == expected
    focus.record("users", "u-0", orgs=["s-1"])
    assert focus.ids("/students", **asked) == ["u-0", "u-1", "u-2"]
    focus.become(schools=["s-2"])
    assert focus.ids("/users", **asked) == ["u-3"]


def test_nested_reads_take_the_same_parameters(focus: "Focus") -> None:
    path = "/schools/s-1/classes/c-1/students"

    assert focus.ids(path, sort="familyName", limit="1") == ["u-2"]
    assert focus.ids(path, filter="givenName='Bo'") == ["u-2"]
    assert focus.get(path, filter="shoe='1'").status == 400


def test_what_focus_sends_about_pages_can_be_switched_off(focus: "Focus") -> None:
    focus.settings(total_count_header=False, link_header=False, pagination_body=False)

    reply = focus.get("/users")

    assert list(reply.json()) == ["users"]
    assert not {"link", "x-total-count"} & set(reply.headers)


def test_offset_beyond_any_number_is_an_empty_page(focus: "Focus") -> None:
    reply = focus.get("/users", offset="9" * 5000)

    assert (reply.status, reply.json()["users"]) == (200, [])
    assert reply.headers["x-total-count"] == "3"


def test_limit_beyond_any_number_is_refused(focus: "Focus") -> None:
    reply = focus.get("/users", limit="9" * 5000)

    assert reply.status == 400
    assert reply.json()["statusInfoSet"][0]["imsx_description"].startswith(
        "limit must be a positive integer: 9"
    )


def test_head_has_the_headers_of_get(focus: "Focus") -> None:
    for path in ("/users", "/users/u-1"):
        asked = [focus.call(method, path) for method in ("GET", "HEAD")]
        assert asked[0].headers == asked[1].headers
        assert (asked[1].status, asked[1].body) == (200, b"")


def test_urls_behind_a_proxy_are_those_its_caller_wrote(focus: "Focus") -> None:
    proxied = {"x-forwarded-proto": "https", "x-forwarded-host": "focus.lake.example, inner"}
    reply = focus.call("GET", "/courses?limit=1", headers=proxied)

    base = f"https://focus.lake.example{BASE_PATH}"
    assert links(reply.headers["link"])["next"] == f"{base}/courses?limit=1&offset=1"
    assert reply.json()["courses"][0]["org"]["href"] == f"{base}/orgs/s-1"


def test_links_hold_no_credentials(focus: "Focus") -> None:
    reply = focus.call("GET", "/users?access_token=abc&oauth_nonce=n&sort=username&limit=1")

    assert links(reply.headers["link"])["next"] == f"{BASE}/users?sort=username&limit=1&offset=1"


def test_client_limited_to_schools_is_told_of_no_other(focus: "Focus") -> None:
    focus.record("orgs", "d-1", name="Lake", type="district", children=["s-1", "s-2"])
    focus.record("users", "p-1", role="parent", agents=["u-1"])
    focus.record("users", "p-2", role="parent", orgs=["s-2"], agents=["u-1"])
    focus.record("users", "u-1", agents=["p-1", "p-2"])
    focus.become(schools=["s-1"])

    def named(path: str, field: str) -> list[str]:
        (record,) = focus.get(path).json().values()
        return [reference["sourcedId"] for reference in record[field]]

    assert named("/orgs/d-1", "children") == ["s-1"]
    assert named("/users/u-3", "orgs") == ["s-1"]
    assert named("/users/u-1", "agents") == ["p-1"]
    for path in ("/orgs", "/users"):
        body = focus.get(path).body
        assert not any(other in body for other in (b'"s-2"', b'"p-2"'))
