"""Keys from the environment or a private file, and nothing opened by another key or elsewhere."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from homeroom.reference.onboarding.vault import (
    FILE_VARIABLE,
    KEY_VARIABLE,
    Vault,
    VaultError,
    find_vault,
)

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_sealed_value_opens_in_its_own_place_alone() -> None:
    vault = Vault([OLD])
    sealed = vault.seal("leon/oneroster", {"client_secret": "hush"})
    assert "hush" not in sealed
    assert vault.open("leon/oneroster", sealed) == {"client_secret": "hush"}
    with pytest.raises(VaultError, match="sealed for another place"):
        vault.open("duval/oneroster", sealed)


def test_altered_or_foreign_value_does_not_open() -> None:
    sealed = Vault([OLD]).seal("leon", "hush")
    flipped = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    for vault, value in ((Vault([NEW]), sealed), (Vault([OLD]), flipped), (Vault([OLD]), "é")):
        with pytest.raises(VaultError, match="not sealed with"):
            vault.open("leon", value)


def test_new_key_seals_and_the_old_one_still_opens() -> None:
    sealed = Vault([OLD]).seal("leon", "hush")
    both = Vault([NEW, OLD])
    assert both.open("leon", sealed) == "hush"
    assert Vault([NEW]).open("leon", both.reseal(sealed)) == "hush"


def test_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "state" / "vault.key"
    sealed = find_vault({}, path).seal("leon", "hush")
    assert path.stat().st_mode & 0o777 == 0o600
    assert find_vault({}, path).open("leon", sealed) == "hush"


def test_key_file_that_others_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(OLD)
    path.chmod(0o640)
    with pytest.raises(VaultError, match=r"mode 0640\): `chmod 600") as refused:
        find_vault({FILE_VARIABLE: str(path)}, tmp_path / "unused")
    assert OLD not in str(refused.value)
    path.chmod(0o600)
    find_vault({FILE_VARIABLE: str(path)}, tmp_path / "unused")
    assert not (tmp_path / "unused").exists()


def test_named_key_file_that_is_absent_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="cannot be read"):
        find_vault({FILE_VARIABLE: str(tmp_path / "absent")}, tmp_path / "unused")
    assert list(tmp_path.iterdir()) == []


def test_environment_comes_first_and_holds_several_keys(tmp_path: Path) -> None:
    sealed = Vault([OLD]).seal("leon", "hush")
    vault = find_vault({KEY_VARIABLE: f"{NEW} {OLD}"}, tmp_path / "unused")
    assert vault.open("leon", sealed) == "hush"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["short", "A" * 43, "é" * 44])
def test_malformed_key_is_refused_and_not_repeated(key: str, tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="44 characters") as refused:
        find_vault({KEY_VARIABLE: key}, tmp_path / "unused")
    assert key not in str(refused.value)
