"""`--json` on any verb prints one JSON document on stdout, when the verb cannot go on, too."""

from pathlib import Path

import pytest

from checks.support import homeroom

UNUSABLE = [
    "provision",
    "provision --plan",
    "passback",
    "connect",
    "evaluate",
    "reconcile",
    "init --config no/such/folder/homeroom.toml",
    "certify sync --only nothing-of-the-kind",
    "certify --config missing.toml",
    "judge before --store here",
    "load no-such-profile",
    "repro run missing.zip",
    "report verify missing",
    "report diff missing missing",
    "district inspect missing.zip",
    "district export tiny --out no/such/folder/a.zip",
    "snapshot save a.snapshot",
    "admin districts",
    "admin show lake-county",
    "provision --no-such-option",
]


@pytest.mark.parametrize("line", UNUSABLE)
def test_a_verb_that_cannot_go_on_says_why_in_its_document(line: str, tmp_path: Path) -> None:
    done = homeroom(*line.split(), "--json", cwd=tmp_path)
    assert (done.code, done.json()["exit"]) == (2, 2)
    assert done.json()["error"]
    assert done.json()["error"] in done.err


@pytest.mark.parametrize("line", ["up --district nowhere", "serve --cert missing.pem"])
def test_a_process_that_never_answers_prints_no_document(line: str, tmp_path: Path) -> None:
    done = homeroom(*line.split(), "--json", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err
