"""Ed25519 signatures of a bundle's SHA256SUMS, which lists the digest of everything else in it.

The signature is the 64 raw bytes, as `openssl pkeyutl -verify -rawin` takes them.
"""

import stat
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

_MAKE = "`openssl genpkey -algorithm ed25519 -out FILE` makes one"
_SHOW = "`openssl pkey -in KEY -pubout -out FILE` writes it"


class KeyFileError(Exception):
    """A key cannot be used; the text names the file and what to do."""


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a signing key in PEM that is its owner's alone. Raises KeyFileError."""
    content = _read(path)
    if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError(f"{path}: others may read this private key; `chmod 600 {path}`")
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise KeyFileError(f"{path}: the key has a passphrase; give one without") from None
    except ValueError:
        raise KeyFileError(f"{path}: is no private key in PEM; {_MAKE}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: is no Ed25519 key; {_MAKE}")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key in PEM. Raises KeyFileError."""
    content = _read(path)
    try:
        key = load_pem_public_key(content)
    except ValueError:
        raise KeyFileError(f"{path}: is no public key in PEM; {_SHOW}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"{path}: is no Ed25519 key; {_MAKE}")
    return key


def is_signed_by(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    """Say whether `signature` is that key's of `content`."""
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from None
