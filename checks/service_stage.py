"""What the checks of `homeroom serve` share: a running service, its API and its pages."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Page, expect

from checks.support import Done, environment

TOKEN = "a-token-of-ada-that-nobody-guesses"
OTHER = "a-token-of-bob-that-nobody-guesses"
WAIT_S = 60.0
LOOKED = frozenset({"passed", "failed", "unusable", "broken"})
ENDED = frozenset({"Completed", "Warning", "Failed", "Held"})


class Serve:
    """A running `homeroom serve`."""

    def __init__(self, state: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        variables = {"HOMEROOM_ADMIN_TOKENS": f"ada={TOKEN} bob={OTHER}"} if env is None else env
        self.state, self.log = state, state.parent / f"{state.name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "homeroom", "serve", "--json", "--port", "0",
                 "--state", str(state), *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(**variables),
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise AssertionError(
                f"homeroom serve ended with {self.process.returncode}: {self.log.read_text()}"
            )
        self.document: dict[str, Any] = json.loads(line)
        self.url: str = self.document["url"].rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> Done:
        """Stop it as an operator would."""
        if self.process.poll() is None:
            self.process.terminate()
        out, _ = self.process.communicate(timeout=30)
        return Done(self.process.returncode, out, self.log.read_text())

    def api(
        self, method: str, path: str, body: Any = None, *, token: str = TOKEN
    ) -> tuple[int, Any]:
        """Ask the API; give status and document."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.document['api']}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def ask(self, method: str, path: str, body: Any = None, *, token: str = TOKEN) -> Any:
        """Ask for what must be granted, and give the document."""
        status, document = self.api(method, path, body, token=token)
        assert status < 300, (status, document)
        return document

    def look(self, district: str, kind: str) -> Any:
        """Wait for the newest check of a kind to end."""
        return self._wait(f"/districts/{district}/{kind}", "outcome", LOOKED)

    def ended(self, job: str) -> Any:
        """Wait for a job to end."""
        return self._wait(f"/jobs/{job}", "status", ENDED)

    def _wait(self, path: str, field: str, ends: Collection[str]) -> Any:
        deadline, document = time.monotonic() + WAIT_S, None
        while time.monotonic() < deadline:
            status, document = self.api("GET", path)
            if status == 200 and document[field] in ends:
                return document
            time.sleep(0.1)
        raise AssertionError(f"{path} did not end: {document}")


def secrets_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Give what a district enters for the provider of a space document."""
    oneroster = document["oneroster"]
    return {name: oneroster[name] for name in ("base_url", "client_id", "client_secret")}


def canvas_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Give what an admin enters for the Canvas of a space document."""
    return {name: document["canvas"][name] for name in ("base_url", "token")}


def connect_by_api(served: Serve, district: str, document: Mapping[str, Any]) -> None:
    """Bring a district to provisioning without a browser."""
    served.ask("POST", "/districts", {"id": district, "name": district.title()})
    for side, given in (("canvas", canvas_of(document)), ("oneroster", secrets_of(document))):
        served.ask("PUT", f"/districts/{district}/credentials/{side}", given)
    assert served.look(district, "connect")["outcome"] == "passed"
    served.ask("POST", f"/districts/{district}/enable", {"stage": "provisioning"})


def sign_in(page: Page, served: Serve) -> None:
    """Open the service's pages as ada."""
    page.goto(f"{served.url}/")
    page.fill("#token", TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_selector("#districts")


def stage_of(page: Page, stage: str) -> None:
    """Wait for a district's page to show that it is at a stage."""
    expect(page.locator("#steps .now")).to_have_text(stage, timeout=WAIT_S * 1000)
