"""Paging against a scripted provider: every way a page can lie."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from homeroom.reference.errors import FatalError
from homeroom.reference.oneroster.client import OneRosterClient
from homeroom.reference.oneroster.records import Org
from homeroom.reference.transport import NoAuth, Response, Transport

Answer = Callable[[int, int, int], Response]


class ScriptedTransport(Transport):
    """Answers reads from a function of (offset, limit, how many reads before)."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("http://sis.test/v1p1", NoAuth())
        self._answer = answer
        self.offsets: list[int] = []

    def request(self, method: str, url: str, **more: Any) -> Response:
        """Answer the next scripted page."""
        assert method == "GET"
        params = more.get("params") or dict(
            part.split("=") for part in url.partition("?")[2].split("&")
        )
        offset = int(params.get("offset", 0))
        response = self._answer(offset, int(params["limit"]), len(self.offsets))
        self.offsets.append(offset)
        return response


def page(ids: list[str], *, total: int | None = None, next_: str | None = None) -> Response:
    """Make a page of orgs."""
    headers = {} if total is None else {"X-Total-Count": str(total)}
    if next_ is not None:
        headers["Link"] = f'<{next_}>; rel="next"'
    body = {"orgs": [{"sourcedId": id_, "name": id_, "type": "school"} for id_ in ids]}
    return Response(200, headers=headers, content=json.dumps(body).encode())


ROWS = [f"org-{number:02}" for number in range(7)]


def read(answer: Answer, limit: int = 3) -> tuple[list[str], list[int]]:
    """Read all orgs; their ids and the offsets asked for."""
    transport = ScriptedTransport(answer)
    records = OneRosterClient(transport, page_size=limit).get_all("orgs", "orgs", Org)
    return [record.sourced_id for record in records], transport.offsets


def test_total_ends_the_reading() -> None:
    ids, offsets = read(lambda at, limit, _: page(ROWS[at : at + limit], total=7))
    assert (ids, offsets) == (ROWS, [0, 3, 6])


def test_without_a_total_an_empty_page_confirms_the_end() -> None:
    ids, offsets = read(lambda at, limit, _: page(ROWS[at : at + limit]))
    assert (ids, offsets) == (ROWS, [0, 3, 6, 7])


def test_a_provider_that_caps_the_limit_loses_no_rows() -> None:
    ids, offsets = read(lambda at, _, __: page(ROWS[at : at + 2], total=7), limit=500)
    assert (ids, offsets) == (ROWS, [0, 2, 4, 6])


def test_next_links_are_followed_as_given() -> None:
    def answer(at: int, limit: int, _: int) -> Response:
        url = f"http://sis.test/v1p1/orgs?limit={limit}&offset={at + limit}"
        return page(ROWS[at : at + limit], next_=url if at + limit < 7 else None)

    assert read(answer)[0] == ROWS


def test_a_next_link_to_the_same_page_is_left_for_arithmetic() -> None:
    def answer(at: int, limit: int, _: int) -> Response:
        url = f"http://sis.test/v1p1/orgs?limit={limit}&offset={at}"
        return page(ROWS[at : at + limit], total=7, next_=url)

    assert read(answer) == (ROWS, [0, 3, 6])


def test_a_next_link_to_another_host_is_not_followed() -> None:
    def answer(at: int, limit: int, _: int) -> Response:
        url = f"http://elsewhere.test/orgs?limit={limit}&offset={at + limit}"
        return page(ROWS[at : at + limit], total=7, next_=url)

    assert read(answer)[0] == ROWS


def test_focus_pagination_with_an_empty_next_ends_after_a_confirming_page() -> None:
    def answer(at: int, limit: int, _: int) -> Response:
        more = at + limit < 7
        body = json.loads(page(ROWS[at : at + limit]).content)
        body["pagination"] = {"next": f"orgs?limit={limit}&offset={at + limit}" if more else ""}
        return Response(200, content=json.dumps(body).encode())

    assert read(answer) == (ROWS, [0, 3, 6, 7])


def test_a_repeated_page_is_read_again() -> None:
    def answer(at: int, limit: int, reads: int) -> Response:
        return page(ROWS[0:3] if reads == 1 else ROWS[at : at + limit], total=7)

    assert read(answer) == (ROWS, [0, 3, 3, 6])


def test_an_empty_page_in_the_middle_is_read_again() -> None:
    def answer(at: int, limit: int, reads: int) -> Response:
        return page([] if reads == 1 else ROWS[at : at + limit], total=7)

    assert read(answer) == (ROWS, [0, 3, 3, 6])


def test_a_truncated_page_is_read_again() -> None:
    def answer(at: int, limit: int, reads: int) -> Response:
        whole = page(ROWS[at : at + limit], total=7)
        return Response(200, content=whole.content[:-9]) if reads == 1 else whole

    assert read(answer) == (ROWS, [0, 3, 3, 6])


def test_a_total_that_drifts_once_is_read_again() -> None:
    def answer(at: int, limit: int, reads: int) -> Response:
        return page(ROWS[at : at + limit], total=8 if reads == 1 else 7)

    assert read(answer) == (ROWS, [0, 3, 3, 6])


def test_a_row_that_arrives_while_paging_makes_the_collection_be_read_again() -> None:
    later = ["org-000", *ROWS]

    def answer(at: int, limit: int, reads: int) -> Response:
        rows = ROWS if reads == 0 else later
        return page(rows[at : at + limit], total=len(rows))

    ids, _ = read(answer)
    assert sorted(ids) == sorted(later)


def test_a_provider_in_its_own_order_is_believed() -> None:
    shuffled = ["org-03", "org-00", "org-06", "org-01", "org-05", "org-02", "org-04"]
    ids, offsets = read(lambda at, limit, _: page(shuffled[at : at + limit], total=7))
    assert (ids, offsets) == (shuffled, [0, 3, 6])


def test_order_that_breaks_on_a_later_page_is_settled_by_ids() -> None:
    rows = ["org-00", "org-01", "org-02", "org-06", "org-05", "org-04", "org-03"]
    ids, _ = read(lambda at, limit, _: page(rows[at : at + limit], total=7))
    assert ids == rows


def short(at: int, limit: int, _: int) -> Response:
    """Announce more rows than there are."""
    return page(ROWS[at : at + limit], total=9)


def restless(at: int, limit: int, reads: int) -> Response:
    """Announce another total each time."""
    return page(ROWS[at : at + limit], total=7 + reads)


def always(response: Response) -> Answer:
    """Answer the same whatever is asked."""

    def answer(_at: int, _limit: int, _reads: int) -> Response:
        return response

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(always(Response(200, content=b"{}")), id="missing envelope key"),
        pytest.param(always(Response(200, content=b"<html>")), id="no JSON"),
        pytest.param(always(page(ROWS[:3], total=7)), id="the same page for ever"),
        pytest.param(always(Response(404, content=b"no")), id="no such collection"),
        short,
        restless,
    ],
)
def test_what_never_becomes_whole_ends_the_run(answer: Answer) -> None:
    with pytest.raises(FatalError):
        read(answer)


def test_one_unreadable_record_is_refused_and_the_page_goes_on() -> None:
    body = {"orgs": [{"sourcedId": "a", "name": 5}, {"sourcedId": "b", "name": "B"}]}
    content = json.dumps(body).encode()
    transport = ScriptedTransport(
        always(Response(200, headers={"X-Total-Count": "2"}, content=content))
    )
    kept: list[Org] = []
    refusals = OneRosterClient(transport).read_all("orgs", "orgs", Org, lambda: kept.extend)
    assert [record.sourced_id for record in kept] == ["b"]
    assert [(each.sourced_id, each.field) for each in refusals] == [("a", "name")]
