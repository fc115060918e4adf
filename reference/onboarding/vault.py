"""Secrets at rest: sealed with keys that come from the environment or from a file of mode 0600.

Fernet (AES-128-CBC and HMAC-SHA256) by `cryptography`. Of several keys the first seals and all
open, so that a key is replaced without losing what the old one sealed.
"""

import hashlib
import hmac
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from homeroom.reference.errors import FatalError

KEY_VARIABLE = "HOMEROOM_VAULT_KEY"
FILE_VARIABLE = "HOMEROOM_VAULT_KEY_FILE"


class VaultError(FatalError):
    """A key is missing, unsafe or wrong; its text never holds a key."""


class Vault:
    """Seals and opens what must never be read off a disk."""

    def __init__(self, keys: Sequence[str], *, where: str = "the keys given") -> None:
        """Take keys, each 32 bytes in URL-safe base64. Raises VaultError: none, or one is bad."""
        if not keys:
            raise VaultError(f"{where}: there is no key")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except (ValueError, TypeError):
            raise VaultError(
                f"{where}: a key is 32 bytes in URL-safe base64, 44 characters; make one with "
                '`python -c "from cryptography.fernet import Fernet; '
                'print(Fernet.generate_key().decode())"`'
            ) from None
        self._first, self.where = keys[0].encode(), where

    def __repr__(self) -> str:
        return f"Vault({self.where})"

    def seal(self, label: str, value: Any) -> str:
        """Seal a value for one place, named by `label`: it opens nowhere else."""
        return self._fernet.encrypt(msgspec.json.encode([label, value])).decode()

    def open(self, label: str, sealed: str) -> Any:
        """Open what was sealed for this place.

        Raises:
            VaultError: By another key, for another place, or altered.
        """
        try:
            found, value = msgspec.json.decode(self._fernet.decrypt(sealed))
        except (InvalidToken, msgspec.MsgspecError, ValueError, TypeError):
            raise VaultError(
                f"{label}: what is stored was not sealed with {self.where}. Give the key back "
                "that sealed it, or enter the credentials again"
            ) from None
        if found != label:
            raise VaultError(f"{label}: what is stored was sealed for another place: {found}")
        return value

    def derive(self, purpose: str) -> str:
        """Give a secret for another purpose, the same wherever the first key is the same."""
        return hmac.new(self._first, purpose.encode(), hashlib.sha256).hexdigest()

    def reseal(self, sealed: str) -> str:
        """Seal anew with the first key. Raises VaultError: none of the keys opens it."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            raise VaultError(f"what is stored was not sealed with {self.where}") from None


def find_vault(environ: Mapping[str, str], default_file: Path) -> Vault:
    """Find the keys: in the environment, else in a file, which is made where there is none.

    `HOMEROOM_VAULT_KEY` holds keys with blanks between; `HOMEROOM_VAULT_KEY_FILE` names a file of
    one key a line. Without either it is `default_file`.

    Raises:
        VaultError: A key is malformed, or others can read the file.
    """
    given = environ.get(KEY_VARIABLE, "").split()
    if given:
        return Vault(given, where=f"the keys in {KEY_VARIABLE}")
    named = environ.get(FILE_VARIABLE)
    path = Path(named) if named else default_file
    if named is None and not path.exists():
        write_private(path, Fernet.generate_key().decode() + "\n")
    lines = (line.strip() for line in read_private(path).splitlines())
    keys = [line for line in lines if line and not line.startswith("#")]
    return Vault(keys, where=f"the keys in {path}")


def write_private(path: Path, text: str) -> None:
    """Make a file that only its owner reads. Raises VaultError: it is there, or cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise VaultError(f"{path} cannot be made: {error.strerror}") from None


def read_private(path: Path) -> str:
    """Read a file that only its owner may read. Raises VaultError: others can, or it is no text."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise VaultError(
                    f"{path} can be read by others (mode {mode:04o}): `chmod 600 {path}`, and "
                    "replace what is in it if others had access"
                )
            return file.read().decode()
    except OSError as error:
        raise VaultError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise VaultError(f"{path} is no text") from None
