"""Pages of a crawl: read once each, gone on with after a break, never taken for whole when not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from homeroom.crawl.package import write_crawl
from homeroom.crawl.pages import OPTIONAL, CrawlError, Pages, crawl
from homeroom.crawl.pseudonyms import Pseudonyms
from homeroom.mocks.district import load_district
from homeroom.observe.targets import ReadOnly
from homeroom.reference.errors import RetryableError

Rows = list[dict[str, Any]]
DISTRICT: dict[str, Rows] = {
    "orgs": [{"sourcedId": "s", "status": "active", "name": "Lake Middle", "type": "school"}],
    "academicSessions": [{"sourcedId": "t", "status": "active", "title": "Fall", "type": "term"}],
    "courses": [{"sourcedId": "c", "status": "active", "title": "Algebra"}],
    "classes": [{"sourcedId": "k", "status": "active", "title": "Algebra 1"}],
    "users": [
        {"sourcedId": f"u{n}", "status": "active", "username": f"u{n}", "role": "student"}
        for n in range(5)
    ],
    "enrollments": [
        {"sourcedId": "e", "status": "active", "user": None, "class": {"sourcedId": "k"},
         "role": "student", "beginDate": None, "metadata": {"note": "x", "days": [1, 2]}},
        {"sourcedId": "e", "status": "tobedeleted", "user": {"sourcedId": "u1"}, "class": None,
         "role": "student", "dateLastModified": "2026-10-01T00:00:00.000Z"},
    ],
}  # fmt: skip


@dataclass
class Answer:
    """What a crawl looks at in a response."""

    content: bytes
    headers: dict[str, str] = field(default_factory=dict[str, str])
    status_code: int = 200


@dataclass
class Provider:
    """Serves collections by offset; a list of faults is worked off first."""

    district: dict[str, Rows]
    faults: dict[tuple[str, int], list[Any]] = field(
        default_factory=dict[tuple[str, int], list[Any]]
    )
    asked: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    base_url: str = "https://sis.example"

    def request(self, _method: str, url: str, *, params: Sequence[tuple[str, str]]) -> Answer:
        limit, offset = (int(value) for _, value in params)
        self.asked.append((url, offset))
        waiting = self.faults.get((url, offset))
        if waiting:
            fault = waiting.pop(0)
            if isinstance(fault, Exception):
                raise fault
            if isinstance(fault, Answer):
                return fault
            self.district[url] = fault
        if url not in self.district:
            return Answer(b"{}", status_code=403)
        rows = self.district[url]
        body = json.dumps({url: rows[offset : offset + limit]}).encode()
        return Answer(body, {"X-Total-Count": str(len(rows))})

    def describe(self, response: Answer) -> str:
        return f"HTTP {response.status_code}"


def read(provider: Provider, folder: Path, pseudonyms: Pseudonyms | None = None) -> Pages:
    return crawl(
        cast("ReadOnly", provider), folder, client="us", pseudonyms=pseudonyms, limit=2,
        say=lambda _: None,
    )  # fmt: skip


def users(pages: Pages) -> list[str]:
    return [row["sourcedId"] for row in pages.rows("users")]


def test_a_crawl_that_broke_off_goes_on_at_the_page_it_lacks(tmp_path: Path) -> None:
    provider = Provider(dict(DISTRICT), {("users", 2): [RetryableError("503, after 5 attempts")]})
    with pytest.raises(CrawlError, match="broke off in users after 2 rows"):
        read(provider, tmp_path / "pages")
    provider.asked.clear()
    pages = read(provider, tmp_path / "pages")
    assert users(pages) == ["u0", "u1", "u2", "u3", "u4"]
    assert provider.asked[:2] == [("users", 2), ("users", 4)]
    assert {url for url, _ in provider.asked} == {"users", "enrollments", *OPTIONAL}


def test_a_finished_crawl_is_read_anew(tmp_path: Path) -> None:
    provider = Provider(dict(DISTRICT))
    read(provider, tmp_path / "pages")
    provider.district["users"] = DISTRICT["users"][:1]
    assert users(read(provider, tmp_path / "pages")) == ["u0"]


def test_a_list_that_changed_meanwhile_is_read_from_its_start(tmp_path: Path) -> None:
    fewer = DISTRICT["users"][1:]
    provider = Provider(dict(DISTRICT), {("users", 2): [fewer]})
    assert users(read(provider, tmp_path / "pages")) == ["u1", "u2", "u3", "u4"]


def test_a_list_that_never_holds_still_ends_the_crawl(tmp_path: Path) -> None:
    everybody = DISTRICT["users"]
    provider = Provider(
        dict(DISTRICT),
        {
            ("users", 0): [everybody, everybody, everybody],
            ("users", 2): [everybody[1:], everybody[1:], everybody[1:]],
        },
    )
    with pytest.raises(CrawlError, match="3 times; crawl when nobody changes anything"):
        read(provider, tmp_path / "pages")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(b'{"users": [{"sourced'), "the answer is no JSON"),
        (Answer(b'{"people": []}'), "a missing list is no empty one"),
        (Answer(b"{}", status_code=403), "HTTP 403; run it again to go on"),
    ],
)
def test_what_is_no_page_is_never_taken_for_one(tmp_path: Path, answer: Answer, told: str) -> None:
    provider = Provider(dict(DISTRICT), {("users", 2): [answer]})
    with pytest.raises(CrawlError, match=told):
        read(provider, tmp_path / "pages")


def test_a_page_that_was_altered_is_read_again(tmp_path: Path) -> None:
    provider = Provider(dict(DISTRICT), {("users", 4): [RetryableError("reset")]})
    with pytest.raises(CrawlError):
        read(provider, tmp_path / "pages")
    (tmp_path / "pages" / "users-000001.json").write_bytes(b'{"users": []}')
    assert users(read(provider, tmp_path / "pages")) == ["u0", "u1", "u2", "u3", "u4"]


def test_a_folder_of_another_crawl_is_left_alone(tmp_path: Path) -> None:
    provider = Provider(dict(DISTRICT), {("users", 2): [RetryableError("reset")]})
    with pytest.raises(CrawlError):
        read(provider, tmp_path / "pages")
    provider.base_url = "https://other.example"
    with pytest.raises(CrawlError, match="of another provider"):
        read(provider, tmp_path / "pages")
    provider.base_url = "https://sis.example"
    with pytest.raises(CrawlError, match="of another pseudonym key"):
        read(provider, tmp_path / "pages", Pseudonyms("a key of sixteen or more"))
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CrawlError, match="holds something other than a crawl"):
        read(provider, tmp_path)


def test_the_zip_loads_as_it_came(tmp_path: Path) -> None:
    pages = read(Provider(dict(DISTRICT)), tmp_path / "pages")
    told = write_crawl(pages, tmp_path / "crawl.zip", system="a test")
    assert told["enrollments"]["duplicate"] == 1
    assert told["enrollments"]["tobedeleted"] == 1
    assert pages.collected["demographics"].refused == "not served: HTTP 403"
    district = load_district(
        str(tmp_path / "crawl.zip"), seed=1, now=datetime(2026, 10, 5, tzinfo=UTC)
    )
    rows = district.tables["enrollments"]
    first, second = cast("Any", rows.record(0)), cast("Any", rows.record(1))
    assert (first.user, first.class_, first.begin_date, first.status) == (None, "k", None, "active")
    assert first.metadata == {"note": "x", "days": "[1, 2]"}
    assert (second.sourced_id, second.user, second.class_) == ("e", "u1", None)
    assert (second.status, second.date_last_modified) == (
        "tobedeleted", "2026-10-01T00:00:00.000Z",
    )  # fmt: skip
