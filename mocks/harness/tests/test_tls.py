"""Handshakes in memory: the right certificate is trusted, each wrong one fails in its own way."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.mocks.harness.faults import ACTS, CHOICES, FaultRule, FaultRuleError, parse_rule
from homeroom.mocks.harness.faults.book import FaultBook
from homeroom.mocks.harness.tls import Certificates, client_context

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
OPERATIONS = {"focus": ["getAllUsers"], "canvas": ["getUser"]}


def shake(client: ssl.SSLContext, server: ssl.SSLContext, host: str = "127.0.0.1") -> None:
    """Let a client and a server shake hands; raises what the client's side raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asks = client.wrap_bio(to_client, to_server, server_hostname=host)
    answers = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(8):
        done = 0
        for side in (asks, answers):
            try:
                side.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                continue
        if done == 2:
            return
    raise AssertionError("the handshake never ended")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("tls"), "127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_who_trusts_our_authority_is_let_in_by_every_loopback_name(
    certificates: Certificates, host: str
) -> None:
    shake(client_context(certificates.ca_file), certificates.server_context(lambda: None), host)


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ("expired", "certificate has expired"),
        ("self-signed", "self-signed certificate"),
        ("wrong-host", "IP address mismatch"),
    ],
)
def test_each_wrong_certificate_fails_for_its_own_reason(
    certificates: Certificates, certificate: str, reason: str
) -> None:
    server = certificates.server_context(lambda: certificate)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shake(client_context(certificates.ca_file), server)


def test_the_choice_is_made_anew_at_each_handshake(certificates: Certificates) -> None:
    choices = iter([None, "expired", None])
    server = certificates.server_context(lambda: next(choices))
    client = client_context(certificates.ca_file)
    shake(client, server)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(client, server)
    shake(client, server)


def test_an_authority_is_the_same_for_as_long_as_its_folder_lasts(tmp_path: Path) -> None:
    first = Certificates(tmp_path, "127.0.0.1").ca_file.read_bytes()
    again = Certificates(tmp_path, "127.0.0.1")
    assert again.ca_file.read_bytes() == first
    shake(client_context(again.ca_file), again.server_context(lambda: None))


def rule(when: dict[str, object], **act: object) -> FaultRule:
    return parse_rule(
        {"when": when, "act": {"kind": "tls", **act}, "times": 2},
        default_id="tls-1",
        operations=OPERATIONS,
        acts=ACTS,
        choices=CHOICES,
    )


def test_a_rule_of_kind_tls_hits_handshakes_of_its_fake_and_no_request() -> None:
    book = FaultBook()
    book.add(rule({"fake": "canvas", "nth": 2}, certificate="wrong-host"))
    hits = [book.fire_handshake(fake, NOW) for fake in ("focus", "canvas", "canvas", "canvas")]
    assert [hit.parameters["certificate"] if hit else None for hit in hits] == [
        None, None, "wrong-host", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "act", "message"),
    [
        ({}, {"certificate": "exspired"}, "act.certificate: 'exspired' is unknown; nearest"),
        ({"operation": "getAllUsers"}, {}, "when.operation: a TLS handshake comes before any"),
        ({"path": "/users"}, {}, "when.path: a TLS handshake comes before any request"),
        ({"client": "me"}, {}, "when.client: a TLS handshake comes before any request"),
    ],
)  # fmt: skip
def test_what_a_handshake_cannot_be_matched_by_is_refused(
    when: dict[str, object], act: dict[str, object], message: str
) -> None:
    with pytest.raises(FaultRuleError, match=message):
        rule(when, **act)
