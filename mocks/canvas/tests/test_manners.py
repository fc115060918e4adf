"""API manners: ids, pagination, tokens, refusals, throttling. Source: canvas-rest-api.md 1 to 3."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from homeroom.mocks.canvas.params import parse_nested, to_flag
from homeroom.mocks.canvas.tests.driver import ACCOUNT, IMPORTS, Canvas, escaped
from homeroom.mocks.canvas.tokens import ALL_RIGHTS, Principal, Token
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.faults.acts import ACTS
from homeroom.mocks.harness.faults.rule import parse_rule

NOT_FOUND = {"errors": [{"message": "The specified resource does not exist."}]}
BEARER = 'Bearer realm="canvas-lms"'
FORBIDDEN = {
    "status": "unauthorized",
    "errors": [{"message": "user not authorized to perform that action"}],
}


# -- ids, 1.1 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        "{id}", " {id} ", "sis_user_id:U1", "sis_login_id:ANA", "sis_integration_id:I1",
        "hex:sis_user_id:5531",
    ],
)  # fmt: skip
def test_user_forms(district: Canvas, form: str) -> None:
    district.load("user_id,login_id,status,integration_id\nU1,ana,active,I1\n")
    number = district.user("U1").id
    path = f"/api/v1/users/{escaped(form.format(id=number))}"
    assert district.get(path)["id"] == number


@pytest.mark.parametrize(
    "form",
    [
        "a1", "sis_nonexistent:1", "id:1", "1 2", "sis_user_id:", "sis_user_id:none",
        "sis_user_id:u1", "hex:sis_user_id:553", "hex:sis_user_id:zz", "hex:sis_user_id:ff",
        "99999", "99999999999999999999999", "-1", "0",
    ],
)  # fmt: skip
def test_forms_that_find_nobody(district: Canvas, form: str) -> None:
    reply = district.call("GET", f"/api/v1/users/{escaped(form)}")
    assert (reply.status, reply.json()) == (404, NOT_FOUND)


def test_ids_with_slashes_dots_and_accents(canvas: Canvas) -> None:
    sis_id = "CS/101.11é"
    canvas.load(f"course_id,short_name,long_name,status\n{sis_id},a,b,active\n")
    shown = canvas.get(f"/api/v1/courses/sis_course_id:{quote(sis_id, safe='')}")
    assert shown["sis_course_id"] == sis_id
    digits = sis_id.encode().hex()
    assert canvas.get(f"/api/v1/courses/hex:sis_course_id:{digits}")["id"] == shown["id"]


def test_user_with_a_deleted_login_is_found_by_number_alone(district: Canvas) -> None:
    number = district.user("U1").id
    district.load("user_id,login_id,status\nU1,ana,deleted\n")
    for form in ("sis_user_id:U1", "sis_login_id:ana"):
        assert district.call("GET", f"/api/v1/users/{form}").status == 404
    assert district.get(f"/api/v1/users/{number}")["id"] == number


def test_self_is_the_owner_of_the_token(district: Canvas) -> None:
    token = district.world.add_token_for(district.user("U1").id)
    reply = district.call("GET", "/api/v1/users/self", token=token)
    assert reply.json()["name"] == "Ana Ruiz"


def test_current_term_is_the_only_one_that_holds_now(district: Canvas) -> None:
    assert district.get(f"{ACCOUNT}/terms/current")["sis_term_id"] == "T1"
    district.load("term_id,name,status,start_date\nT2,x,active,2026-08-01\n")
    assert district.call("GET", f"{ACCOUNT}/terms/current").status == 404
    assert district.get(f"{ACCOUNT}/terms/default")["name"] == "Default Term"


def test_sis_columns_go_by_right(district: Canvas) -> None:
    path = "/api/v1/accounts/sis_account_id:A1"
    whole = district.get(path)
    assert (whole["sis_account_id"], whole["sis_import_id"]) == ("A1", 1)
    reader = district.call("GET", path, token=with_rights(district, "read_sis")).json()
    assert "sis_import_id" not in reader
    assert reader["sis_account_id"] == "A1"
    other = district.call("GET", path, token=with_rights(district, "read_course_list")).json()
    assert "sis_account_id" not in other


def test_root_account_has_no_sis_keys(canvas: Canvas) -> None:
    shown = canvas.get(ACCOUNT)
    assert {"sis_account_id", "integration_id", "sis_import_id"} & shown.keys() == set()
    assert (shown["parent_account_id"], shown["root_account_id"]) == (None, None)


def test_string_ids_on_request(district: Canvas) -> None:
    reply = district.call(
        "GET", "/api/v1/accounts/sis_account_id:A1",
        headers={"Accept": "application/json+canvas-string-ids"},
    )  # fmt: skip
    shown = reply.json()
    assert (shown["id"], shown["parent_account_id"], shown["name"]) == ("2", "1", "North")


def test_unknown_paths_and_verbs_are_not_found(canvas: Canvas) -> None:
    for method, path in (("GET", "/api/v1/nonsense"), ("PATCH", ACCOUNT), ("GET", "/")):
        reply = canvas.call(method, path)
        assert (reply.status, reply.json()) == (404, NOT_FOUND)


# -- pagination, 1.2 ---------------------------------------------------------------------------


@pytest.fixture
def crowd(canvas: Canvas) -> Canvas:
    """A Canvas with 25 sub-accounts."""
    rows = "".join(f"A{n:02d},,Name {n:02d},active\n" for n in range(25))
    canvas.load("account_id,parent_account_id,name,status\n" + rows)
    return canvas


SUBS = f"{ACCOUNT}/sub_accounts"


def links(reply: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in reply.headers["link"].split(","):
        url, rel = part.split("; rel=")
        found[rel.strip('"')] = url.strip("<>").removeprefix("http://sis.test")
    return found


def test_ten_a_page_by_default_with_all_links_in_order(crowd: Canvas) -> None:
    first = crowd.call("GET", SUBS)
    assert len(first.json()) == 10
    assert first.headers["link"] == ",".join(
        f'<http://sis.test{SUBS}?page={page}&per_page=10>; rel="{rel}"'
        for rel, page in (("current", 1), ("next", 2), ("first", 1), ("last", 3))
    )
    middle = links(crowd.call("GET", f"{SUBS}?page=2"))
    assert list(middle) == ["current", "next", "prev", "first", "last"]
    last = links(crowd.call("GET", f"{SUBS}?page=3"))
    assert list(last) == ["current", "prev", "first", "last"]


def test_links_keep_other_parameters_and_drop_tokens(crowd: Canvas) -> None:
    reply = crowd.fake.call(
        "GET", f"{SUBS}?recursive=1&access_token={crowd.token}&per_page=5&page=1&x[]=a%20b"
    )
    assert links(reply)["next"] == f"{SUBS}?recursive=1&x%5B%5D=a+b&page=2&per_page=5"


def test_links_begin_with_the_callers_own_host(crowd: Canvas) -> None:
    reply = crowd.call("GET", SUBS, headers={"Host": "canvas.local:8443"})
    assert reply.headers["link"].startswith(f"<http://canvas.local:8443{SUBS}?page=1")


@pytest.mark.parametrize(
    ("asked", "count"), [("0", 1), ("-3", 1), ("abc", 1), ("100000", 25), ("", 10), ("7", 7)]
)
def test_per_page_bounds(crowd: Canvas, asked: str, count: int) -> None:
    assert len(crowd.get(SUBS, per_page=asked)) == count


def test_per_page_maximum_is_a_setting(crowd: Canvas) -> None:
    crowd.world.settings.patch({"per_page_max": 20})
    assert len(crowd.get(SUBS, per_page=100)) == 20


def test_page_beyond_the_end_is_empty(crowd: Canvas) -> None:
    assert crowd.get(SUBS, page=99) == []


@pytest.mark.parametrize("page", ["x", "0", "-1", "1.5"])
def test_garbage_page_is_not_found(crowd: Canvas, page: str) -> None:
    assert crowd.call("GET", f"{SUBS}?page={page}").status == 404


@pytest.mark.parametrize(("imports", "told"), [(3, ["2", "2"]), (4, [None, "2"])])
def test_uncounted_list_tells_last_on_its_last_page_and_before_a_short_one(
    canvas: Canvas, imports: int, told: list[str | None]
) -> None:
    for _ in range(imports):
        canvas.load("user_id,login_id,status\n")
    last = [
        links(canvas.call("GET", f"{IMPORTS}?per_page=2&page={page}")).get("last")
        for page in (1, 2)
    ]
    assert last == [None if page is None else f"{IMPORTS}?page={page}&per_page=2" for page in told]


def test_links_too_long_together_are_dropped_by_rank(crowd: Canvas) -> None:
    found = links(crowd.call("GET", f"{SUBS}?page=2&x={'y' * 1900}"))
    assert sorted(found) == ["last", "next", "prev"]


# -- tokens and refusals, 2 --------------------------------------------------------------------


def with_rights(canvas: Canvas, *rights: str) -> str:
    user = canvas.world.add_admin_user("Some Admin")
    return canvas.world.add_token(Principal("some", user.id, frozenset(rights)))


def test_no_credentials(canvas: Canvas) -> None:
    reply = canvas.fake.call("GET", ACCOUNT)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, BEARER)
    assert reply.json() == {
        "status": "unauthenticated",
        "errors": [{"message": "user authorization required"}],
    }


def test_unknown_token(canvas: Canvas) -> None:
    reply = canvas.call("GET", ACCOUNT, token="nonsense")
    assert (reply.status, reply.headers["www-authenticate"]) == (401, BEARER)
    assert reply.json() == {"errors": [{"message": "Invalid access token."}]}


def test_token_in_the_query(canvas: Canvas) -> None:
    assert canvas.fake.call("GET", f"{ACCOUNT}?access_token={canvas.token}").status == 200


def test_parameters_and_token_in_a_form(district: Canvas) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"access_token={district.token}&per_page=1".encode()
    reply = district.fake.call("GET", "/api/v1/accounts/1/users", headers=form, body=body)
    assert (reply.status, len(reply.json())) == (200, 1)
    path = "/api/v1/accounts/sis_account_id:A1"
    body = f"access_token={district.token}&account[name]=Nord".encode()
    reply = district.fake.call("PUT", path, headers=form, body=body)
    assert (reply.status, reply.json()["name"]) == (200, "Nord")
    reply = district.fake.call("PUT", path, headers=form, body=b"access_token=nonsense")
    assert reply.json() == {"errors": [{"message": "Invalid access token."}]}


def test_expired_and_revoked_tokens(canvas: Canvas) -> None:
    admin = Principal("old", None, ALL_RIGHTS)
    at = canvas.world.now() + timedelta(hours=1)
    canvas.world.tokens["old"] = Token(admin, expires_at=at)
    canvas.world.tokens["gone"] = Token(admin, revoked=True)
    assert canvas.call("GET", ACCOUNT, token="old").status == 200
    canvas.advance(3600)
    reply = canvas.call("GET", ACCOUNT, token="old")
    assert reply.json() == {
        "errors": [{"message": "Expired access token.", "expired_at": "2026-09-01T07:00:00Z"}]
    }
    reply = canvas.call("GET", ACCOUNT, token="gone")
    assert (reply.status, reply.json()) == (401, {"errors": [{"message": "Revoked access token."}]})


def test_missing_right_is_forbidden_without_a_challenge(canvas: Canvas) -> None:
    reply = canvas.call("PUT", ACCOUNT, token=with_rights(canvas, "read_sis"), json={})
    assert (reply.status, reply.json()) == (403, FORBIDDEN)
    assert "www-authenticate" not in reply.headers


def test_admins_with_a_right_to_sis_data_or_grades_find_their_way_to_it(district: Canvas) -> None:
    course = "/api/v1/courses/sis_course_id:C1"
    shown = district.call("GET", course, token=with_rights(district, "read_sis")).json()
    assert (shown["sis_course_id"], "sis_import_id" in shown) == ("C1", False)
    shown = district.call("GET", course, token=with_rights(district, "view_all_grades")).json()
    assert (shown["name"], "sis_course_id" in shown) == ("Algebra", False)
    assert district.call("GET", course, token=with_rights(district)).status == 403


def test_permissions_of_the_caller(district: Canvas) -> None:
    names = {"permissions[]": ["import_sis", "read_sis", "manage_courses_add", "send_messages"]}
    everything = dict.fromkeys(names["permissions[]"], True)
    assert district.get(f"{ACCOUNT}/permissions", **names) == everything
    few = with_rights(district, "import_sis", "read_course_list")
    query = urlencode(names, doseq=True)
    reply = district.call("GET", f"{ACCOUNT}/permissions?{query}", token=few)
    assert reply.json() == dict.fromkeys(everything, False) | {"import_sis": True}
    course = "/api/v1/courses/sis_course_id:C1/permissions"
    assert district.call("GET", f"{course}?{query}", token=few).json() == reply.json()
    every_name = district.get(f"{ACCOUNT}/permissions")
    assert set(every_name.values()) == {True}
    assert every_name.keys() > everything.keys()


def test_acting_as_another_needs_the_right(district: Canvas) -> None:
    path = "/api/v1/users/self?as_user_id=sis_user_id:U1"
    assert district.call("GET", path).json()["name"] == "Ana Ruiz"
    reply = district.call("GET", path, token=with_rights(district, "read_sis"))
    assert (reply.status, reply.json()) == (401, {"errors": "Invalid as_user_id"})
    assert district.call("GET", "/api/v1/users/self?as_user_id=nobody").status == 401


def test_broken_json_is_refused(canvas: Canvas) -> None:
    reply = canvas.call("PUT", ACCOUNT, body=b'{"a":', headers={"Content-Type": "application/json"})
    assert reply.status == 400
    assert "errors" in reply.json()


# -- throttling, 1.3 ---------------------------------------------------------------------------


def test_every_answer_to_a_token_tells_cost_and_rest(canvas: Canvas) -> None:
    for path in (ACCOUNT, "/api/v1/users/none"):
        reply = canvas.call("GET", path)
        assert float(reply.headers["x-request-cost"]) > 0
        assert 590 < float(reply.headers["x-rate-limit-remaining"]) <= 600


def test_sequential_client_is_never_throttled(canvas: Canvas) -> None:
    assert {canvas.call("GET", ACCOUNT).status for _ in range(200)} == {200}


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("403", b"403 Forbidden (Rate Limit Exceeded)\n"),
        ("429", b"429 Too Many Requests (Rate Limit Exceeded)\n"),
    ],
)
def test_full_bucket_is_refused_in_plain_text(canvas: Canvas, dialect: str, body: bytes) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.settings.patch({"throttling": dialect, "request_cost": 300.0})
    assert [canvas.call("GET", ACCOUNT).status for _ in range(2)] == [200, 200]
    reply = canvas.call("GET", ACCOUNT)
    assert (reply.status, reply.body) == (int(dialect), body)
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert float(reply.headers["x-rate-limit-remaining"]) <= 0
    assert "x-request-cost" not in reply.headers
    assert "retry-after" not in reply.headers
    canvas.advance(10)
    assert canvas.call("GET", ACCOUNT).status == 200


def test_bucket_is_the_tokens_own(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.settings.patch({"request_cost": 700.0})
    canvas.call("GET", ACCOUNT)
    assert canvas.call("GET", ACCOUNT).status == 403
    assert canvas.call("GET", ACCOUNT, token=with_rights(canvas, "read_sis")).status == 200


def test_throttling_can_be_off(canvas: Canvas) -> None:
    canvas.world.settings.patch({"throttling": "off", "request_cost": 700.0})
    replies = [canvas.call("GET", ACCOUNT) for _ in range(3)]
    assert {reply.status for reply in replies} == {200}
    assert "x-rate-limit-remaining" not in replies[0].headers


# -- parameters, 1 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a[b]", "1"), ("a[c][d]", "2")], {"a": {"b": "1", "c": {"d": "2"}}}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[b][]", "1")], {"a": {"b": ["1"]}}),
        (
            [("a[][x]", "1"), ("a[][y]", "2"), ("a[][x]", "3")],
            {"a": [{"x": "1", "y": "2"}, {"x": "3"}]},
        ),
        ([("[a]", "1"), ("", "2")], {}),
    ],
)
def test_names_nest_by_brackets(pairs: list[tuple[str, str]], expected: dict[str, Any]) -> None:
    assert parse_nested(pairs) == expected


def test_a_word_that_is_no_boolean_is_none() -> None:
    assert [to_flag(text) for text in ("t", "YES", "1", "off", "n", "maybe", "", None)] == [
        True, True, True, False, False, None, None, None,
    ]  # fmt: skip


# -- faults asked for by the control plane ------------------------------------------------------


def fault(canvas: Canvas, kind: str, **parameters: Any) -> None:
    rule = {"id": "f", "when": {"fake": "canvas"}, "act": {"kind": kind, **parameters}, "times": 1}
    canvas.space.faults.add(parse_rule(rule, default_id="f", operations={"canvas": ()}, acts=ACTS))


def test_request_refused_by_a_throttle_fault_costs_nothing(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.settings.patch({"request_cost": 0.0})
    fault(canvas, "throttle", dialect="")
    assert canvas.call("GET", ACCOUNT).status == 403
    assert canvas.call("GET", ACCOUNT).headers["x-rate-limit-remaining"] == "600.0"


@pytest.mark.parametrize(("dialect", "status"), [("", 403), ("403", 403), ("429", 429)])
def test_throttle_fault_speaks_canvas(canvas: Canvas, dialect: str, status: int) -> None:
    fault(canvas, "throttle", dialect=dialect)
    reply = canvas.call("GET", ACCOUNT)
    assert reply.status == status
    assert b"(Rate Limit Exceeded)" in reply.body
    assert "x-request-cost" not in reply.headers
    assert canvas.call("GET", ACCOUNT).status == 200


def test_revoked_token_stays_revoked(canvas: Canvas) -> None:
    fault(canvas, "revoke_token")
    for _ in range(2):
        reply = canvas.call("GET", ACCOUNT)
        assert (reply.status, reply.json()["errors"][0]["message"]) == (
            401, "Revoked access token.",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "parameters", "page", "expected"),
    [
        ("repeat_page", {"pages": 1}, 3, range(10, 20)),
        ("shift_rows", {"by": 1}, 2, range(11, 21)),
        ("shift_rows", {"by": -1}, 2, range(9, 19)),
        ("shift_rows", {"by": 2}, 3, range(22, 25)),
        ("duplicate_rows", {"count": 2}, 2, range(8, 20)),
    ],
)
def test_numbered_pages_hold_the_wrong_rows(
    crowd: Canvas, kind: str, parameters: dict[str, int], page: int, expected: range
) -> None:
    fault(crowd, kind, **parameters)
    reply = crowd.call("GET", f"{SUBS}?page={page}")
    assert [one["name"] for one in reply.json()] == [f"Name {n:02d}" for n in expected]
    assert links(reply)["current"].endswith(f"page={page}&per_page=10")


def test_pages_by_bookmark_come_again_but_do_not_shift(district: Canvas) -> None:
    path = "/api/v1/courses/sis_course_id:C1/enrollments?per_page=1"
    first = district.call("GET", path)
    second = links(first)["next"]
    whole = district.call("GET", second).json()
    fault(district, "shift_rows", by=1)
    assert district.call("GET", second).json() == whole
    district.space.faults.clear()
    fault(district, "repeat_page", pages=1)
    assert district.call("GET", second).json() == first.json() != whole


def test_stuck_import_stays_importing_until_it_is_aborted(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    fault(canvas, "stuck_import")
    canvas.send("user_id,login_id,status\nU1,ana,active\n")
    canvas.advance(3600)
    assert canvas.shown(1)["workflow_state"] == "importing"
    canvas.put(f"{IMPORTS}/1/abort")
    canvas.advance(1)
    ended = canvas.load("user_id,login_id,status\nU1,ana,active\n")
    assert ended["workflow_state"] == "imported"


def test_aborted_import_stops_half_way(canvas: Canvas) -> None:
    fault(canvas, "abort_import")
    ended = canvas.load(
        "user_id,login_id,status\n" + "".join(f"U{n},l{n},active\n" for n in range(400))
    )
    assert ended["workflow_state"] == "aborted"
    assert 0 < len(canvas.world.store.pseudonyms) < 400


@pytest.mark.parametrize(("rows", "applied"), [(0, 0), (1, 0), (3, 1), (40, 20)])
def test_small_imports_are_aborted_half_way_too(canvas: Canvas, rows: int, applied: int) -> None:
    fault(canvas, "abort_import")
    lines = "".join(f"U{n},l{n},active\n" for n in range(rows))
    ended = canvas.load(f"user_id,login_id,status\n{lines}")
    assert (ended["workflow_state"], len(canvas.world.store.pseudonyms)) == ("aborted", applied)


def test_seats_come_back_from_a_snapshot_each_with_its_own_list(district: Canvas) -> None:
    canvas, fake = district, district.fake.fake
    canvas.load("user_id,login_id,status\nU3,cyd,active\nU4,dee,active\n")
    district_of_space = canvas.space.district
    assert district_of_space is not None
    world = fake.restore_world(canvas.space, district_of_space, fake.dump_world(canvas.world))
    assert isinstance(world, CanvasWorld)
    canvas.world = canvas.space.worlds["canvas"] = world
    canvas.load("section_id,user_id,role,status\nS1,U3,student,active\nS2,U4,student,active\n")
    assert canvas.seats("U3") == [("S1", "StudentEnrollment", "active")]
    assert canvas.seats("U4") == [("S2", "StudentEnrollment", "active")]
    assert canvas.seats("U1") == [("S1", "StudentEnrollment", "active")]
