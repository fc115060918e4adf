"""Sealed reports are signed and checked; keys that cannot be used are named."""

import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from homeroom.certify.bundle import SIGNATURE, SUMS, BundleError, package, verify, write_bundle
from homeroom.certify.signing import KeyFileError, read_private_key, read_public_key
from homeroom.certify.testing import some_results


def a_key(folder: Path, name: str = "key") -> tuple[Path, Path]:
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.touch(0o600)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    half = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    public.write_bytes(half)
    return private, public


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    private, _ = a_key(tmp_path)
    write_bundle(some_results(), tmp_path / "report", {"repro/01-a.zip": b"a bundle"})
    package(tmp_path / "report", tmp_path / "report.zip", private)
    return tmp_path / "report.zip"


def test_signed_report_is_checked_sealed_and_unpacked(sealed: Path, tmp_path: Path) -> None:
    assert verify(sealed, tmp_path / "key.pub") == []
    with zipfile.ZipFile(sealed) as archive:
        archive.extractall(tmp_path / "out")
    folder = next((tmp_path / "out").iterdir())
    assert verify(folder, tmp_path / "key.pub") == []
    assert (folder / "repro" / "01-a.zip").read_bytes() == b"a bundle"
    assert len((folder / SIGNATURE).read_bytes()) == 64


def test_what_was_altered_is_named(sealed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(sealed) as archive:
        archive.extractall(tmp_path / "out")
    folder = next((tmp_path / "out").iterdir())
    (folder / "index.html").write_text("Certified")
    (folder / "repro" / "01-a.zip").unlink()
    (folder / "more.txt").write_text("x")
    assert verify(folder, tmp_path / "key.pub") == [
        "index.html: was changed after the run",
        "repro/01-a.zip: is missing",
        "more.txt: does not belong to the bundle",
    ]


def test_digests_made_anew_do_not_fit_the_signature(sealed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(sealed) as archive:
        archive.extractall(tmp_path / "out")
    folder = next((tmp_path / "out").iterdir())
    signature = (folder / SIGNATURE).read_bytes()
    write_bundle(some_results(name="Another"), tmp_path / "other")
    (tmp_path / "other" / SIGNATURE).write_bytes(signature)
    wrong = verify(tmp_path / "other", tmp_path / "key.pub")
    assert [each.partition(":")[0] for each in wrong] == [SIGNATURE]


def test_another_key_or_no_signature_is_told(sealed: Path, tmp_path: Path) -> None:
    _, other = a_key(tmp_path, "other")
    assert "another key" in verify(sealed, other)[0]
    assert verify(tmp_path / "report", other) == [
        "SHA256SUMS.sig: is missing: the bundle is not signed"
    ]


def test_same_run_and_key_make_the_same_bytes(sealed: Path, tmp_path: Path) -> None:
    package(tmp_path / "report", tmp_path / "again.zip", tmp_path / "key.pem")
    assert (tmp_path / "again.zip").read_bytes() == sealed.read_bytes()


def test_names_that_lead_out_of_the_bundle_are_refused(tmp_path: Path) -> None:
    write_bundle(some_results(), tmp_path / "report")
    sums = tmp_path / "report" / SUMS
    (tmp_path / "secret").write_text("x")
    sums.write_text(f"{sums.read_text()}{'0' * 64}  ../secret\n")
    assert verify(tmp_path / "report") == ["SHA256SUMS, line 4: is no digest and file name"]


def test_file_that_is_no_sealed_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("no zip")
    with pytest.raises(BundleError, match="is no whole sealed report"):
        verify(tmp_path / "x.zip")


def test_keys_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    private, public = a_key(tmp_path)
    private.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_private_key(private)
    with pytest.raises(KeyFileError, match="is no public key in PEM"):
        read_public_key(private)
    public.chmod(0o600)
    with pytest.raises(KeyFileError, match="is no private key in PEM"):
        read_private_key(public)
    with pytest.raises(KeyFileError, match="cannot be read"):
        read_public_key(tmp_path / "absent")
    other = tmp_path / "rsa.pem"
    other.touch(0o600)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyFileError, match="is no Ed25519 key"):
        read_private_key(other)
