"""Bundles of rules: ours all fit the contracts, anybody's file is read strictly."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.support import Up, homeroom
from checks.worlds import control, new_space
from homeroom.mocks.harness.faults.bundles import list_bundles

BUNDLES = [bundle.name for bundle in list_bundles()]


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--faults", "bad-tuesday") as running:
        yield running


def test_up_starts_with_a_bundle_of_that_name(up: Up) -> None:
    rules = control(up.document, "GET", "/faults").json()["faults"]
    assert [rule["id"] for rule in rules] == ["bad-tuesday-1", "bad-tuesday-2", "bad-tuesday-3"]


@pytest.mark.parametrize("name", BUNDLES)
def test_each_of_our_bundles_fits_the_fakes(up: Up, name: str) -> None:
    made = new_space(up.document)
    added = control(made, "POST", f"/faults/bundles/{name}")
    assert added.status == 201, added.body
    assert len(added.json()["faults"]) == len(control(made, "GET", "/faults").json()["faults"]) > 0
    again = control(made, "POST", f"/faults/bundles/{name}")
    assert again.status == 422
    assert "stands already" in again.json()["error"]
    assert control(made, "DELETE", "").status == 204


def test_a_bundle_that_is_none_is_refused_with_those_there_are(up: Up) -> None:
    refused = control(up.document, "POST", "/faults/bundles/good-tuesday")
    assert refused.status == 404
    assert all(name in refused.json()["error"] for name in BUNDLES)


def test_a_file_of_ones_own_is_taken(tmp_path: Path) -> None:
    rules = [{"id": "mine", "act": {"kind": "delay"}}, {"act": {"kind": "empty_page"}}]
    file = tmp_path / "ours.json"
    file.write_text(json.dumps({"about": "Ours.", "rules": rules}))
    with Up("--district", "empty", "--faults", str(file)) as running:
        found = control(running.document, "GET", "/faults").json()["faults"]
        assert [rule["id"] for rule in found] == ["mine", "ours-2"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("rules: []", "rules: is no list of rules"),
        ("- 1", "is no object with `rules`"),
        ("rules: [1]", "rule 1 is no object"),
        ("rules: [", "is no YAML"),
        ("rule: []", "rule is unknown; known: about, rules"),
        ("rules: [{act: {kind: delai}}]", "rule 1: act.kind: 'delai' is unknown; nearest: delay"),
        (
            "rules: [{act: {kind: delay}}, {when: {operation: getAllUser}, act: {kind: delay}}]",
            "rule 2: when.operation: 'getAllUser' is unknown; nearest: getAllUsers",
        ),
    ],
)
def test_a_mistake_in_a_file_is_named_and_ends_with_2(
    tmp_path: Path, content: str, reason: str
) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(content)
    done = homeroom("up", "--district", "empty", "--faults", str(file))
    assert done.code == 2
    assert reason in done.err
    assert "Traceback" not in done.err
