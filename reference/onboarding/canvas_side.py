"""What a Canvas lets its token do, seen by reading alone.

Canvas says some rights outright and shows others by which keys and lists it serves.
Source: the Canvas references, accounts and SIS imports.
"""

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import msgspec

from homeroom.reference.onboarding.checklist import Checklist, Finding, failed, passed, warning
from homeroom.reference.transport import Response, Transport, next_link

ROOT = "api/v1/accounts/self"
RIGHTS = ("import_sis", "manage_sis", "view_all_grades")
LOW_WATER = 200.0
GRANT = "give the token's user an account role with this right, in the root account"
Params = list[tuple[str, str]] | None


class CanvasSide:
    """One Canvas root account."""

    def __init__(self, transport: Transport, checklist: Checklist) -> None:
        self._transport, self._list = transport, checklist
        self._last: Response | None = None
        self._told: dict[str, bool] = {}

    def look(self) -> None:
        """Make all checks that need the token."""
        run, rights = self._list.run, ("canvas.token", "canvas.root")
        run("canvas.token", "GET /api/v1/users/self", self._token, after=("canvas.tls",))
        run("canvas.root", f"GET /{ROOT}", self._root, after=("canvas.token",))
        run("canvas.imports", f"GET /{ROOT}/sis_imports", self._imports, after=rights)
        run("canvas.import_sis", "the same, and the rights told", self._import_sis, after=rights)
        run("canvas.manage_sis", f"GET /{ROOT}/terms: SIS keys", self._manage_sis, after=rights)
        run("canvas.view_all_grades", "a course's submissions", self._grades, after=rights)
        run("canvas.sis_syncing", f"GET /{ROOT}/settings", self._syncing, after=rights)
        run("canvas.idle", f"GET /{ROOT}/sis_imports/importing", self._idle, after=rights)
        run("canvas.per_page", f"GET /{ROOT}/users?per_page=100", self._per_page, after=rights)
        run("canvas.throttling", "the headers of that answer", self._throttling, after=rights)

    def _token(self) -> Finding:
        response = self._get("api/v1/users/self")
        if response.status_code == 200:
            return passed("HTTP 200")
        remedy = "make a new access token for the integration's user, without an expiry soon"
        return failed(self._said(response), remedy)

    def _root(self) -> Finding:
        response = self._get(ROOT)
        body = _object(response)
        if response.status_code != 200 or "id" not in body:
            return failed(self._said(response), "the token needs an admin's account")
        if body.get("parent_account_id") is not None or body.get("root_account_id") is not None:
            return failed(
                f"account {body['id']} lies below account {body.get('root_account_id')}",
                "SIS imports run in root accounts only: use the root's address and an admin there",
            )
        self._ask_rights()
        return passed(f"account {body['id']} is a root account")

    def _ask_rights(self) -> None:
        """Ask for the rights by name; a Canvas without the call shows them by other reads."""
        asked = [("permissions[]", name) for name in RIGHTS]
        response = self._get(f"{ROOT}/permissions", asked)
        if response.status_code == 200:
            told = _object(response)
            self._told = {
                name: str(told[name]).lower() == "true" for name in RIGHTS if name in told
            }

    def _imports(self) -> Finding:
        response = self._get(f"{ROOT}/sis_imports", [("per_page", "1")])
        if response.status_code == 200:
            return passed("HTTP 200")
        shown = self._said(response)
        if "SIS imports are not enabled" in shown:
            return failed(shown, "switch allow_sis_import on for the root account")
        return failed(shown, f"{GRANT}: import_sis")

    def _import_sis(self) -> Finding:
        if "import_sis" in self._told:
            return self._by_name("import_sis")
        if not self._list.stands("canvas.imports"):
            return failed("the list of imports is closed to this token", f"{GRANT}: import_sis")
        return warning(
            "the list of imports is open, which manage_sis alone opens too",
            "make sure that the role has import_sis; only an import would prove it",
        )

    def _manage_sis(self) -> Finding:
        if "manage_sis" in self._told:
            return self._by_name("manage_sis")
        response = self._get(f"{ROOT}/terms", [("per_page", "1")])
        # There always is a term: the default one. Canvas shows these keys by right alone.
        listed = _object(response).get("enrollment_terms")
        terms = cast("list[dict[str, Any]]", listed) if isinstance(listed, list) else []
        if response.status_code != 200 or not terms:
            return failed(self._said(response), f"{GRANT}: manage_sis, read_sis")
        if "sis_import_id" in terms[0]:
            return passed("sis_term_id and sis_import_id are shown")
        if "sis_term_id" in terms[0]:
            return failed("sis_term_id is shown, sis_import_id is not", f"{GRANT}: manage_sis")
        return failed("no SIS ids are shown", f"{GRANT}: read_sis and manage_sis")

    def _grades(self) -> Finding:
        if "view_all_grades" in self._told:
            return self._by_name("view_all_grades", passback_only=True)
        courses = _list(self._get(f"{ROOT}/courses", [("per_page", "1")]))
        if not courses:
            return warning("there is no course to try it on", "run this again after a first night")
        where = f"api/v1/courses/{courses[0].get('id')}/students/submissions"
        response = self._get(where, [("student_ids[]", "all"), ("per_page", "1")])
        if response.status_code == 200:
            return passed("submissions of all students can be read")
        return warning(
            f"HTTP {response.status_code}", f"passback needs it; {GRANT}: view_all_grades"
        )

    def _by_name(self, right: str, *, passback_only: bool = False) -> Finding:
        if self._told[right]:
            return passed("granted")
        remedy = f"{GRANT}: {right}"
        return warning("not granted", remedy) if passback_only else failed("not granted", remedy)

    def _syncing(self) -> Finding:
        response = self._get(f"{ROOT}/settings")
        if response.status_code != 200:
            return warning(
                f"HTTP {response.status_code}: the settings are closed to this token",
                "see under Settings of the root account that SIS Syncing is on",
            )
        held = _object(response).get("sis_syncing")
        value: Any = cast("dict[str, Any]", held).get("value") if isinstance(held, dict) else held
        if str(value).lower() == "true":
            return passed("sis_syncing is on")
        return warning(
            f"sis_syncing is {value!r}", "switch SIS Syncing on in the root account for passback"
        )

    def _idle(self) -> Finding:
        response = self._get(f"{ROOT}/sis_imports/importing")
        if response.status_code != 200:
            return warning(f"HTTP {response.status_code}", "see that no other import is running")
        running = _object(response).get("sis_imports") or []
        if running:
            return warning(
                f"{len(running)} imports are running",
                "only one sync may run at a time: pause the present one before the first night",
            )
        return passed("no import is running")

    def _per_page(self) -> Finding:
        response = self._get(f"{ROOT}/users", [("per_page", "100")])
        self._last = response
        if response.status_code != 200:
            return failed(self._said(response), f"{GRANT}: read_roster")
        rows, size = len(_list(response)), _linked_size(response)
        if size is None:
            return warning(f"{rows} rows and no Link header", "a proxy may have taken it away")
        if size < 100 and next_link(response):
            return warning(f"a cap of {size} rows", "reads take more pages; nothing is lost")
        return passed(f"{rows} rows, per_page={size} in the links")

    def _throttling(self) -> Finding:
        headers = self._last.headers if self._last is not None else {}
        left, cost = headers.get("X-Rate-Limit-Remaining"), headers.get("X-Request-Cost")
        try:
            remaining = float(left or "")
        except ValueError:
            return warning(
                "no X-Rate-Limit-Remaining", "throttling is then only seen when it happens"
            )
        told = f"{remaining:.0f} left, the request cost {cost or '?'}"
        if remaining < LOW_WATER:
            return warning(told, "something else uses this token: give the integration its own")
        return passed(told)

    def _said(self, response: Response) -> str:
        """Tell a refusal in Canvas's words; a body that is none may be about people."""
        if response.status_code == 200:
            return "HTTP 200, but not what was asked for"
        return self._transport.describe(response)

    def _get(self, path: str, params: Params = None) -> Response:
        return self._transport.request("GET", path, params=params)


def _object(response: Response) -> dict[str, Any]:
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _list(response: Response) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(response.content, type=list[dict[str, Any]])
    except msgspec.MsgspecError:
        return []


def _linked_size(response: Response) -> int | None:
    """Read per_page as Canvas's own links have it: a cap shows there."""
    return next(_sizes(response), None)


def _sizes(response: Response) -> Iterator[int]:
    for name in ("current", "first", "next"):
        url = response.links.get(name, {}).get("url", "")
        for text in parse_qs(urlsplit(url).query).get("per_page", ()):
            if text.isdigit():
                yield int(text)
