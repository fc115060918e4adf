"""Peers of a service are on the public internet, unless it was started with --private-peers.

Whoever enters an address could have the service ask its own network, and a name that is public
when it is entered can lead elsewhere a minute later: so what counts is the address that each
connection has come to, looked at before anything is sent on it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.credentials import is_private
from homeroom.reference.settings import Settings
from homeroom.reference.transport import Response, Transport

# What the HTTP library calls as it connects, with the name of an event and what is known of it.
Watch = Callable[[str, dict[str, Any]], None]


class ServedSettings(Settings, frozen=True, kw_only=True):
    """The connection of a service's district."""

    # Whether peers on loopback and in private networks may be reached.
    private: bool


class PublicOnly(Transport):
    """A peer that is reached on the public internet alone."""

    def _once(self, method: str, url: str, *, idempotent: bool = True, **more: Any) -> Response:
        more["extensions"] = {"trace": watch(url)}
        return super()._once(method, url, idempotent=idempotent, **more)


def watch(url: str) -> Watch:
    """Give what looks at each connection made for a request, and refuses a private one.

    It raises FatalError: the connection is closed, and nothing was sent on it. Of a proxy that
    the operator set, the address is the operator's affair.
    """
    host, towards = urlsplit(url).hostname or "", ""

    def look(event: str, known: dict[str, Any]) -> None:
        nonlocal towards
        if event == "connection.connect_tcp.started":
            towards = str(known["host"])
        elif event == "connection.connect_tcp.complete" and towards.strip("[]").lower() == host:
            stream = known["return_value"]
            address = str(stream.get_extra_info("server_addr")[0])
            if is_private(address):
                stream.close()
                raise FatalError(private_peer(host))

    return look


def private_peer(host: str) -> str:
    """Say why a peer is not asked."""
    return (
        f"{host} is an address of this machine or of a private network; such peers are "
        "reached only where the service was started with --private-peers"
    )
