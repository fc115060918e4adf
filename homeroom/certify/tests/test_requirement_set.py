"""The requirement set: strict, hashed canonically, without orphans."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from homeroom.certify.requirement_set import RequirementSetError, read_requirement_set
from homeroom.certify.testing import a_requirement, a_scenario


def as_data(id_: str = "PRV-ENR-01") -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(a_requirement(id_))
    return {key: value for key, value in data.items() if value is not None}


def write(folder: Path, *requirements: dict[str, Any], name: str = "a.yaml") -> Path:
    (folder / "set.yaml").write_text("id: focus-canvas-1.1\nversion: '2026.1'\n")
    (folder / name).write_text(yaml.safe_dump({"requirements": list(requirements)}))
    return folder


def test_requirements_are_read_by_id(tmp_path: Path) -> None:
    set_ = read_requirement_set(write(tmp_path, as_data("PRV-ENR-02"), as_data("PRV-ENR-01")))
    assert (set_.id, set_.version) == ("focus-canvas-1.1", "2026.1")
    assert list(set_.requirements.items()) == [
        ("PRV-ENR-01", a_requirement("PRV-ENR-01")),
        ("PRV-ENR-02", a_requirement("PRV-ENR-02")),
    ]


def test_one_subject_may_stand_without_a_list(tmp_path: Path) -> None:
    set_ = read_requirement_set(write(tmp_path, as_data() | {"subject": "sync"}))
    assert set_.requirements["PRV-ENR-01"] == a_requirement()


def test_digest_is_of_the_content_not_of_its_layout(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    write(one, as_data("PRV-ENR-01"), as_data("PRV-ENR-02"))
    write(two, as_data("PRV-ENR-02"))
    write(two, dict(reversed(as_data("PRV-ENR-01").items())), name="b.yaml")
    assert read_requirement_set(one).sha256 == read_requirement_set(two).sha256
    write(two, as_data("PRV-ENR-01") | {"remedy": "Another one."}, name="b.yaml")
    assert read_requirement_set(one).sha256 != read_requirement_set(two).sha256


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"level": "may"}, r"a\.yaml: Invalid enum value 'may'"),
        ({"colour": "red"}, "unknown field `colour`"),
        ({"id": "enr-7"}, "matching regex"),
        ({"consequence": ""}, "length >= 1"),
        ({"evidence": "hearsay"}, "Invalid enum value 'hearsay'"),
    ],
)
def test_wrong_field_is_refused_by_name(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(RequirementSetError, match=told):
        read_requirement_set(write(tmp_path, as_data() | change))


def test_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, as_data())
    write(tmp_path, as_data(), name="b.yaml")
    with pytest.raises(RequirementSetError, match=r"b\.yaml: PRV-ENR-01 stands in a\.yaml too"):
        read_requirement_set(tmp_path)


def test_set_without_its_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequirementSetError, match="there is no such file"):
        read_requirement_set(tmp_path)


def test_orphans_are_named_in_both_directions(tmp_path: Path) -> None:
    write(
        tmp_path,
        as_data("PRV-ENR-01"),
        as_data("PRV-ENR-02"),
        as_data("PRV-ENR-03") | {"untested": "no API shows it"},
        as_data("PRV-ENR-04") | {"untested": "no API shows it"},
    )
    scenarios = [a_scenario("One", "PRV-ENR-01", "PRV-ENR-99", "PRV-ENR-04")]
    assert read_requirement_set(tmp_path).orphans(scenarios) == [
        f"{scenarios[0].id} names the unknown requirement PRV-ENR-99",
        "PRV-ENR-02 has no scenario and no reason in `untested`",
        "PRV-ENR-04 has a scenario and says it is untested",
    ]
