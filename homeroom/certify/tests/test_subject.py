"""What a subject is told, and what of it is kept."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.certify.redact import Redactor
from homeroom.certify.subject import Run, advertise, declared_commands, faketime, to_variables
from homeroom.config import Subject

DOCUMENT: dict[str, Any] = {
    "oneroster": {
        "base_url": "http://127.0.0.1:4101/s/k3x9/focus/v1p1",
        "token_url": "http://127.0.0.1:4101/s/k3x9/focus/v1p1/token",
        "client_id": "key",
        "client_secret": "a-secret",
    },
    "canvas": {"base_url": "http://127.0.0.1:4102/s/k3x9", "token": "a-token", "account_id": 1},
}


def test_variables_are_those_of_the_contract(tmp_path: Path) -> None:
    now = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
    assert to_variables(DOCUMENT, now, tmp_path) == {
        "ONEROSTER_BASE_URL": "http://127.0.0.1:4101/s/k3x9/focus/v1p1",
        "ONEROSTER_TOKEN_URL": "http://127.0.0.1:4101/s/k3x9/focus/v1p1/token",
        "ONEROSTER_CLIENT_ID": "key",
        "ONEROSTER_CLIENT_SECRET": "a-secret",
        "ONEROSTER_AUTH": "oauth2",
        "CANVAS_BASE_URL": "http://127.0.0.1:4102/s/k3x9",
        "CANVAS_TOKEN": "a-token",
        "HOMEROOM_NOW": "2026-09-01T06:00:00Z",
        "HOMEROOM_STATE_DIR": str(tmp_path.resolve()),
    }


def test_advertised_host_replaces_the_one_in_addresses_only(tmp_path: Path) -> None:
    variables = to_variables(DOCUMENT, datetime.now(UTC), tmp_path)
    changed = advertise(variables, "host.docker.internal")
    assert changed["CANVAS_BASE_URL"] == "http://host.docker.internal:4102/s/k3x9"
    assert {name for name in variables if variables[name] != changed[name]} == {
        "ONEROSTER_BASE_URL",
        "ONEROSTER_TOKEN_URL",
        "CANVAS_BASE_URL",
    }


@pytest.mark.parametrize(
    ("subject", "commands"),
    [
        (Subject(), {"provision", "passback", "remaster", "release"}),
        (Subject(provision=("a",)), {"provision"}),
        (Subject(provision=("a",), passback=("b",), remaster=("c",)),
         {"provision", "passback", "remaster"}),
        (Subject(provision_url="http://a", passback_url="http://b"), {"provision", "passback"}),
    ],
)  # fmt: skip
def test_only_what_a_subject_declares_can_be_run(subject: Subject, commands: set[str]) -> None:
    assert declared_commands(subject) == commands


def test_faketime_gets_the_instant_in_the_local_zone() -> None:
    local = datetime(2026, 9, 1, 6, 0, tzinfo=UTC).astimezone()
    assert faketime("2026-09-01T06:00:00Z")[1:] == ("-f", f"@{local:%Y-%m-%d %H:%M:%S}")


def test_run_reads_as_a_sentence() -> None:
    run = Run(command="provision", exit_code=4, duration_s=1.25, notes=("it left 1 process",))
    assert str(run) == (
        "provision ended with 4 (held for a person's release); it left 1 process; it took 1.2 s"
    )
    assert run.held
    assert Run(command="passback", exit_code=77).meaning == "an exit code without meaning: 77"


def test_secrets_are_redacted_in_every_form_they_travel_in() -> None:
    redact = Redactor(["s3cr/t+value", "s3cr/t+value-longer", "x"])
    basic = base64.b64encode(b"s3cr/t+value").decode()
    assert redact(f"a s3cr/t+value-longer s3cr/t+value s3cr%2Ft%2Bvalue {basic} x") == (
        f"a [redacted] [redacted] [redacted] [redacted]{basic[len(basic.rstrip('=')) :]} x"
    )
