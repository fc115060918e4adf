"""Who may use the service: named admins, each with a token of their own.

Tokens come from the environment, or from a file that only its owner reads; the first start makes
one. What is kept in memory is a digest of each.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.vault import read_private, write_private

TOKENS_VARIABLE = "HOMEROOM_ADMIN_TOKENS"
SHORTEST = 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class Admins:
    """Admins by token."""

    def __init__(self, tokens: Mapping[str, str], *, where: str) -> None:
        """Take tokens by name. Raises FatalError: there are none, or one is too easy to guess."""
        if not tokens:
            raise FatalError(f"{where}: there is no admin's token; a line is NAME=TOKEN")
        for name, token in tokens.items():
            if not _NAME.fullmatch(name):
                raise FatalError(
                    f"{where}: {name[:80]!r} is no name of an admin; allowed are up to 64 "
                    "letters, digits, and . _ @ -"
                )
            if len(token) < SHORTEST or not re.fullmatch(r"[!-~]+", token):
                raise FatalError(
                    f"{where}: the token of {name} is too easy to guess; allowed are "
                    f"{SHORTEST} or more printable characters without blanks"
                )
        self._digests = {name: _digest(token) for name, token in tokens.items()}
        self.where = where

    def __repr__(self) -> str:
        return f"Admins({', '.join(self._digests)})"

    def find(self, token: str) -> str | None:
        """Say whose token it is; None where it is nobody's."""
        given, found = _digest(token), None
        for name, digest in self._digests.items():
            if hmac.compare_digest(given, digest):
                found = name
        return found

    def knows(self, name: str, mark: str) -> bool:
        """Whether a session's mark is still that of an admin's present token."""
        return name in self._digests and hmac.compare_digest(
            self.mark(name).encode(), mark.encode("utf-8", "replace")
        )

    def mark(self, name: str) -> str:
        """Give what ties a session to an admin's present token, and tells nothing of it."""
        return hashlib.sha256(b"session" + self._digests[name]).hexdigest()[:16]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def find_admins(environ: Mapping[str, str], default_file: Path) -> Admins:
    """Find the admins: in the environment, else in a file, which is made where there is none.

    `HOMEROOM_ADMIN_TOKENS` holds NAME=TOKEN pairs with blanks between; a file has one a line.

    Raises:
        FatalError: A pair is malformed, or others can read the file. Its text holds no token.
    """
    given = environ.get(TOKENS_VARIABLE, "").split()
    if given:
        return Admins(_pairs(given, TOKENS_VARIABLE), where=TOKENS_VARIABLE)
    if not default_file.exists():
        write_private(default_file, f"admin={secrets.token_urlsafe(32)}\n")
    lines = [line.strip() for line in read_private(default_file).splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    where = str(default_file)
    return Admins(_pairs(lines, where), where=where)


def _pairs(lines: list[str], where: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, equals, token = line.partition("=")
        if not equals:
            raise FatalError(f"{where}: entry {number} is not NAME=TOKEN")
        if name in pairs:
            raise FatalError(f"{where}: {name[:80]} stands twice")
        pairs[name] = token
    return pairs
