"""What becomes of a connection that has come to a private address."""

import pytest

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.guarding import watch

URL = "https://sis.example/v1p1/orgs"


class Stream:
    """A connection, as the HTTP library shows it."""

    def __init__(self, address: str) -> None:
        self.address, self.closed = address, False

    def get_extra_info(self, name: str) -> tuple[str, int]:
        """Tell where it has come to."""
        assert name == "server_addr"
        return self.address, 443

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


def connect(url: str, towards: str, address: str) -> Stream:
    """Connect, as the HTTP library tells of it."""
    look, stream = watch(url), Stream(address)
    look("connection.connect_tcp.started", {"host": towards, "port": 443})
    look("connection.connect_tcp.complete", {"return_value": stream})
    look("connection.start_tls.started", {})
    return stream


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1", "fd00::1",
     "::ffff:127.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(address: str) -> None:
    look, stream = watch(URL), Stream(address)
    look("connection.connect_tcp.started", {"host": "sis.example", "port": 443})
    with pytest.raises(FatalError, match=r"sis\.example is an address .* --private-peers"):
        look("connection.connect_tcp.complete", {"return_value": stream})
    assert stream.closed


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1"])
def test_a_public_address_is_none_of_its_business(address: str) -> None:
    assert not connect(URL, "sis.example", address).closed


def test_an_address_is_judged_in_every_way_of_writing_it() -> None:
    for url, towards in (("https://SIS.example/", "sis.example"), ("https://[::1]/", "::1")):
        with pytest.raises(FatalError):
            connect(url, towards, "::1")


def test_the_operators_own_proxy_may_be_in_a_private_network() -> None:
    assert not connect(URL, "proxy.internal", "10.0.0.1").closed
