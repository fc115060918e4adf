"""`homeroom evaluate` and a conversion from e-mail-based SIS ids, end to end."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.converting import BY_EMAIL, NOW, import_rekeys, users_of, verb
from checks.support import Up, homeroom
from checks.worlds import control, focus, new_space


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NOW) as running:
        yield running


@pytest.fixture
def space(up: Up, request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """A world of its own: `tiny`, or the size that the test is given."""
    document = new_space(up.document, district=getattr(request, "param", "tiny"), now=NOW)
    yield document
    assert control(document, "DELETE", "").status == 204


def test_an_empty_canvas_gets_everything_new_and_nothing_is_written(
    space: dict[str, Any], tmp_path: Path
) -> None:
    done = verb(space, tmp_path, "evaluate", "--out", "out", "--json")
    assert done.code == 0, done.err
    found = done.json()
    assert found["counts"]["sections"]["new"] == 36
    assert all(
        numbers["matched"] == numbers["changed"] == numbers["ambiguous"] == 0
        for numbers in found["counts"].values()
    )
    requests = control(space, "GET", "/journal").json()["requests"]
    written = {one["operationId"] for one in requests if one["method"] != "GET"}
    assert written == {"createToken"}


def test_a_canvas_that_is_up_to_date_matches_whole(space: dict[str, Any], tmp_path: Path) -> None:
    assert verb(space, tmp_path, "provision").code == 0
    found = verb(space, tmp_path, "evaluate", "--out", "out", "--json")
    assert found.code == 0, found.out
    counts = found.json()["counts"]
    for kind in ("accounts", "terms", "courses", "sections", "users"):
        assert counts[kind]["matched"] > 0
        assert counts[kind]["changed"] == counts[kind]["new"] == counts[kind]["ambiguous"] == 0
    told = found.json()["forecast"]["as_it_is"]
    assert told["enrollments_refused"] == 0
    assert told["kinds"]["sections"]["moved"] == 0


@pytest.mark.parametrize("space", ["small"], indirect=True)
def test_a_conversion_from_email_ids_to_sourced_ids_duplicates_nobody(
    space: dict[str, Any], tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    assert verb(space, old, "provision", toml=BY_EMAIL).code in {0, 1}
    before = users_of(space)
    assert before
    assert all("@" in each for each in before)

    done = verb(space, new, "evaluate", "--out", "out", "--json")
    assert done.code == 1, done.err
    found = done.json()
    assert found["counts"]["users"]["changed"] == len(before)
    assert found["keys"]["users"] == {"login": len(before)}
    assert found["forecast"]["as_it_is"]["kinds"]["users"]["refused"] == len(before)
    assert found["forecast"]["as_it_is"]["enrollments_refused"] > 0
    after = found["forecast"]["after_change_sis_id"]
    assert after["kinds"]["users"]["refused"] == after["kinds"]["users"]["duplicated"] == 0
    assert after["enrollments_refused"] == 0
    with (new / "out" / "change_sis_id.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["old_id"] for row in rows if row["type"] == "user"} == set(before)

    import_rekeys(space, new / "out" / "change_sis_id.csv")
    night = verb(space, new, "provision", "--json")
    assert night.code == 0, night.out + night.err
    converted = users_of(space)
    people = {
        user["sourcedId"]: user["email"]
        for user in focus(space, "/users?limit=10000").json()["users"]
    }
    assert {people[sis_id]: id_ for sis_id, id_ in converted.items()} == before
    again = verb(space, new, "evaluate", "--out", "out", "--json")
    assert again.code == 0, again.out
    assert again.json()["change_sis_id"] == 0


def test_the_files_are_whole_and_the_page_names_nobody(
    space: dict[str, Any], tmp_path: Path
) -> None:
    assert verb(space, tmp_path / "old", "provision", toml=BY_EMAIL).code in {0, 1}
    done = verb(space, tmp_path, "evaluate", "--out", "out")
    assert done.code == 1, done.err
    out = tmp_path / "out"
    names = {file.name for file in out.iterdir()}
    kinds = ("accounts", "terms", "courses", "sections", "users")
    assert names == {
        "index.html", "evaluation.json", "change_sis_id.csv", *(f"{kind}.csv" for kind in kinds),
    }  # fmt: skip
    told = json.loads((out / "evaluation.json").read_text())
    with (out / "users.csv").open(newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == sum(told["counts"]["users"].values())
    page = (out / "index.html").read_text() + done.out
    assert "change_sis_id.csv" in page
    users = focus(space, "/users?limit=10000").json()["users"]
    named = [f"{user['givenName']} {user['familyName']}" for user in users]
    assert [name for name in named if name in page] == []
    secrets = (space["oneroster"]["client_secret"], space["canvas"]["token"])
    assert [one for one in secrets if one in page] == []


def test_a_peer_that_is_missing_is_exit_2(tmp_path: Path) -> None:
    done = homeroom("evaluate", cwd=tmp_path)
    assert done.code == 2
    assert "ONEROSTER_BASE_URL" in done.err
