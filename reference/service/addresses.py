"""Where the service listens, by which names it may be called, and with which certificate."""

import ssl
from collections.abc import Collection
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from cryptography import x509

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.credentials import is_loopback

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An address to serve at."""

    host: str
    # What links and redirects begin with; its port is known once the socket is bound.
    origin: str
    hosts: Collection[str]
    tls: bool
    # Whether peers on loopback and in private networks may be entered.
    private: bool

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.origin.startswith("https://")


def plan_address(
    *,
    host: str,
    port: int,
    cert: Path | None,
    key: Path | None,
    public_url: str | None,
    private_peers: bool | None,
) -> Address:
    """Decide how the service is reached.

    Args:
        host: Address to bind; one that is not loopback needs a certificate.
        port: The port that was bound.
        cert: Certificate chain, PEM; with `key`.
        key: Its private key, PEM.
        public_url: What districts' links begin with, where that is not `host` and `port`; a proxy
            that ends TLS before a service on loopback is told so.
        private_peers: None allows them where the service itself is on loopback without TLS.

    Raises:
        FatalError: Secrets would go over the network in the clear, or a file is unusable.
    """
    if (cert is None) != (key is None):
        raise FatalError("--cert and --key come together: the certificate's chain and its key")
    if cert is None and not is_loopback(host.strip("[]")):
        raise FatalError(
            f"--host {host} is reached from other machines, and secrets are not received in the "
            "clear: give --cert and --key, or keep to 127.0.0.1"
        )
    names = set(LOOPBACK if is_loopback(host.strip("[]")) else ())
    named = [] if cert is None else read_names(cert)
    names.update(named)
    shown = f"[{host}]" if ":" in host else host
    if cert is None:
        origin = f"http://{shown}:{port}"
    else:
        first = next((name for name in named if not name.startswith("*")), shown)
        origin = f"https://{first}" + ("" if port == 443 else f":{port}")
    if public_url is not None:
        parts = urlsplit(public_url)
        local = is_loopback(parts.hostname or "")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise FatalError(f"--public-url {public_url} is not like https://homeroom.example")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise FatalError("--public-url begins with https://: districts enter secrets there")
        origin = public_url.rstrip("/")
        names.add((parts.netloc if ":" not in parts.netloc else parts.hostname).lower())
    names.discard("")
    private = cert is None and public_url is None if private_peers is None else private_peers
    return Address(
        host=host, origin=origin, hosts=frozenset(names), tls=cert is not None, private=private
    )


def read_names(cert: Path) -> list[str]:
    """Give the names that a certificate is for. Raises FatalError: it is none."""
    try:
        chain = x509.load_pem_x509_certificates(cert.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no certificate in PEM"
        raise FatalError(f"--cert {cert} cannot be read: {reason}") from None
    try:
        names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise FatalError(f"--cert {cert} names no host (subjectAltName)") from None
    dns: list[str] = names.get_values_for_type(x509.DNSName)
    addresses = names.get_values_for_type(x509.IPAddress)
    shown = [f"[{each}]" if ip_address(str(each)).version == 6 else str(each) for each in addresses]
    return [name.lower() for name in dns] + shown


def load_certificate(cert: Path, key: Path) -> ssl.SSLContext:
    """Load both files. Raises FatalError: one is unusable, or they do not belong together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key, password=lambda: "")
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise FatalError(
            f"--cert {cert} and --key {key} cannot be used together: {reason}"
        ) from None
    return context
