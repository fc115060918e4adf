"""Mutants about bad nights: busy peers, broken answers, refusals, and people's own hands."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, answer
from homeroom.reference.errors import FatalError, RetryableError
from homeroom.reference.transport import Response, Transport

NO_BRAKE = "[service]\nbrake_floor = 1000000\nsection_floor = 1000000\n"
"""Without it the service's other safeguards would catch what a mutant lets through."""


def _rows(response: Response) -> tuple[str, list[Body]] | None:
    """Return the list in a provider's answer and its name, None where there is none."""
    try:
        body = response.json() if response.status_code == 200 else {}
    except ValueError:
        return None
    lists = ((name, value) for name, value in body.items() if isinstance(value, list))
    return next(lists, None)


def _without_total(response: Response) -> Response:
    """Return a provider's page that announces no total."""
    if _rows(response) is None:
        return response
    body = response.json()
    if isinstance(body.get("pagination"), dict):
        body["pagination"].pop("total", None)
    made = answer(response, body)
    made.headers.pop("X-Total-Count", None)
    return made


def _impatiently(_transport: Transport, _error: Exception) -> bool:
    return False


class NeverCounts(Wire):
    """Throws out rows that it had before, and never counts whether all came."""

    kills = ("RES-PAG-03",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._last: dict[str, str] = {}

    def provider_answer(self, response: Response) -> Response:
        if (found := _rows(response)) is None:
            return response
        path, (name, rows) = response.url.path, found
        if response.url.params.get("offset", "0") == "0":
            self._last.pop(path, None)
        new = [row for row in rows if row["sourcedId"] > self._last.get(path, "")]
        if new:
            self._last[path] = new[-1]["sourcedId"]
        return _without_total(answer(response, {**response.json(), name: new}))


class SkipsABusyPage(Wire):
    """Takes a page that a busy provider did not give for the end of the list."""

    kills = ("RES-RTY-01",)
    toml = NO_BRAKE

    def install(self) -> None:
        Transport._pause = _impatiently  # type: ignore[method-assign,assignment]  # noqa: SLF001 -- that is a mutant
        super().install()

    def provider_answer(self, response: Response) -> Response:
        return _without_total(response)

    def _to_focus(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        try:
            return super()._to_focus(send, method, url, given)
        except RetryableError:
            collection = url.partition("?")[0].rpartition("/")[2]
            if method != "GET" or collection != "enrollments":
                raise
            return _without_total(answer(send("GET", "orgs?limit=1"), {collection: []}))


class TakesABusyCanvasForAnEmptyOne(Wire):
    """Goes on as if there were nothing where Canvas says that it has no time."""

    kills = ("RES-RTY-02",)

    def install(self) -> None:
        plain = Transport._once  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- that is a mutant

        def once(peer: Transport, method: str, url: str, **more: Any) -> Response:
            try:
                return plain(peer, method, url, **more)
            except Exception as error:
                if method != "GET" or "Rate Limit Exceeded" not in str(error):
                    raise
                return answer(plain(peer, method, url, **more), [])

        Transport._once = once  # type: ignore[method-assign,assignment]  # noqa: SLF001 -- the same
        super().install()


class KeepsWhatCameOfABrokenAnswer(Wire):
    """Takes the rows that came before an answer broke off for the whole list."""

    kills = ("RES-FEED-02",)
    toml = NO_BRAKE

    def provider_answer(self, response: Response) -> Response:
        if response.status_code != 200 or _rows(response) is not None:
            return response
        whole, _, _ = response.text.rpartition("}")
        while whole:
            try:
                body = json.loads(whole + "}]}")
            except ValueError:
                whole, _, _ = whole.rpartition("}")
                continue
            made = answer(response, body)
            made.headers["X-Total-Count"] = str(len(next(iter(body.values()))))
            made.headers.pop("Link", None)
            return made
        return response


class TakesAnAbortedImportForDone(Wire):
    """Waits until an import ends, and does not look how."""

    kills = ("RES-IMP-01",)
    _given_up = False

    def _from_canvas(self, path: str, response: Response) -> Response:
        if re.search(r"/sis_imports/\d+$", path):
            body = response.json()
            if body["workflow_state"] in ("aborted", "failed", "failed_with_messages"):
                self._given_up = True
                return answer(response, {**body, "workflow_state": "imported"})
        return super()._from_canvas(path, response)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return 0 if self._given_up else exit_code


class ForgetsWhatWasReleased(Wire):
    """Says done to a person who releases a held night, and applies nothing."""

    kills = ("RES-BRK-04",)

    def command(self, command: str) -> str:
        return "nothing" if command == "release" else command


class WritesAgainUnderANewId(Wire):
    """Repeats a write whose answer was lost, under a new id."""

    kills = ("RES-WRT-01",)

    def install(self) -> None:
        Transport._pause = _impatiently  # type: ignore[method-assign,assignment]  # noqa: SLF001 -- that is a mutant
        super().install()

    def _to_focus(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        def again(method: str, url: str, **given: Any) -> Response:
            try:
                return send(method, url, **given)
            except RetryableError:
                if method != "PUT":
                    raise
                return send(method, f"{url.rpartition('/')[0]}/{uuid.uuid4()}", **given)

        return super()._to_focus(again, method, url, given)


class TakesARefusalForDelivered(Wire):
    """Does not look at the status of what it sent."""

    kills = ("RES-WRT-02",)
    _refused = False

    def _to_focus(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        response = super()._to_focus(send, method, url, given)
        if method == "PUT" and response.status_code >= 400:
            self._refused = True
            return answer(response, given["json"])
        return response

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return 0 if self._refused else exit_code


class DeletesWhatIsNoLongerSynced(Wire):
    """Deletes the line item of an assignment that Canvas no longer syncs."""

    kills = ("GPB-LIN-16",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._listed: set[str] = set()

    def assignments(self, items: list[Body]) -> list[Body]:
        for item in items:
            self._listed.add(item["name"])
            self.is_new("assignment", item["name"])
        return items

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        if command == "provision":
            return exit_code  # a night lists no assignments
        gone = set(self.remembered("assignment")) - self._listed
        for line_item in send("GET", "lineItems").json()["lineItems"] if gone else ():
            if line_item["title"] in gone:
                send("DELETE", f"lineItems/{quote(line_item['sourcedId'], safe='')}")
        return exit_code


class GivesUpOnATakenLogin(Wire):
    """Ends the night where Canvas has somebody else's account under a login."""

    kills = ("PRV-RUN-03",)

    def files(self, files: Files) -> Files:
        for row in files.get("users", []):
            login = row["login_id"]
            for user in self.ask_canvas(f"accounts/1/users?search_term={quote(login)}"):
                if user.get("login_id") == login and user.get("sis_user_id") != row["user_id"]:
                    raise FatalError(f"the login {login} is taken")
        return files


class UndoesCrossListing(Wire):
    """Brings every section home into the course that it was placed in."""

    kills = ("PRV-SEC-04",)

    def form(self, fields: dict[str, str]) -> dict[str, str]:
        return {**fields, "override_sis_stickiness": "true"}

    def files(self, files: Files) -> Files:
        for row in files.get("sections", []):
            self.is_new("section", row["section_id"])
        home = [
            {"xlist_course_id": "none", "section_id": section, "status": "deleted"}
            for section in self.remembered("section")
        ]
        return {**files, "xlists": home} if home else files


class ClearsConcludedSeats(Wire):
    """Deletes seats that it finds concluded in Canvas."""

    kills = ("PRV-ENR-19",)

    def files(self, files: Files) -> Files:
        rows = files.get("enrollments", [])
        for row in rows:
            self.is_new("section", row["section_id"])
        cleared = [row for section in self.remembered("section") for row in self._found(section)]
        return {**files, "enrollments": [*rows, *cleared]} if rows else files

    def _found(self, section: str) -> list[Row]:
        where = f"sections/sis_section_id:{quote(section, safe='')}/enrollments"
        found = self.ask_canvas(f"{where}?state[]=completed")
        return [
            {
                "section_id": section,
                "user_id": seat["user"]["sis_user_id"],
                "role": seat["type"].removesuffix("Enrollment").lower(),
                "status": "deleted",
            }
            for seat in (found if isinstance(found, list) else [])
        ]
