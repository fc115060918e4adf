"""index.html: whole without scripts, safe with hostile names, right for its readers."""

import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from homeroom.certify.html import anchor, curl, meaning, side_by_side, to_html, with_code
from homeroom.certify.outcomes import Outcome
from homeroom.certify.results import Verdict, WaiverResult
from homeroom.certify.testing import a_requirement_result, a_result, some_results

HOSTILE = "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"


class Page(HTMLParser):
    """What a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]

    def links(self) -> list[str]:
        return [str(attributes["href"]) for tag, attributes in self.tags if tag == "a"]


def a_failure() -> Page:
    scenario = a_result(
        "Arrives",
        Outcome.FAILED,
        reason="Ana Ruiz is missing.",
        expected="Ana Ruiz\nBo Li",
        received="Bo Li",
        steps=["Given a class", "Then Ana Ruiz is there"],
        step="Then Ana Ruiz is there",
        exchanges=[
            {"fake": "canvas", "method": "POST", "path": "/api/v1/x", "query": "", "status": 400,
             "request": '{"a": 1}', "response": "no"}
        ],
    )  # fmt: skip
    requirement = a_requirement_result(outcome=Outcome.FAILED)
    return Page(to_html(some_results(scenario, requirements=(requirement,))))


def test_failure_shows_what_each_reader_needs() -> None:
    page = a_failure()
    for words in (
        "Not certified",
        "A pupil has no classes on the first day.",
        "Ana Ruiz is missing.",
        "Send enrollments.csv.",
        "A guide, page 3",
        "stopped here",
        "ab" * 32,
        "first-term",
        "curl -i -X POST",
    ):
        assert words in page.text


def test_every_link_leads_somewhere_in_the_file() -> None:
    page = a_failure()
    ids = page.ids()
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.links()} <= set(ids)
    assert all(link.startswith("#") for link in page.links())


def test_file_asks_the_network_for_nothing() -> None:
    page = a_failure()
    asking = {"src", "srcset", "data", "action", "poster", "background"}
    assert [tag for tag, attributes in page.tags if asking & set(attributes)] == []
    assert "link" not in {tag for tag, _ in page.tags}
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert str(policy).startswith("default-src 'none';")


def test_hostile_text_stays_text() -> None:
    scenario = a_result(
        HOSTILE,
        Outcome.FAILED,
        reason=HOSTILE,
        expected=HOSTILE,
        received=HOSTILE,
        purpose=HOSTILE,
        steps=[HOSTILE],
        step=HOSTILE,
        runs=[HOSTILE],
        trace=HOSTILE,
        exchanges=[
            dict.fromkeys(("fake", "method", "path", "query", "request", "response"), HOSTILE)
            | {"status": 200}
        ],
    )
    waiver = WaiverResult(requirement=HOSTILE, owner=HOSTILE, reason=HOSTILE, expires=HOSTILE)
    page = Page(to_html(some_results(scenario, waivers=(waiver,), name=HOSTILE)))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "{{7*7}}" in page.text


def test_page_is_whole_without_script() -> None:
    html = to_html(some_results(a_result("Stays", Outcome.FAILED)))
    without = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    hidden = [(tag, a) for tag, a in Page(without).tags if "hidden" in a]
    assert [tag for tag, _ in hidden] == ["form", "form"]  # search and filter need the script


def test_waived_requirement_names_its_owner_and_end() -> None:
    waiver = WaiverResult(
        requirement="PRV-ENR-01", owner="sis-team", reason="4.2", expires="2027-01-31", state="used"
    )
    page = Page(
        to_html(
            some_results(
                a_result(outcome=Outcome.WAIVED),
                requirements=(a_requirement_result(outcome=Outcome.WAIVED),),
                waivers=(waiver,),
            )
        )
    )
    assert "Accepted by sis-team until 2027-01-31: 4.2" in page.text


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_says_what_it_means_for_the_go_live(verdict: Verdict) -> None:
    results = some_results(a_result(outcome=Outcome.FAILED))
    assert "sync service" in meaning(replace(results, verdict=verdict))


def test_stale_waiver_is_explained_as_such() -> None:
    stale = WaiverResult(
        requirement="PRV-ENR-01", owner="o", reason="r", expires="2027-01-31", state="stale"
    )
    assert "no longer needed" in meaning(some_results(waivers=(stale,)))


def test_lines_that_the_other_side_lacks_are_marked() -> None:
    expected, received = side_by_side("a\nb\nc", "a\nx\nc")
    assert [(line.text, line.differs) for line in expected] == [
        ("a", False), ("b", True), ("c", False)
    ]  # fmt: skip
    assert [(line.text, line.differs) for line in received] == [
        ("a", False), ("x", True), ("c", False)
    ]  # fmt: skip


def test_curl_line_survives_a_shell() -> None:
    line = curl(
        {
            "fake": "focus",
            "method": "PUT",
            "path": "/results/it's",
            "query": "",
            "request": '{"a":"b\'c"}',
        }
    )
    assert line == (
        """curl -i -X PUT -H "Authorization: Bearer $FOCUS_TOKEN" """
        """-H 'Content-Type: application/json' """
        """--data '{"a":"b'"'"'c"}' "$FOCUS_ORIGIN"'/results/it'"'"'s'"""
    )


def test_deep_link_of_a_scenario_is_the_same_in_every_report() -> None:
    assert anchor("features/a.feature::B") == "s-512ef1e766"


def test_only_backticks_become_code() -> None:
    assert with_code("run `a < b`, not <code>c</code> or `d") == (
        "run <code>a &lt; b</code>, not &lt;code&gt;c&lt;/code&gt; or `d"
    )
