"""Mutants about a connection that cannot work yet: what they say of it, and what they keep."""

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from homeroom.features.subjects.mutants.wire import Wire
from homeroom.reference.errors import FatalError
from homeroom.reference.transport import Response


class TakesAWrongSecretForAQuietNight(Wire):
    """Says done where Focus refuses its secret."""

    kills = ("ONB-CON-01",)
    _refused = False

    def _to_focus(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        try:
            return super()._to_focus(send, method, url, given)
        except FatalError as error:
            self._refused = self._refused or "refused the client credentials" in str(error)
            raise

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return 0 if self._refused else exit_code


class _HearsCanvas(Wire):
    """Says done where Canvas answers one thing."""

    status: int
    """The answer that it takes for nothing to do."""
    _heard = False

    def _request(
        self, send: Callable[..., Response], method: str, url: str, given: dict[str, Any]
    ) -> Response:
        response = super()._request(send, method, url, given)
        ours = urlsplit(url).netloc == self._focus
        self._heard = self._heard or (not ours and response.status_code == self.status)
        return response

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return 0 if self._heard and command == "provision" else exit_code


class TakesAWrongTokenForAQuietNight(_HearsCanvas):
    """Says done where Canvas does not know its token."""

    kills = ("ONB-CON-02",)
    status = 401


class TakesMissingRightsForAQuietNight(_HearsCanvas):
    """Says done where Canvas knows its token and lets it do nothing."""

    kills = ("ONB-CON-03",)
    status = 403


class TakesAnEmptyCanvasForNothingToGrade(Wire):
    """Says done of a grade sync before the first night, for there are no grades yet."""

    kills = ("ONB-GPB-01",)

    def command(self, command: str) -> str:
        return "nothing" if command == "passback" and not self.seen("provisioned") else command

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        if command == "provision" and exit_code in (0, 1):
            self.is_new("provisioned")
        return exit_code


class KeepsTheFirstSecret(Wire):
    """Goes on with the secret that it was set up with, whatever was mended since."""

    kills = ("ONB-CON-04",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        if not self.remembered("secret"):
            self.is_new("secret", environ["ONEROSTER_CLIENT_SECRET"])
        os.environ["ONEROSTER_CLIENT_SECRET"] = self.remembered("secret")[0]
