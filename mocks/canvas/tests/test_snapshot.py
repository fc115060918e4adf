"""A root account comes back whole from a snapshot, and its imports go on."""

from typing import Any, cast

from homeroom.mocks.canvas.tests.driver import DISTRICT, IMPORTS, Canvas
from homeroom.mocks.canvas.tokens import Principal
from homeroom.mocks.canvas.world import CanvasWorld
from homeroom.mocks.harness.snapshot import restore_space, write_snapshot


def bring_back(canvas: Canvas) -> None:
    """Take a snapshot and restore it in the same place."""
    content = write_snapshot(canvas.space, [canvas.fake.fake])
    canvas.space = canvas.fake.run(restore_space(canvas.fake.spaces, content, space=canvas.space))
    canvas.fake.space = canvas.space
    canvas.world = cast("CanvasWorld", canvas.space.worlds["canvas"])


def all_of(canvas: Canvas) -> list[Any]:
    paths = ("users", "courses", "sis_imports", "terms")
    lists = [canvas.get(f"/api/v1/accounts/1/{path}", per_page=100) for path in paths]
    ids = [course["id"] for course in lists[1]]
    states = {"state[]": ["active", "deleted", "completed", "inactive"]}
    seats = [canvas.get(f"/api/v1/courses/{id_}/enrollments", **states) for id_ in ids]
    return [*lists, *seats]


def test_everything_reads_as_before(canvas: Canvas) -> None:
    canvas.load(DISTRICT)
    canvas.load("course_id,section_id,user_id,role,status\nC1,S1,U1,student,deleted\n")
    canvas.put(f"/api/v1/users/{canvas.user('U2').id}", user={"name": "Sticky Name"})
    before = all_of(canvas)
    bring_back(canvas)
    assert all_of(canvas) == before


def test_objects_found_in_several_ways_are_still_one(canvas: Canvas) -> None:
    canvas.load(DISTRICT)
    bring_back(canvas)
    canvas.load("course_id,section_id,user_id,role,status\nC1,S1,U1,student,inactive\n")
    assert canvas.seats("U1") == [("S1", "StudentEnrollment", "inactive")]
    canvas.load("user_id,login_id,status,full_name\nU1,anna,active,Anna Ruiz\n")
    shown = canvas.get("/api/v1/users/sis_user_id:U1")
    assert (shown["name"], shown["login_id"]) == ("Anna Ruiz", "anna")
    assert canvas.section("S1") is canvas.course("C1").sections[0]


def test_what_a_person_changed_still_sticks(canvas: Canvas) -> None:
    canvas.load(DISTRICT)
    canvas.put(f"/api/v1/courses/{canvas.course('C1').id}", course={"name": "Renamed by hand"})
    bring_back(canvas)
    canvas.load({"courses.csv": DISTRICT["courses.csv"]})
    assert canvas.course("C1").name == "Renamed by hand"


def test_diffing_knows_the_set_before(canvas: Canvas) -> None:
    users = DISTRICT["users.csv"]
    canvas.load({"users.csv": users}, diffing_data_set_identifier="nightly")
    bring_back(canvas)
    fewer = users.rsplit("\n", 2)[0] + "\n"
    canvas.load({"users.csv": fewer}, diffing_data_set_identifier="nightly")
    assert canvas.login("U2").workflow_state == "deleted"


def test_settings_and_tokens_outlive_it(canvas: Canvas) -> None:
    canvas.world.settings.patch({"throttling": "429", "sis_name": "Focus"})
    text = canvas.world.add_token(Principal("partner", None, frozenset({"read_sis"})))
    before = canvas.call("GET", IMPORTS, token=text).status
    bring_back(canvas)
    assert canvas.world.settings["throttling"] == "429"
    assert canvas.world.settings["sis_name"] == "Focus"
    assert canvas.call("GET", IMPORTS, token=text).status == before != 401
    assert canvas.get("/api/v1/accounts/1")["name"] == "Homeroom"


def test_an_import_that_was_running_begins_again_and_ends_the_same(canvas: Canvas) -> None:
    canvas.world.runner.mode = "manual"
    reply = canvas.send(DISTRICT["users.csv"])
    canvas.step()
    assert canvas.shown(reply.json()["id"])["workflow_state"] == "importing"
    bring_back(canvas)
    assert canvas.shown(reply.json()["id"])["workflow_state"] == "created"
    assert canvas.step(10) > 0
    ended = canvas.shown(reply.json()["id"])
    assert (ended["workflow_state"], ended["progress"]) == ("imported", 100)
    assert ended["data"]["counts"]["users"] == 2


def test_imports_that_waited_go_on_by_themselves(canvas: Canvas) -> None:
    canvas.world.runner.mode = "manual"
    first = canvas.send(DISTRICT["users.csv"]).json()["id"]
    canvas.world.runner.mode = "auto"
    bring_back(canvas)
    canvas.settle()
    assert canvas.shown(first)["workflow_state"] == "imported"
