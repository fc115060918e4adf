"""Calls to a running stage, and all that both worlds hold, for checks that compare them."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Got:
    """One answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    context: ssl.SSLContext | None = None,
) -> Got:
    """Send one request on a connection of its own, and return whatever is answered."""
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))  # noqa: S310
    try:
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:  # noqa: S310
            return Got(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Got(error.code, error.read(), dict(error.headers))


def focus_headers(document: Document, context: ssl.SSLContext | None = None) -> dict[str, str]:
    """Return headers with a fresh token of the document's own partner."""
    oneroster = document["oneroster"]
    form = {
        "grant_type": "client_credentials",
        "client_id": oneroster["client_id"],
        "client_secret": oneroster["client_secret"],
    }
    body = urllib.parse.urlencode(form).encode()
    got = send("POST", oneroster["token_url"], body=body, context=context)
    assert got.status == 200, got.body
    return {"Authorization": f"Bearer {got.json()['access_token']}"}


def focus(document: Document, path: str) -> Got:
    """Read from Focus."""
    url = f"{document['oneroster']['base_url']}{path}"
    return send("GET", url, headers=focus_headers(document))


def canvas(
    document: Document, method: str, path: str, body: Any = None, content_type: str = ""
) -> Got:
    """Call Canvas's REST API; a body that is not bytes is sent as JSON."""
    headers = {"Authorization": f"Bearer {document['canvas']['token']}"}
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if content is not None:
        headers["Content-Type"] = content_type or "application/json"
    url = f"{document['canvas']['base_url']}/api/v1{path}"
    return send(method, url, headers=headers, body=content)


def control(document: Document, method: str, path: str, body: Any = None) -> Got:
    """Call the control plane about the document's space."""
    access = document["control"]
    headers = {"Authorization": f"Bearer {access['token']}"}
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if content is not None:
        is_file = isinstance(body, bytes)
        headers["Content-Type"] = "application/octet-stream" if is_file else "application/json"
    url = f"{access['url']}/spaces/{document['space']}{path}"
    return send(method, url, headers=headers, body=content)


def new_space(document: Document, **asked: Any) -> dict[str, Any]:
    """Make a space and return its document."""
    access = document["control"]
    headers = {
        "Authorization": f"Bearer {access['token']}",
        "Content-Type": "application/json",
    }
    made = send("POST", f"{access['url']}/spaces", headers=headers, body=json.dumps(asked).encode())
    assert made.status == 201, made.body
    return dict(made.json())


def both_worlds(document: Document) -> dict[str, Any]:
    """Return all that a tiny space holds, as its APIs tell it."""
    pages = {
        name: focus(document, f"/{name}?limit=10000").json()
        for name in ("users", "classes", "enrollments", "lineItems", "results")
    }
    for path in ("users", "courses", "sis_imports"):
        query = "?per_page=100"
        rows = canvas(document, "GET", f"/accounts/1/{path}{query}").json()
        pages[f"canvas {path}"] = rows
    for course in pages["canvas courses"]:
        where = f"/courses/{course['id']}/enrollments?per_page=100&state[]=active&state[]=deleted"
        pages[f"canvas seats {course['id']}"] = canvas(document, "GET", where).json()
    return pages
