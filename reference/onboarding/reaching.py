"""Whether a peer can be reached at all, safely, and whether its clock agrees with ours."""

import re
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from homeroom.reference.errors import FatalError, SyncError
from homeroom.reference.onboarding.checklist import (
    Finding,
    UnreachableError,
    failed,
    passed,
    warning,
)
from homeroom.reference.onboarding.credentials import is_loopback, is_private
from homeroom.reference.transport import Response, tls_context

EXPIRY_WARNING_DAYS = 21
HANDSHAKE_S = 10.0
# A provider of OAuth 1.0a tolerates a client's clock so far behind and ahead of its own.
SLOW_S, FAST_S = 600, 300
COLLECTION = re.compile(
    r"/(orgs|schools|users|classes|courses|enrollments|academicSessions|token|api/v1)$"
)


def look_at_addresses(named: dict[str, str]) -> Finding:
    """Check that each address is one, before anything is sent anywhere."""
    for name, url in named.items():
        problem = _problem(url)
        if problem:
            raise UnreachableError(f"{name}: {problem}", f"correct {name}")
    for name, url in named.items():
        ending = COLLECTION.search(url)
        if ending and name.endswith("base_url"):
            return warning(
                f"{name} ends with {ending[0]}",
                f"give the address that comes before {ending[0]}",
            )
    return passed(", ".join(f"{name} {bare(url)}" for name, url in named.items()))


def _problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "an address begins with https:// and a host"
    if parts.username or parts.password:
        return "credentials do not belong into an address"
    if parts.fragment or re.search(r"\s", url):
        return "there is a blank or a # in it"
    return ""


def bare(url: str) -> str:
    """Leave out what an address can carry before its host and behind its path: secrets."""
    return re.sub(r"//[^/]*@", "//", url.partition("?")[0])


def look_at_tls(urls: list[str], first: Callable[[], Response], *, private: bool = True) -> Finding:
    """Check that secrets would travel safely, and make the first request, which carries none.

    Unless `private`, no connection to this machine or a private network is spoken on.
    """
    plain = [url for url in urls if urlsplit(url).scheme == "http"]
    exposed = [url for url in plain if not is_loopback(urlsplit(url).hostname or "")]
    if exposed:
        return failed(
            f"{bare(exposed[0])} is plain HTTP",
            "use the https address; nothing was sent to this one",
        )
    try:
        first()
    except FatalError as error:
        if "TLS failed" not in str(error):
            raise UnreachableError(str(error), "correct the address") from None
        return failed(
            str(error),
            "install a certificate from a public authority, for this host, with its whole chain",
        )
    except SyncError as error:
        raise UnreachableError(
            str(error), "check the address, the firewall and whether the peer is up"
        ) from None
    if plain:
        return passed("plain HTTP, on this machine only")
    days = {url: _days_left(urlsplit(url), private=private) for url in urls}
    known = sorted(value for value in days.values() if value is not None)
    if not known:
        return passed("the certificate is trusted; its last day could not be read")
    if known[0] < EXPIRY_WARNING_DAYS:
        return warning(f"the certificate expires in {known[0]} days", "renew it before it does")
    return passed(f"the certificate is trusted and good for {known[0]} days")


def _days_left(parts: SplitResult, *, private: bool) -> int | None:
    """Read how long a certificate lasts; None behind a proxy, where only the client gets out."""
    address = (parts.hostname or "", parts.port or 443)
    try:
        with socket.create_connection(address, timeout=HANDSHAKE_S) as line:
            if not private and is_private(str(line.getpeername()[0])):
                return None
            with tls_context().wrap_socket(line, server_hostname=address[0]) as secured:
                certificate = secured.getpeercert() or {}
    except OSError:
        return None
    last = certificate.get("notAfter")
    return (
        int((ssl.cert_time_to_seconds(last) - time.time()) // 86400)
        if isinstance(last, str)
        else None
    )


def look_at_clock(answer: Response, *, signs: bool, now: datetime | None = None) -> Finding:
    """Compare the peer's Date with our clock; signatures are refused outside a window."""
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return warning("no Date header", "have the peer send Date, or compare the clocks by hand")
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    ahead_s = round(((now or datetime.now(UTC)) - theirs).total_seconds())
    told = f"our clock is {abs(ahead_s)} s {'ahead of' if ahead_s >= 0 else 'behind'} theirs"
    if -SLOW_S < ahead_s < FAST_S:
        return passed(told)
    remedy = "set both clocks by NTP"
    if signs:
        return failed(told, f"{remedy}: OAuth 1.0a signatures of another time are refused")
    return warning(told, f"{remedy}: token lifetimes and delta reads depend on it")
