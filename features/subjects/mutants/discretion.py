"""Mutants about discretion: what a service lets slip, and whom it does not bear with."""

import base64
import functools
import os
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from homeroom.features.subjects.mutants.wire import Wire
from homeroom.reference import transport
from homeroom.reference.transport import Response, Transport


class TokenInTheAddress(Wire):
    """Sends Canvas's token in the address, too."""

    kills = ("SEC-TOK-01",)

    def _request(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        if self._focus not in url and method == "GET" and "access_token" not in url:
            url += f"{'&' if '?' in url else '?'}access_token={os.environ['CANVAS_TOKEN']}"
        return super()._request(send, method, url, given)


class SaysItsToken(Wire):
    """Prints what it connects with."""

    kills = ("SEC-LOG-01",)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        sys.stderr.write(f"connected with {os.environ['CANVAS_TOKEN']}\n")
        return exit_code


class KeepsItsKey(Wire):
    """Writes its settings, secrets included, into its memory."""

    kills = ("SEC-KEEP-01",)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        folder = Path(os.environ["HOMEROOM_STATE_DIR"])
        (folder / "settings.txt").write_text(os.environ["ONEROSTER_CLIENT_SECRET"])
        return exit_code


class TrustsAnyone(Wire):
    """Does not verify certificates."""

    kills = ("SEC-TLS-01",)

    def install(self) -> None:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        transport.tls_context = functools.cache(lambda: trusting)
        super().install()


class ReadsBirthdays(Wire):
    """Reads demographics, for which it has no use."""

    kills = ("PRI-MIN-01",)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        send("GET", "demographics?limit=1")
        return exit_code


class CannotWait(Wire):
    """Asks again at once where it was told to wait."""

    kills = ("PRF-RTY-01",)

    def install(self) -> None:
        def at_once(_transport: Transport, error: Exception) -> bool | float:
            time.sleep(0)
            return 0.01 if type(error).__name__ == "_UnwellError" else False

        Transport._pause = at_once  # type: ignore[method-assign,assignment]  # noqa: SLF001 -- that is a mutant
        super().install()


class ReadsOverAndOver(Wire):
    """Reads every page five times."""

    kills = ("PRF-RDS-01",)

    def _request(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        if self._focus in url and method == "GET":
            for _ in range(4):
                send(method, url, **given)
        return super()._request(send, method, url, given)


class _TellsInAddresses(Wire):
    """Sends requests to other addresses than the service means."""

    def address(self, url: str, headers: Mapping[str, str], given: Mapping[str, Any]) -> str:
        """Give the address that is asked instead."""
        raise NotImplementedError

    def install(self) -> None:
        plain = Transport.send

        def send(
            peer: Transport, method: str, url: str, headers: Mapping[str, str], **given: Any
        ) -> Response:
            return plain(peer, method, self.address(url, headers, given), headers, **given)

        Transport.send = send  # type: ignore[method-assign,assignment] # that is a mutant
        super().install()


class SecretInTheAddress(_TellsInAddresses):
    """Asks Focus for its token with the secret in the address."""

    kills = ("SEC-TOK-01",)

    def address(self, url: str, headers: Mapping[str, str], given: Mapping[str, Any]) -> str:
        secret = f"?client_secret={os.environ['ONEROSTER_CLIENT_SECRET']}"
        return url + secret if given.get("auth") else url


class FocusTokenInTheAddress(_TellsInAddresses):
    """Sends Focus's token in the address, too."""

    kills = ("SEC-TOK-01",)

    def address(self, url: str, headers: Mapping[str, str], given: Mapping[str, Any]) -> str:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        ours = self._focus in url and token
        return f"{url}{'&' if '?' in url else '?'}access_token={token}" if ours else url


class SaysItsKeyInBasic(Wire):
    """Prints the header by which it asks for a token."""

    kills = ("SEC-LOG-01",)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        names = ("ONEROSTER_CLIENT_ID", "ONEROSTER_CLIENT_SECRET")
        pair = ":".join(os.environ[name] for name in names)
        sys.stderr.write(f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}\n")
        return exit_code
