"""A provider and a Canvas that homeroom.toml names: asked gently, written to with consent alone."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.support import Done, Up, environment, homeroom
from checks.worlds import control, focus

HOOK = """
import json, os, sys, urllib.request
where, token, verb = sys.argv[1:]
path = f"{os.environ['HOMEROOM_COLLECTION']}/{os.environ['HOMEROOM_SOURCED_ID']}"
def call(method, path, body=None):
    request = urllib.request.Request(f"{where}{path}", data=body, method=method)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request).read()
call("POST", "/clock/advance", b'{"seconds": 60}')
record = open(os.environ["HOMEROOM_RECORD"], "rb").read()
removes = verb == "remove"
call("DELETE" if removes else "PUT", f"/focus/{path}", None if removes else record)
"""


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "tiny", "--now", "2026-10-06T15:00:00Z") as running:
        yield running


def certify(up: Up, folder: Path, kind: str, subject: str = "", *more: str, **changed: str) -> Done:
    """Certify the world of `up` by a homeroom.toml of its own."""
    oneroster, canvas = dict(up.document["oneroster"], **changed), up.document["canvas"]
    (folder / "homeroom.toml").write_text(
        f"[subject]\nrequests_per_s = 1000\n{subject}\n"
        f'[oneroster]\nbase_url = "{oneroster["base_url"]}"\n'
        f'token_url = "{oneroster["token_url"]}"\n'
        f'client_id = "{oneroster["client_id"]}"\nclient_secret = "$SECRET"\n'
        f'[canvas]\nbase_url = "{canvas["base_url"]}"\ntoken = "$TOKEN"\n'
    )
    secrets = {"SECRET": oneroster["client_secret"], "TOKEN": canvas["token"]}
    words = ("certify", kind, "--json", "--report", "report", *more)
    return homeroom(*words, cwd=folder, env=environment(**secrets))


def results(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = done.json()
    return found


def writes(up: Up) -> list[tuple[str, str]]:
    journal = control(up.document, "GET", "/journal?bodies=false").json()["requests"]
    asked = {(entry["method"], entry["path"].rpartition("/")[2]) for entry in journal}
    return sorted(each for each in asked if each[0] != "GET")


def test_a_provider_is_only_read_and_what_was_not_tried_says_why(up: Up, tmp_path: Path) -> None:
    assert control(up.document, "DELETE", "/journal").status == 204
    done = certify(up, tmp_path, "provider", "", "--needs", "canvas")
    assert done.code == 0, done.err
    assert writes(up) == [("POST", "token")]
    journal = control(up.document, "GET", "/journal?bodies=false").json()["requests"]
    assert len(journal) < 300
    untried = [s for s in results(done)["scenarios"] if s["outcome"] == "not-applicable"]
    assert untried
    assert all(s["reason"] for s in untried)
    assert {r["need"] for r in results(done)["requirements"]} == {"", "canvas"}


def test_people_of_a_real_provider_are_in_no_report(up: Up, tmp_path: Path) -> None:
    names = [row["familyName"] for row in focus(up.document, "/users?limit=100").json()["users"]]
    control(up.document, "PATCH", "/focus/settings", {"absent_values": "null"})
    try:
        done = certify(up, tmp_path, "provider", "", "--only", "PVD-REC-06")
    finally:
        control(up.document, "PATCH", "/focus/settings", {"absent_values": "absent"})
    assert [s["outcome"] for s in results(done)["scenarios"]] == ["failed"]
    shown = (tmp_path / "report" / "results.json").read_text()
    assert '\\"sourcedId\\"' in shown
    assert [name for name in names if len(name) > 3 and name in shown] == []
    assert up.document["oneroster"]["client_secret"] not in shown


def test_with_consent_everything_that_was_written_is_gone_afterwards(
    up: Up, tmp_path: Path
) -> None:
    (tmp_path / "hook.py").write_text(HOOK)
    access = up.document["control"]
    where = f"{access['url']}/spaces/{up.document['space']}"
    hook = [sys.executable, "hook.py", where, access["token"]]
    subject = "allow_writes = true\nname = 'Focus'\n" + "".join(
        f"{name} = {json.dumps([*hook, name])}\n" for name in ("load", "change", "remove")
    )
    kinds = ("categories", "lineItems", "results")
    before = [len(focus(up.document, f"/{kind}").json()[kind]) for kind in kinds]
    done = certify(up, tmp_path, "provider", subject, "--only", "PVG", "--only", "PVD-DLT")
    assert done.code == 0, done.err
    assert results(done)["totals"]["not_applicable"] == 0
    assert results(done)["left_behind"] == []
    assert [len(focus(up.document, f"/{kind}").json()[kind]) for kind in kinds] == before


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"client_secret": "wrong-secret"}, "Check client_id, client_secret and token_url."),
        ({"base_url": "http://127.0.0.1:1/ims/oneroster/v1p1"}, "Is the address right"),
    ],
)
def test_a_provider_that_cannot_be_used_ends_before_the_first_scenario(
    up: Up, tmp_path: Path, changed: dict[str, str], remedy: str
) -> None:
    done = certify(up, tmp_path, "provider", "", **changed)
    assert done.code == 2, done.err
    assert results(done)["verdict"] == "incomplete"
    assert results(done)["scenarios"] == []
    failed = [check for check in results(done)["preflight"] if check["outcome"] == "failed"]
    assert [remedy in check["remedy"] for check in failed] == [True]


def test_an_import_needs_consent_on_the_command_line_too(up: Up, tmp_path: Path) -> None:
    assert control(up.document, "DELETE", "/journal").status == 204
    done = certify(up, tmp_path, "canvas", "allow_writes = true", "--only", "CNV-IMP")
    assert done.code == 1, done.err
    assert results(done)["totals"]["not_applicable"] == 2
    assert writes(up) == []
    more = ("--only", "CNV-IMP", "--import-into-test-instance")
    done = certify(up, tmp_path, "canvas", "allow_writes = true", *more)
    assert done.code == 0, done.err
    assert results(done)["totals"]["passed"] == 2
    assert results(done)["left_behind"] == []


def test_fake_settings_do_not_mix_with_a_named_provider(up: Up, tmp_path: Path) -> None:
    done = certify(up, tmp_path, "provider", "", "--fake", "null_end_dates=true")
    assert done.code == 2
    assert "stands in where no provider or Canvas is named" in done.err
