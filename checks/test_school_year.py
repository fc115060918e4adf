"""A school year lived in a running world, night by night, in step with a sync service."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from checks.support import Up, homeroom, subject_environment
from homeroom.certify.control import ControlClient, ControlError, SpaceHandle
from homeroom.reference.transport import Bearer, ClientCredentials, Transport

NOW = "2026-09-01T06:00:00Z"


@pytest.fixture(scope="module")
def client() -> Iterator[ControlClient]:
    with Up("--district", "empty", "--now", NOW) as up:
        control = up.document["control"]
        made = ControlClient(control["url"], control["token"])
        yield made
        made.close()


def week(space: SpaceHandle) -> list[dict[str, Any]]:
    return space.evolve(days=7, scale=20)


def test_the_same_seed_lives_the_same_week(client: ControlClient) -> None:
    first, second = (client.new_space(district="tiny", now=NOW) for _ in range(2))
    events = week(first)
    assert events
    assert events == week(second)
    assert {event["event"] for event in events} & {"student joined", "student changed class"}
    assert first.now.date().isoformat() == "2026-09-08"


def test_days_asked_for_at_once_are_lived_one_after_the_other(client: ControlClient) -> None:
    at_once, in_turn = (client.new_space(district="tiny", now=NOW) for _ in range(2))
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(at_once.evolve, days=2, scale=20) for _ in range(3)]
    lived = sorted((one.result() for one in waiting), key=lambda events: events[0]["day"])
    assert [event for events in lived for event in events] == in_turn.evolve(days=6, scale=20)


def test_a_day_after_a_snapshot_is_the_day_it_would_have_been(client: ControlClient) -> None:
    space = client.new_space(district="tiny", now=NOW)
    space.evolve(days=3, scale=20)
    snapshot = space.snapshot()
    would_be = space.evolve(days=4)
    space.restore(snapshot)
    assert space.evolve(days=4) == would_be


def test_deltas_hold_what_a_day_changed(client: ControlClient) -> None:
    space = client.new_space(district="tiny", now=NOW)
    changed = {
        change["sourcedId"]
        for event in week(space)
        for change in event["changes"]
        if change["collection"] == "enrollments" and change["status"] != "gone"
    }
    oneroster = space.document["oneroster"]
    auth = ClientCredentials(
        oneroster["token_url"], oneroster["client_id"], oneroster["client_secret"]
    )
    with Transport(oneroster["base_url"], auth) as focus:
        delta = focus.request(
            "GET", "enrollments", params={"limit": 5000, "filter": f"dateLastModified>'{NOW}'"}
        ).json()["enrollments"]
    assert {row["sourcedId"] for row in delta} == changed


def test_other_dice_in_the_middle_of_a_year_are_refused(client: ControlClient) -> None:
    space = client.new_space(district="tiny", now=NOW)
    space.evolve(days=1, seed=4)
    with pytest.raises(ControlError, match="seed: 5 differs from 4"):
        space.evolve(days=1, seed=5)


def test_a_week_of_nights_keeps_canvas_in_step(client: ControlClient, tmp_path: Path) -> None:
    space = client.new_space(district="tiny", now=NOW)
    joined: set[str] = set()
    for _ in range(4):
        for event in space.evolve(days=1, scale=10):
            if event["event"] == "student joined":
                joined.add(event["about"])
        env = subject_environment(space.document, now=space.now.isoformat(), state_dir=tmp_path)
        done = homeroom("provision", "--json", env=env)
        assert done.code == 0, done.err + done.out
    assert joined
    canvas = space.document["canvas"]
    with Transport(canvas["base_url"], Bearer(canvas["token"])) as transport:
        for person in joined:
            reply = transport.request("GET", f"api/v1/users/sis_user_id:{person}")
            assert reply.status_code == 200, person
