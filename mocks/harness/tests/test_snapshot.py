"""A snapshot brings a whole space back, and a file that is none changes nothing."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
import pytest

from homeroom.mocks.harness.faults import ACTS, FaultRule, parse_rule
from homeroom.mocks.harness.snapshot import MARK, SnapshotError, restore_space, write_snapshot
from homeroom.mocks.harness.space import Space
from homeroom.mocks.harness.testing import OpenFake

LATER = datetime(2026, 10, 5, 7, 30, tzinfo=UTC)
KEY = {"authorization": "key"}


def held(space: Space) -> dict[str, str]:
    world: Any = space.worlds["small"]
    return cast("dict[str, str]", world.held)


def rule(**fields: Any) -> FaultRule:
    return parse_rule(
        {"when": {}, "act": {"kind": "status"}} | fields,
        default_id="f",
        operations={"small": ["getUser"]},
        acts=ACTS,
    )


@pytest.fixture
def lived_in(vendor: OpenFake) -> OpenFake:
    """A vendor whose space has a history."""
    held(vendor.space)["u-1"] = "José"
    vendor.space.clock.set(LATER, frozen=True)
    vendor.space.secret("key")
    vendor.space.faults.add(rule(when={"nth": 2}))
    vendor.call("GET", "/api/v1/users/u-1", headers=KEY)
    return vendor


def snapshot(vendor: OpenFake, *, journal: bool = False) -> bytes:
    return write_snapshot(vendor.space, [vendor.fake], journal=journal)


def restore(vendor: OpenFake, content: bytes) -> Space:
    return vendor.run(restore_space(vendor.spaces, content, space=vendor.space))


def test_world_clock_and_rules_come_back(lived_in: OpenFake) -> None:
    content = snapshot(lived_in)
    held(lived_in.space).clear()
    lived_in.space.clock.set(datetime(2030, 1, 1, tzinfo=UTC), frozen=False)
    lived_in.space.faults.clear()
    space = restore(lived_in, content)
    assert held(space) == {"u-1": "José"}
    assert (space.clock.now(), space.clock.frozen) == (LATER, True)
    assert lived_in.spaces.find("default") is space


def test_a_rule_goes_on_counting_where_it_was(lived_in: OpenFake) -> None:
    restore(lived_in, snapshot(lived_in))
    statuses = [lived_in.call("GET", "/api/v1/users/u-1", headers=KEY).status for _ in range(2)]
    assert statuses == [503, 200]


def test_a_seeded_die_rolls_on_as_it_would_have(lived_in: OpenFake) -> None:
    one = rule(id="die", when={"probability": 0.5, "seed": 3})
    lived_in.space.faults.add(one)
    for _ in range(5):
        one.die.random()
    space = restore(lived_in, snapshot(lived_in))
    expected = [one.die.random() for _ in range(5)]
    again = space.faults.find("die")
    assert again is not None
    assert [again.die.random() for _ in range(5)] == expected


def test_credentials_of_the_space_stay_and_as_itself_those_of_the_snapshot_do(
    lived_in: OpenFake,
) -> None:
    old = lived_in.space.secret("key")
    content = snapshot(lived_in)
    lived_in.space.secrets["key"] = "another"
    assert restore(lived_in, content).secret("key") == "another"
    assert lived_in.run(restore_space(lived_in.spaces, content)).secret("key") == old


def test_the_journal_is_left_out_unless_asked_for_and_counts_on(lived_in: OpenFake) -> None:
    with_journal = snapshot(lived_in, journal=True)
    space = restore(lived_in, snapshot(lived_in))
    assert (len(space.journal), space.journal.last_seq) == (0, 1)
    lived_in.space = space
    space = restore(lived_in, with_journal)
    assert [one.path for one in space.journal] == ["/api/v1/users/u-1"]


def altered(content: bytes, change: Callable[[dict[str, bytes]], None], *, seal: bool) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
        comment = archive.comment
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
        manifest = parts.get("manifest.json", b"")
        sealed = MARK + hashlib.sha256(manifest).hexdigest().encode()
        archive.comment = sealed if seal else comment
    return file.getvalue()


def set_field(name: str, value: Any) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        manifest = msgspec.json.decode(parts["manifest.json"])
        parts["manifest.json"] = msgspec.json.encode({**manifest, name: value})

    return change


def set_world(parts: dict[str, bytes]) -> None:
    parts["small"] += b"x"


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def newer(content: bytes) -> bytes:
    return altered(content, set_field("format", 2), seal=True)


def of_other_shape(content: bytes) -> bytes:
    return altered(content, set_field("shapes", {"small": "0" * 64}), seal=True)


def forged_manifest(content: bytes) -> bytes:
    return altered(content, set_field("seed", 99), seal=False)


def forged_world(content: bytes) -> bytes:
    return altered(content, set_world, seal=True)


def without_world(content: bytes) -> bytes:
    return altered(content, lambda parts: cast("None", parts.pop("small") and None), seal=True)


def twice(content: bytes) -> bytes:
    return content + content


def with_more(content: bytes) -> bytes:
    return content + b"x"


def some_zip(_: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("users.csv", "sourcedId\n")
    return file.getvalue()


def nothing(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (cut, "it was cut, or is another file"),
        (nothing, "it was cut, or is another file"),
        (some_zip, "this is no whole Homeroom snapshot: it lacks"),
        (newer, r"the snapshot has format 2, this Homeroom \(.*\) reads format 1"),
        (of_other_shape, "whose small world has another shape"),
        (forged_manifest, "its seal does not match"),
        (forged_world, "its part small does not match"),
        (without_world, "it lacks"),
        (twice, "something stands before or after it"),
        (with_more, "something stands before or after it"),
    ],
)
def test_a_file_that_is_no_whole_snapshot_is_refused_and_the_world_stays(
    lived_in: OpenFake, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    content = spoil(snapshot(lived_in))
    with pytest.raises(SnapshotError, match=reason):
        restore(lived_in, content)
    assert lived_in.spaces.find("default") is lived_in.space
    assert held(lived_in.space) == {"u-1": "José"}


def test_a_flipped_bit_is_noticed(lived_in: OpenFake) -> None:
    content = snapshot(lived_in)
    with pytest.raises(SnapshotError):
        restore(lived_in, flipped(content))
