"""Fakes that speak TLS, and the wrong certificates they can show, from a client's side."""

import ssl
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.support import Up, homeroom, subject_environment
from checks.worlds import control, focus_headers, new_space, send
from homeroom.mocks.harness.tls import client_context

NOW = "2026-09-14T15:00:00Z"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--tls", "--district", "tiny", "--now", NOW) as running:
        yield running


@pytest.fixture
def trusting(up: Up) -> Iterator[ssl.SSLContext]:
    """A client's context that trusts the stage's authority; rules are gone afterwards."""
    yield client_context(Path(up.document["ca_file"]))
    assert control(up.document, "DELETE", "/faults").status == 204


def add(up: Up, certificate: str, *, times: int | None = None, **when: Any) -> dict[str, Any]:
    rule = {"when": when, "act": {"kind": "tls", "certificate": certificate}, "times": times}
    made = control(up.document, "POST", "/faults", rule)
    assert made.status == 201, made.body
    return dict(made.json())


def focus_is_reached(up: Up, context: ssl.SSLContext) -> bool:
    return "Authorization" in focus_headers(up.document, context)


def refused(up: Up, context: ssl.SSLContext) -> str:
    """Return why the client would not talk to Focus."""
    with pytest.raises(urllib.error.URLError) as failed:
        focus_headers(up.document, context)
    assert isinstance(failed.value.reason, ssl.SSLCertVerificationError)
    return failed.value.reason.verify_message


def test_both_fakes_answer_by_https_to_who_trusts_the_file(
    up: Up, trusting: ssl.SSLContext
) -> None:
    assert up.document["oneroster"]["base_url"].startswith("https://127.0.0.1:")
    assert up.document["canvas"]["base_url"].startswith("https://127.0.0.1:")
    assert up.document["control"]["url"].startswith("http://127.0.0.1:")
    assert focus_is_reached(up, trusting)
    headers = {"Authorization": f"Bearer {up.document['canvas']['token']}"}
    url = f"{up.document['canvas']['base_url']}/api/v1/accounts/1/users?per_page=1"
    got = send("GET", url, headers=headers, context=trusting)
    assert got.status == 200
    assert f"<{up.document['canvas']['base_url']}/api/v1/" in got.headers["link"]


def test_who_does_not_trust_the_file_is_not_served(up: Up) -> None:
    assert "unable to get local issuer" in refused(up, ssl.create_default_context())


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ("expired", "certificate has expired"),
        ("self-signed", "self-signed certificate"),
        ("wrong-host", "IP address mismatch"),
    ],
)
def test_a_wrong_certificate_is_shown_while_its_rule_is_on(
    up: Up, trusting: ssl.SSLContext, certificate: str, reason: str
) -> None:
    rule = add(up, certificate, fake="focus")
    assert reason in refused(up, trusting)
    assert control(up.document, "GET", f"/faults/{rule['id']}").json()["hits"] == 1
    control(up.document, "DELETE", f"/faults/{rule['id']}")
    assert focus_is_reached(up, trusting)


def test_a_rule_runs_out_after_its_times(up: Up, trusting: ssl.SSLContext) -> None:
    add(up, "expired", times=1, fake="focus")
    assert "expired" in refused(up, trusting)
    assert focus_is_reached(up, trusting)


def test_a_rule_of_the_other_fake_is_not_in_the_way(up: Up, trusting: ssl.SSLContext) -> None:
    add(up, "expired", fake="canvas")
    assert focus_is_reached(up, trusting)


def test_a_rule_of_any_space_acts_since_a_handshake_knows_of_none(
    up: Up, trusting: ssl.SSLContext
) -> None:
    made = new_space(up.document)
    rule = {"act": {"kind": "tls", "certificate": "expired"}}
    assert control(made, "POST", "/faults", rule).status == 201
    assert "expired" in refused(up, trusting)
    assert control(made, "DELETE", "").status == 204
    assert focus_is_reached(up, trusting)


def test_the_reference_service_refuses_a_wrong_certificate_and_says_so(
    up: Up, trusting: ssl.SSLContext, tmp_path: Path
) -> None:
    del trusting  # its rules are removed in the end
    variables = {"SSL_CERT_FILE": up.document["ca_file"]}
    environment = subject_environment(up.document, now=NOW, state_dir=tmp_path, **variables)
    add(up, "expired", fake="focus")
    done = homeroom("provision", env=environment)
    assert done.code == 2
    assert "certificate" in done.err.lower()
    control(up.document, "DELETE", "/faults")
    done = homeroom("provision", env=environment)
    assert done.code == 0, done.err


def test_fakes_without_tls_refuse_the_rule() -> None:
    with Up("--district", "empty") as plain:
        assert "ca_file" not in plain.document
        rule = {"act": {"kind": "tls"}}
        answer = control(plain.document, "POST", "/faults", rule)
        assert answer.status == 422
        assert answer.json()["error"].endswith("start with `up --tls`")
