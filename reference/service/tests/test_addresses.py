"""Where the service may listen, and by which names it is known."""

from pathlib import Path
from typing import Any

import pytest
import trustme

from homeroom.reference.errors import FatalError
from homeroom.reference.service.addresses import Address, plan_address

PLAIN: dict[str, Any] = {
    "host": "127.0.0.1", "port": 8443, "cert": None, "key": None, "public_url": None,
    "private_peers": None,
}  # fmt: skip


def plan(**given: Any) -> Address:
    return plan_address(**{**PLAIN, **given})


def test_loopback_is_plain_and_may_have_peers_beside_it() -> None:
    address = plan()
    assert (address.origin, address.tls, address.private) == ("http://127.0.0.1:8443", False, True)
    assert set(address.hosts) == {"127.0.0.1", "localhost", "[::1]"}
    assert plan(host="::1").origin == "http://[::1]:8443"


def test_proxy_before_loopback_makes_it_secure_and_its_peers_public() -> None:
    address = plan(public_url="https://Homeroom.example/")
    assert (address.secure, address.private) == (True, False)
    assert "homeroom.example" in address.hosts


def test_certificate_gives_the_names(tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    made = trustme.CA().issue_cert("homeroom.example", "*.homeroom.example", "10.1.2.3")
    cert.write_bytes(b"".join(part.bytes() for part in made.cert_chain_pems))
    address = plan(host="0.0.0.0", port=443, cert=cert, key=cert)  # noqa: S104 - nothing is bound
    assert (address.origin, address.private) == ("https://homeroom.example", False)
    assert set(address.hosts) == {"homeroom.example", "*.homeroom.example", "10.1.2.3"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": "0.0.0.0"}, "give --cert and --key"),  # noqa: S104 - refused
        ({"host": "10.0.0.7"}, "give --cert and --key"),
        ({"cert": Path("absent.pem")}, "come together"),
        ({"cert": Path("absent.pem"), "key": Path("absent.pem")}, "cannot be read"),
        ({"public_url": "http://homeroom.example"}, "begins with https://"),
        ({"public_url": "https://homeroom.example/x"}, "is not like"),
        ({"public_url": "homeroom.example"}, "is not like"),
    ],
)
def test_secrets_are_not_received_in_the_clear(given: dict[str, Any], said: str) -> None:
    with pytest.raises(FatalError, match=said):
        plan(**given)
