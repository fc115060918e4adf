"""Whatever is sent, Focus answers in its envelope and never with a fault of ours."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.mocks.focus_oneroster.reading import BASE_PATH

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus
    from homeroom.mocks.harness.testing import Reply

SLOWLY = settings(max_examples=150, deadline=None)
_TEXT = st.text(max_size=20)
_PATHS = st.sampled_from(
    ["orgs", "terms", "users", "students", "classes", "enrollments", "demographics", "lineItems",
     "results", "categories", "resources"]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


def check(reply: "Reply") -> None:
    """An answer is a success or a refusal in one of the two shapes."""
    assert reply.status < 500
    if reply.status >= 400:
        body = reply.json()
        assert "statusInfoSet" in body or set(body) == {"error", "error_description"}
        assert reply.headers["content-type"] == "application/json"


_PARAMETERS = st.lists(
    st.tuples(
        st.sampled_from(["limit", "offset", "sort", "orderBy", "filter", "fields", "oauth_nonce"])
        | _TEXT,
        _TEXT
        | st.sampled_from(
            ["1", "0", "asc", "desc", "sourcedId", "status='active'", "title~''", "a.b.c='x'",
             "metadata.x>'1'", "orgs.sourcedId!=''", "dateLastModified<'x' OR status='y'"]
        ),
    ),
    max_size=5,
)  # fmt: skip


@SLOWLY
@given(_PATHS, _PARAMETERS, st.booleans())
def test_no_query_breaks_the_provider(
    tiny: "Focus", path: str, pairs: list[tuple[str, str]], encoded: bool
) -> None:
    def written(text: str) -> str:
        raw = "".join(char for char in text if char.isprintable() and char.isascii())
        return quote(text, safe="") if encoded else raw

    check(
        tiny.call("GET", f"/{path}", query="&".join(f"{written(a)}={written(b)}" for a, b in pairs))
    )


@SLOWLY
@given(
    st.lists(_PATHS | _TEXT, min_size=1, max_size=5),
    st.sampled_from(["GET", "PUT", "DELETE", "POST"]),
)
def test_no_path_breaks_the_provider(tiny: "Focus", parts: list[str], method: str) -> None:
    check(tiny.call(method, "/" + "/".join(quote(part, safe="") for part in parts)))


_REF = st.fixed_dictionaries({"sourcedId": st.sampled_from(["c-1", "u-1", "cat-1", "x"]) | _TEXT})
_FIELDS = st.dictionaries(
    st.sampled_from(
        ["sourcedId", "status", "title", "class", "category", "dueDate", "assignDate", "score",
         "gradingPeriod", "resultValueMin", "resultValueMax", "lineItem", "student", "scoreStatus",
         "scoreDate", "comment", "metadata", "description", "dateLastModified"]
    ),
    _JSON | _REF | st.sampled_from(
        ["2026-10-09", "active", "exempt", "fully graded", 1, 1e308, 10**40, "2026-10-09T99:00:00Z"]
    ),
)  # fmt: skip
_USEFUL: dict[str, dict[str, Any]] = {
    "categories": {"title": "Tests"},
    "lineItems": {"title": "x", "class": {"sourcedId": "c-1"}, "dueDate": "2026-10-09"},
    "results": {
        "lineItem": {"sourcedId": "li-0"}, "student": {"sourcedId": "u-1"},
        "scoreStatus": "fully graded", "score": 1,
    },
}  # fmt: skip
_SINGULAR = {"categories": "category", "lineItems": "lineItem", "results": "result"}


@SLOWLY
@given(st.sampled_from(sorted(_USEFUL)), _FIELDS, st.booleans(), _TEXT.filter(bool))
def test_no_body_breaks_the_provider_and_a_refused_one_changes_nothing(
    planted: "Focus", path: str, fields: dict[str, Any], whole: bool, sourced_id: str
) -> None:
    given_fields = (_USEFUL[path] if whole else {}) | fields
    body = json.dumps({_SINGULAR[path]: given_fields}).encode()
    where = f"/{path}/{quote(sourced_id, safe='')}"
    before = planted.get(where)

    reply = planted.call("PUT", where, body=body, headers={"content-type": "application/json"})

    check(reply)
    after = planted.get(where)
    check(after)
    if reply.status >= 400:
        assert (after.status, after.body) == (before.status, before.body)
    else:
        assert after.status == 200
        assert after.json() == reply.json()
        check(planted.get(f"/{path}", sort="dateLastModified", filter="status='active'"))


@SLOWLY
@given(
    st.binary(max_size=40),
    st.sampled_from(["application/json", "text/plain", "", "multipart/form-data"]),
)
def test_no_bytes_break_the_provider(planted: "Focus", body: bytes, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    check(planted.call("PUT", "/results/r-1", body=body, headers=headers))
    check(planted.opened.call("POST", f"{BASE_PATH}/token", body=body, headers=headers))


@SLOWLY
@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
    | st.lists(
        st.tuples(
            st.sampled_from(
                ["oauth_consumer_key", "oauth_nonce", "oauth_timestamp", "oauth_signature",
                 "oauth_signature_method", "oauth_version", "oauth_body_hash", "realm"]
            ),
            st.sampled_from(["HMAC-SHA1", "1.0", "1", "%zz", "x"]),
        )
    ).map(lambda pairs: "OAuth " + ", ".join(f'{name}="{value}"' for name, value in pairs))
)  # fmt: skip
def test_any_authorization(tiny: "Focus", header: str) -> None:
    reply = tiny.opened.call("GET", f"{BASE_PATH}/orgs", headers={"authorization": header})

    check(reply)
    assert reply.status in (400, 401)
