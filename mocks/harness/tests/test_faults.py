"""Each fault is seen from a client's side; a rule with a mistake in it is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.mocks.harness.faults import ACTS, FaultRuleError, parse_rule, to_document
from homeroom.mocks.harness.testing import OpenFake

KEY = {"authorization": "key"}
OPERATIONS = {"small": ["getUser", "getAllRows", "putUser"]}


def add(vendor: OpenFake, act: dict[str, Any], *, times: Any = None, **when: Any) -> None:
    rule = {"when": when, "act": act, "times": times}
    book = vendor.space.faults
    book.add(parse_rule(rule, default_id=book.next_id(), operations=OPERATIONS, acts=ACTS))


def rows(vendor: OpenFake, offset: int = 0) -> list[int]:
    page: list[int] = vendor.call("GET", f"/api/v1/rows?offset={offset}", headers=KEY).json()[
        "rows"
    ]
    return page


def test_a_status_comes_in_the_vendors_shape_once(vendor: OpenFake) -> None:
    add(vendor, {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}}, times=1)
    struck = vendor.call("GET", "/api/v1/rows", headers=KEY)
    assert (struck.status, struck.headers["retry-after"], struck.json()["why"]) == (
        503,
        "1",
        "fault",
    )
    assert vendor.call("GET", "/api/v1/rows", headers=KEY).status == 200


def test_nth_and_every_count_only_what_else_matches(vendor: OpenFake) -> None:
    add(vendor, {"kind": "empty_page"}, operation="getAllRows", nth=2)
    vendor.call("GET", "/api/v1/users/everybody")
    assert [rows(vendor), rows(vendor), rows(vendor)] == [[0, 1, 2, 3], [], [0, 1, 2, 3]]
    vendor.space.faults.clear()
    add(vendor, {"kind": "empty_page"}, every=2)
    assert [bool(rows(vendor)) for _ in range(4)] == [True, False, True, False]


def test_a_window_of_the_spaces_clock(vendor: OpenFake) -> None:
    add(
        vendor,
        {"kind": "empty_page"},
        **{"from": "2026-09-01T07:00:00Z", "to": "2026-09-01T08:00:00Z"},
    )
    seen: list[bool] = []
    for hour in (6, 7, 8):
        vendor.space.clock.set(datetime(2026, 9, 1, hour, tzinfo=UTC), frozen=True)
        seen.append(bool(rows(vendor)))
    assert seen == [True, False, True]


def test_a_probability_is_the_same_for_the_same_seed(vendor: OpenFake) -> None:
    seen: list[list[bool]] = []
    for _ in range(2):
        vendor.space.faults.clear()
        add(vendor, {"kind": "empty_page"}, probability=0.5, seed=7)
        seen.append([bool(rows(vendor)) for _ in range(20)])
    assert seen[0] == seen[1]
    assert set(seen[0]) == {True, False}


def test_a_credential_is_struck_and_another_is_not(vendor: OpenFake) -> None:
    add(vendor, {"kind": "empty_page"}, client="somebody-else")
    assert rows(vendor)
    add(vendor, {"kind": "empty_page"}, client="key-holder")
    assert not rows(vendor)


@pytest.mark.parametrize(
    ("act", "offset", "expected"),
    [
        ({"kind": "repeat_page"}, 4, [0, 1, 2, 3]),
        ({"kind": "shift_rows", "by": 1}, 4, [5, 6, 7, 8]),
        ({"kind": "shift_rows", "by": -1}, 4, [3, 4, 5, 6]),
        ({"kind": "duplicate_rows", "count": 2}, 4, [2, 3, 4, 5, 6, 7]),
        ({"kind": "duplicate_rows", "count": 1}, 0, [0, 0, 1, 2, 3]),
        ({"kind": "empty_page"}, 4, []),
    ],
)
def test_a_page_holds_the_wrong_rows(
    vendor: OpenFake, act: dict[str, Any], offset: int, expected: list[int]
) -> None:
    add(vendor, act)
    assert rows(vendor, offset) == expected


def test_a_repeated_page_keeps_the_links_of_the_page_that_was_asked_for(vendor: OpenFake) -> None:
    add(vendor, {"kind": "repeat_page"})
    reply = vendor.call("GET", "/api/v1/rows?offset=4", headers=KEY)
    assert reply.headers["link"] == '<http://sis.test/api/v1/rows?limit=4&offset=8>; rel="next"'


def test_rows_out_of_order_are_the_same_rows(vendor: OpenFake) -> None:
    add(vendor, {"kind": "unsorted"})
    shuffled = vendor.call("GET", "/api/v1/rows?limit=10", headers=KEY).json()["rows"]
    assert shuffled != sorted(shuffled)
    assert sorted(shuffled) == list(range(10))


def test_the_next_link_never_ends(vendor: OpenFake) -> None:
    add(vendor, {"kind": "endless_next"})
    reply = vendor.call("GET", "/api/v1/rows?offset=8", headers=KEY)
    own = "http://sis.test/api/v1/rows?offset=8"
    assert (reply.headers["link"], reply.json()["pagination"]["next"]) == (
        f'<{own}>; rel="next"',
        own,
    )


def test_the_total_drifts_in_header_and_body(vendor: OpenFake) -> None:
    add(vendor, {"kind": "drift_total", "by": -3})
    reply = vendor.call("GET", "/api/v1/rows", headers=KEY)
    assert (reply.headers["x-total-count"], reply.json()["pagination"]["total"]) == ("7", 7)


def test_the_envelopes_key_is_missing(vendor: OpenFake) -> None:
    add(vendor, {"kind": "missing_key"})
    assert "rows" not in vendor.call("GET", "/api/v1/rows", headers=KEY).json()


def test_a_revoked_token_fails_this_request_and_the_next(vendor: OpenFake) -> None:
    add(vendor, {"kind": "revoke_token"}, times=1)
    assert [vendor.call("GET", "/api/v1/rows", headers=KEY).status for _ in range(2)] == [401, 401]


def test_throttling_is_the_vendors_own(vendor: OpenFake) -> None:
    add(vendor, {"kind": "throttle"})
    reply = vendor.call("GET", "/api/v1/rows", headers=KEY)
    assert (reply.status, reply.json()["why"]) == (429, "throttle")


def test_a_wrong_content_type_on_the_right_body(vendor: OpenFake) -> None:
    add(vendor, {"kind": "content_type", "value": "text/html"})
    reply = vendor.call("GET", "/api/v1/rows", headers=KEY)
    assert (reply.headers["content-type"], reply.json()["rows"]) == ("text/html", [0, 1, 2, 3])


def test_a_dripping_answer_is_whole_in_the_end(vendor: OpenFake) -> None:
    add(vendor, {"kind": "drip", "bytes": 10, "every_s": 0.0})
    assert vendor.call("GET", "/api/v1/rows", headers=KEY).json()["rows"] == [0, 1, 2, 3]


def test_a_truncated_body_is_shorter_than_promised(vendor: OpenFake) -> None:
    add(vendor, {"kind": "truncate", "share": 0.5})
    reply = vendor.call("GET", "/api/v1/rows", headers=KEY)
    assert len(reply.body) == int(reply.headers["content-length"]) // 2


@pytest.mark.parametrize(("kind", "reached"), [("reset_before", False), ("reset_after", True)])
def test_a_reset_comes_before_or_after_the_handler(
    vendor: OpenFake, monkeypatch: pytest.MonkeyPatch, kind: str, reached: bool
) -> None:
    calls: list[str] = []
    operation = vendor.contract.operations["putUser"]

    async def put_user(id_: str, body: Any) -> tuple[None, int]:
        calls.append(f"{id_} {body['id']}")
        return None, 201

    monkeypatch.setitem(operation.__dict__, "handler", put_user)
    add(vendor, {"kind": kind})
    with pytest.raises(ConnectionResetError):
        vendor.call("PUT", "/api/v1/users/a", headers=KEY, json={"id": "a"})
    assert calls == (["a a"] if reached else [])


def test_a_hit_is_counted_and_stands_in_the_journal(vendor: OpenFake) -> None:
    add(vendor, {"kind": "empty_page"})
    rows(vendor)
    assert [rule.hits for rule in vendor.space.faults] == [1]
    assert [exchange.faults for exchange in vendor.space.journal] == [("fault-1",)]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"act": {"kind": "statis"}}, "act.kind: 'statis' is unknown; nearest: status"),
        ({"act": {"kind": "status", "statos": 1}}, "'statos' is unknown; nearest: status"),
        ({"act": {"kind": "status", "status": "503"}}, "act.status: '503' has the wrong type"),
        ({"when": {"operation": "getAllRow"}, "act": {"kind": "delay"}}, "nearest: getAllRows"),
        ({"when": {"fake": "smal"}, "act": {"kind": "delay"}}, "nearest: small"),
        ({"when": {"nth": 0}, "act": {"kind": "delay"}}, "when.nth: 0 is not above zero"),
        ({"when": {"nht": 1}, "act": {"kind": "delay"}}, "'nht' is unknown; nearest: nth"),
        ({"when": {"probability": 2}, "act": {"kind": "delay"}}, "when.probability: 2"),
        ({"when": {"from": "soon"}, "act": {"kind": "delay"}}, "when.from: 'soon'"),
        ({"when": [], "act": {"kind": "delay"}}, "when: [] is no object"),
        ({"act": {"kind": "delay"}, "times": 0}, "times: 0"),
        ({"act": {"kind": "delay"}, "hits": "x"}, "hits: 'x' is no count"),
        ({"act": {"kind": "delay"}, "hits": -1}, "hits: -1 is no count"),
        ({"act": {"kind": "delay"}, "id": ""}, "id: '' is no name"),
        ({}, "act: None is no object"),
        ({"act": {"kind": "status", "status": 99}}, "act.status: 99 is not between 200 and 599"),
        ({"act": {"kind": "status", "status": 503.5}}, "act.status: 503.5 has the wrong type"),
        ({"act": {"kind": "status", "headers": {"a b": "c"}}}, "act.headers: {'a b': 'c'} holds"),
        ({"act": {"kind": "status", "headers": {"A": 5}}}, "headers are strings"),
        ({"act": {"kind": "status", "headers": {"A": "b\r\nC: d"}}}, "cannot stand in a header"),
        ({"act": {"kind": "content_type", "value": "a\nb"}}, "cannot stand in a header"),
        ({"act": {"kind": "delay", "seconds": -1}}, "act.seconds: -1 is not between 0 and 3600"),
        ({"act": {"kind": "drip", "bytes": 0}}, "act.bytes: 0 is not between 1 and"),
        ({"act": {"kind": "truncate", "share": 2}}, "act.share: 2 is not between 0 and 1"),
        ({"act": {"kind": "repeat_page", "pages": 0}}, "act.pages: 0 is not between 1 and"),
        ({"act": {"kind": "duplicate_rows", "count": -1}}, "act.count: -1 is not between 1 and"),
        ({"act": {"kind": "drift_total", "by": 0.5}}, "act.by: 0.5 has the wrong type"),
        ({"id": 5, "act": {"kind": "delay"}}, "id: 5 is no string"),
        (
            {
                "when": {"from": "2026-09-02T00:00:00Z", "to": "2026-09-01T00:00:00Z"},
                "act": {"kind": "delay"},
            },
            "when.to: '2026-09-01T00:00:00Z' is not after when.from",
        ),
    ],
)
def test_a_rule_with_a_mistake_is_refused_with_the_nearest_names(
    rule: dict[str, Any], message: str
) -> None:
    with pytest.raises(FaultRuleError) as caught:
        parse_rule(rule, default_id="f", operations=OPERATIONS, acts=ACTS)
    assert message in str(caught.value)


def test_a_rule_is_shown_with_every_field_given() -> None:
    rule = {"id": "r", "when": {"nth": 3}, "act": {"kind": "truncate"}, "times": 1}
    assert to_document(parse_rule(rule, default_id="f", operations=OPERATIONS, acts=ACTS)) == {
        "id": "r",
        "when": {
            "fake": None, "operation": None, "path": None, "nth": 3, "every": None, "from": None,
            "to": None, "probability": 1.0, "seed": 1, "client": None,
        },
        "act": {"kind": "truncate", "share": 0.5},
        "times": 1,
        "hits": 0,
    }  # fmt: skip
