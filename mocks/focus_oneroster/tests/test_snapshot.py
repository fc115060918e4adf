"""Focus comes back whole from a snapshot: rows written, removed and gone, partners and tokens."""

from typing import Any, cast

import pytest

from homeroom.mocks.district import District
from homeroom.mocks.focus_oneroster.snapshot import restore
from homeroom.mocks.focus_oneroster.tests.conftest import Focus
from homeroom.mocks.focus_oneroster.world import FocusWorld
from homeroom.mocks.harness.pickled import ThawError
from homeroom.mocks.harness.snapshot import restore_space, write_snapshot


def bring_back(focus: Focus) -> None:
    """Take a snapshot and restore it in the same place."""
    content = write_snapshot(focus.opened.space, [focus.fake])
    space = focus.opened.run(restore_space(focus.opened.spaces, content, space=focus.opened.space))
    focus.opened.space = space
    focus.world = cast("FocusWorld", space.worlds["focus"])


def everything(focus: Focus) -> dict[str, Any]:
    names = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments", "results")
    return {name: focus.get(f"/{name}", limit="10000").json() for name in names}


def test_rows_written_marked_and_gone_come_back(tiny: Focus) -> None:
    first, second, third = tiny.ids("/users", limit="3")
    tiny.record("users", first, givenName="Renamed")
    tiny.record("users", "new-1", givenName="New", familyName="Pupil", role="student")
    tiny.delete("users", second)
    tiny.delete("users", third, gone=True)
    before = everything(tiny)
    bring_back(tiny)
    assert everything(tiny) == before
    assert tiny.get(f"/users/{third}").status == 404
    assert tiny.get("/users/new-1").status == 200


def test_references_of_written_rows_are_found_both_ways(tiny: Focus) -> None:
    class_ = tiny.ids("/classes", limit="1")[0]
    before = tiny.ids(f"/classes/{class_}/students", limit="1000")
    tiny.record("users", "new-1", givenName="New", familyName="Pupil", role="student")
    school = tiny.get(f"/classes/{class_}").json()["class"]["school"]["sourcedId"]
    fields = {"user": "new-1", "class": class_, "school": school, "role": "student"}
    tiny.record("enrollments", "e-new", **fields)
    bring_back(tiny)
    assert tiny.ids(f"/classes/{class_}/students", limit="1000") == [*before, "new-1"]


def test_a_token_and_a_partner_of_before_still_open_it(focus: Focus) -> None:
    bring_back(focus)
    assert focus.get("/orgs").status == 200
    assert focus.token().status == 200


def test_settings_come_back(focus: Focus) -> None:
    focus.settings(oauth1_clock="space")
    bring_back(focus)
    assert focus.world.settings.oauth1_clock == "space"


def test_a_dump_around_another_district_is_refused(tiny: Focus) -> None:
    space = tiny.opened.space
    dump = tiny.fake.dump_world(tiny.world)
    own = next(iter(tiny.world.clients.values()))
    empty = District(name="empty", seed=1, generated=True)
    with pytest.raises(ThawError, match="the district is not the one it was made around: orgs"):
        restore(space, empty, dump, own)
