"""TLS for the fakes: certificates made at the start, and wrong ones for who asks for a fault."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import trustme

WRONG_HOST = "another-host.homeroom.invalid"
CERTIFICATES = ("expired", "self-signed", "wrong-host")
"""What a fault of kind `tls` may show instead of the right certificate."""
_CA_FILE, _CA_KEY = "ca.pem", "ca-key.pem"


class Certificates:
    """An authority of our own, kept in a folder, and what it signs."""

    def __init__(self, folder: Path, host: str) -> None:
        """Use the authority in `folder`, or make one there."""
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = folder / _CA_FILE
        """What a client must trust."""
        key_file = folder / _CA_KEY
        if self.ca_file.exists() and key_file.exists():
            self._ca = trustme.CA.from_pem(self.ca_file.read_bytes(), key_file.read_bytes())
        else:
            self._ca = trustme.CA(organization_name="Homeroom")
            key_file.touch(mode=0o600)
            key_file.write_bytes(self._ca.private_key_pem.bytes())
            self.ca_file.write_bytes(self._ca.cert_pem.bytes())
        names = ["127.0.0.1", "localhost", "::1"]
        self._names = names if host in names else [host, *names]

    def server_context(self, choose: Callable[[], str | None]) -> ssl.SSLContext:
        """Make a server's context that asks `choose` at each handshake which certificate to show.

        `choose` returns one of CERTIFICATES, or None for the right one.
        """
        wrong = {name: self._wrong(name) for name in CERTIFICATES}
        right = _context()
        self._ca.issue_cert(*self._names).configure_cert(right)

        def on_hello(connection: ssl.SSLObject, _name: str | None, _ctx: ssl.SSLContext) -> None:
            # Called for each handshake, whether the client names a host or not.
            chosen = choose()
            if chosen is not None:
                connection.context = wrong[chosen]

        right.sni_callback = on_hello
        return right

    def _wrong(self, name: str) -> ssl.SSLContext:
        context = _context()
        match name:
            case "expired":
                ended = datetime(2020, 1, 1, tzinfo=UTC)
                begun = datetime(2019, 1, 1, tzinfo=UTC)
                leaf = self._ca.issue_cert(*self._names, not_before=begun, not_after=ended)
                leaf.configure_cert(context)
            case "wrong-host":
                self._ca.issue_cert(WRONG_HOST).configure_cert(context)
            case _:
                # An authority's own certificate is signed by itself, and this one nobody trusts.
                stranger = trustme.CA(organization_name="Homeroom, signed by nobody")
                both = stranger.private_key_pem.bytes() + stranger.cert_pem.bytes()
                with trustme.Blob(both).tempfile() as path:
                    context.load_cert_chain(path)
        return context


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def client_context(ca_file: Path) -> ssl.SSLContext:
    """Make a client's context that trusts our authority and nothing else."""
    return ssl.create_default_context(cafile=str(ca_file))
