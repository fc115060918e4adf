"""Which exchanges become evidence, and how much of them."""

from typing import Any

from homeroom.certify.certification import BODY_CHARACTERS, EXCERPT, choose, clip

ANA = "a3262af6-fbfb-58ee-957f-6612b52e11c2"


def exchange(
    seq: int, method: str = "GET", path: str = "/api/v1/x", status: int = 200, **more: Any
) -> dict[str, Any]:
    given = {"seq": seq, "method": method, "path": path, "status": status, "query": ""}
    return given | {"request": None, "response": None} | more


def seqs(exchanges: list[dict[str, Any]]) -> list[int]:
    return [each["seq"] for each in exchanges]


def test_writes_that_name_what_failed_come_before_all_else() -> None:
    exchanges = [
        exchange(1, "PUT", f"/results/{ANA}"),
        exchange(2, "PUT", "/results/another-0000"),
        exchange(3, "GET", f"/users/{ANA}"),
        exchange(4, "POST", "/enrollments", request={"user": {"sourcedId": ANA}}),
    ]
    assert seqs(choose(exchanges, f"the result of {ANA} is wrong")) == [1, 4]


def test_reads_that_name_it_are_shown_where_no_write_does() -> None:
    exchanges = [exchange(1, "GET", f"/users/{ANA}"), exchange(2, "PUT", "/results/other-1234")]
    assert seqs(choose(exchanges, ANA)) == [1]


def test_writes_and_refusals_are_shown_where_nothing_names_it() -> None:
    exchanges = [
        exchange(1, "GET", "/orgs", 401),
        exchange(2, "POST", "/v1p1/token"),
        exchange(3, "GET", "/orgs"),
        exchange(4, "POST", "/sis_imports"),
    ]
    assert seqs(choose(exchanges, "the night did not end as it had to")) == [1, 4]


def test_only_the_last_few_are_shown() -> None:
    exchanges = [exchange(number, "PUT") for number in range(100)]
    assert seqs(choose(exchanges, "")) == list(range(100 - EXCERPT, 100))


def test_long_bodies_are_cut_and_say_so() -> None:
    clipped = clip(exchange(1, request={"a": 1}, response="x" * (BODY_CHARACTERS + 5)))
    assert clipped["request"] == '{\n "a": 1\n}'
    assert clipped["response"] == f"{'x' * BODY_CHARACTERS}\n... 5 more characters"
