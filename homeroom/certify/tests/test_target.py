"""Consent, hooks and addresses of a provider or a Canvas under certification."""

import sys
from pathlib import Path

import pytest

from homeroom.certify.hooks import CommandHooks, HookError
from homeroom.certify.leftovers import note_leftovers, read_leftovers
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.peer import Peer
from homeroom.certify.run import Request, plan
from homeroom.certify.selection import SelectionError
from homeroom.certify.target import import_refusal, provider_credentials
from homeroom.certify.target_preflight import check_target_peer
from homeroom.config import (
    CanvasTarget,
    Config,
    ConfigError,
    Need,
    OneRosterTarget,
    Subject,
    SubjectKind,
)
from homeroom.reference.transport import NoAuth

RECORD = {"sourcedId": "u-1", "familyName": "Ruiz"}


def canvas(host: str, *, writes: bool, declared: bool = False) -> Config:
    target = CanvasTarget(base_url=f"https://{host}", token="t", test_instance=declared)
    return Config(subject=Subject(allow_writes=writes), canvas=target)


def test_import_needs_consent_twice_and_an_instance_for_tests() -> None:
    test, own = "d.test.instructure.com", "d.instructure.com"
    assert "allow_writes" in import_refusal(canvas(test, writes=False), consented=True)
    assert "command line" in import_refusal(canvas(test, writes=True), consented=False)
    assert "test_instance" in import_refusal(canvas(own, writes=True), consented=True)
    assert import_refusal(canvas(test, writes=True), consented=True) == ""
    assert import_refusal(canvas(own, writes=True, declared=True), consented=True) == ""


@pytest.mark.parametrize("url", ["ftp://sis", "sis.example", "https://sis/?a=1", ""])
def test_address_that_is_none_is_told(url: str) -> None:
    table = OneRosterTarget(base_url=url, client_id="k", client_secret="s")
    with pytest.raises(ConfigError, match=r"oneroster\.base_url"):
        provider_credentials(table)


@pytest.mark.parametrize(
    ("base_url", "remedy"),
    [
        ("http://sis.example/ims/oneroster/v1p1", "Use the https address."),
        ("sis.example", "Correct homeroom.toml."),
    ],
)
def test_preflight_ends_before_the_first_request(base_url: str, remedy: str) -> None:
    table = OneRosterTarget(base_url=base_url, client_id="k", client_secret="s")
    checks = check_target_peer(Config(oneroster=table), SubjectKind.PROVIDER)
    assert (checks[-1].outcome, checks[-1].remedy) == ("failed", remedy)


def test_peer_that_may_not_be_written_refuses_before_it_sends() -> None:
    peer = Peer("focus", "https://sis.example", NoAuth(), ours=False, may_write=False, rate_per_s=1)
    with pytest.raises(NotApplicable, match="allow_writes"):
        peer.write("PUT", "lineItems/1", {})
    with pytest.raises(AssertionError, match="nobody consented"):
        peer.send("DELETE", peer.url("lineItems/1"), authorized=False)


def hooks(folder: Path, text: str, *, remove: bool = True) -> CommandHooks:
    (folder / "hook.py").write_text(text)
    command = (sys.executable, "hook.py")
    subject = Subject(load=command, remove=command if remove else None)
    return CommandHooks(Config(subject=subject, path=folder / "homeroom.toml"))


def test_hook_finds_the_record_and_may_name_another(tmp_path: Path) -> None:
    text = (
        "import json, os\n"
        "record = json.load(open(os.environ['HOMEROOM_RECORD']))['user']\n"
        "assert record['familyName'] == 'Ruiz' and os.environ['HOMEROOM_COLLECTION'] == 'users'\n"
        "print(json.dumps({'sourcedId': 'sis-' + os.environ['HOMEROOM_SOURCED_ID']}))\n"
    )
    assert hooks(tmp_path, text).run("load", "users", RECORD) == "sis-u-1"
    assert hooks(tmp_path, "print('done')").run("load", "users", RECORD) == "u-1"


def test_hook_that_fails_is_an_error_of_the_set_up(tmp_path: Path) -> None:
    with pytest.raises(HookError, match="ended with 3: no such school"):
        hooks(tmp_path, "import sys\nsys.stderr.write('no such school')\nsys.exit(3)").run(
            "load", "users", RECORD
        )


def test_missing_hook_does_not_apply_and_load_needs_remove(tmp_path: Path) -> None:
    with pytest.raises(NotApplicable, match="no `change` command"):
        hooks(tmp_path, "").run("change", "users", RECORD)
    with pytest.raises(NotApplicable, match="it would stay"):
        hooks(tmp_path, "", remove=False).run("load", "users", RECORD)


def test_what_is_left_behind_is_told_a_line_each(tmp_path: Path) -> None:
    note_leftovers(tmp_path, ["results 1:\n405", "lineItems 2: 404"])
    note_leftovers(tmp_path, [])
    assert read_leftovers(tmp_path) == ["results 1: 405", "lineItems 2: 404"]


def test_needs_add_requirements_and_keep_others_out_of_scenarios() -> None:
    plain = plan(Request(config=Config(), kind=SubjectKind.PROVIDER))
    asked = plan(Request(config=Config(), kind=SubjectKind.PROVIDER, needs=(Need.SDS,)))
    named = {id_ for each in plain.scenarios for id_ in each.requirements}
    assert not {id_ for id_ in named if id_.startswith(("NCV", "NSD"))}
    named = {id_ for each in asked.scenarios for id_ in each.requirements}
    assert any(id_.startswith("NSD") for id_ in named)
    assert not any(id_.startswith("NCV") for id_ in named)


def test_needs_of_a_sync_service_and_a_pair_are_refused() -> None:
    with pytest.raises(SelectionError, match="about providers"):
        plan(Request(config=Config(), needs=(Need.CANVAS,)))
    with pytest.raises(SelectionError, match="judge before"):
        plan(Request(config=Config(), kind=SubjectKind.PAIR))
