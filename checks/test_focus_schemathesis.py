"""Hostile requests made from the contract, against the Focus fake over sockets.

Schemathesis sends what the contract allows and what it forbids, follows its links from answer to
answer, and holds every answer against it. Deterministic: the same requests on every run.
"""

import base64
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.mocks.stage import Stage, StageSettings, serve

pytest.importorskip("schemathesis", reason="schemathesis is absent")
CHECKS = ",".join((
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
))  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A stage and what is needed to call its Focus."""

    stage: Stage
    contract: str
    base_url: str
    token: str

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request and return its answer, decoded."""
        request = urllib.request.Request(  # noqa: S310 -- our own loopback address
            f"{self.base_url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A tiny district with a graded line item, so that every link has somewhere to lead."""
    now = datetime(2026, 9, 1, 6, tzinfo=UTC)
    with serve(StageSettings(district="tiny", now=now, validate_responses="all")) as stage:
        document = stage.document(stage.spaces.get("default"))
        oneroster = document["oneroster"]
        pair = f"{oneroster['client_id']}:{oneroster['client_secret']}".encode()
        request = urllib.request.Request(  # noqa: S310 -- our own loopback address
            oneroster["token_url"],
            data=b"grant_type=client_credentials",
            headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            token = json.load(answer)["access_token"]
        contract = f"{document['control']['url']}/contracts/focus.json"
        made = Target(stage, contract, oneroster["base_url"], token)
        _plant(made)
        yield made


def _plant(target: Target) -> None:
    class_id = target.send("GET", "/classes?limit=1")["classes"][0]["sourcedId"]
    student = target.send("GET", f"/classes/{class_id}/students?limit=1")["users"][0]["sourcedId"]
    item = {"title": "Unit 1", "class": {"sourcedId": class_id}, "dueDate": "2026-10-09"}
    target.send("PUT", "/lineItems/li-1", {"lineItem": item})
    result = {
        "lineItem": {"sourcedId": "li-1"},
        "student": {"sourcedId": student},
        "scoreStatus": "fully graded",
        "score": 9.5,
    }
    target.send("PUT", "/results/r-1", {"result": result})


@pytest.mark.parametrize(("phases", "examples"), [("coverage,fuzzing", 2), ("stateful", 40)])
def test_no_request_of_any_kind_breaks_the_contract(
    target: Target, phases: str, examples: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", target.contract,
            "--url", target.base_url, "--phases", phases, "--max-examples", str(examples),
            "--header", f"Authorization: Bearer {target.token}", "--checks", CHECKS,
            # deleteToken would end the run's own token; its test stands beside the fake.
            "--exclude-operation-id", "deleteToken",
            "--generation-deterministic", "--no-color", "--warnings", "off",
        ],
        capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert target.stage.doors["focus"].faults == 0
