"""States, queue, abort and restore. Source: canvas-sis-imports.md 2."""

import asyncio

import pytest

from homeroom.mocks.canvas.tests.driver import DISTRICT, IMPORTS, Canvas

USERS = "user_id,login_id,status\nU1,ana,active\n"
OTHERS = "user_id,login_id,status\nU2,ben,active\n"


def states(canvas: Canvas) -> list[str]:
    return [batch.workflow_state for batch in canvas.world.batches]


def test_one_at_a_time_oldest_first_while_later_ones_wait_in_created(canvas: Canvas) -> None:
    canvas.world.runner.set_mode("manual")
    assert canvas.send(USERS).json()["workflow_state"] == "created"
    assert canvas.send(OTHERS).status == 200
    assert canvas.step() == 1
    assert states(canvas) == ["importing", "created"]
    importing = canvas.get(f"{IMPORTS}/importing")["sis_imports"]
    assert [one["id"] for one in importing] == [1]
    assert canvas.shown(1)["started_at"] is not None
    assert canvas.step() == 1
    assert states(canvas) == ["imported", "created"]
    assert canvas.step(5) == 2
    assert states(canvas) == ["imported", "imported"]


def test_batch_mode_passes_through_cleanup(canvas: Canvas) -> None:
    canvas.load(DISTRICT)
    canvas.world.runner.set_mode("manual")
    canvas.send(
        "course_id,short_name,long_name,term_id,status\nC1,ALG,Algebra,T1,active\n",
        batch_mode="1", batch_mode_term_id="sis_term_id:T1",
    )  # fmt: skip
    canvas.step(2)
    assert states(canvas)[-1] == "cleanup_batch"
    assert canvas.shown(2)["progress"] == 0
    canvas.step()
    assert states(canvas)[-1] == "imported"
    assert canvas.course("C2").workflow_state == "deleted"


def test_abort_of_a_waiting_import(canvas: Canvas) -> None:
    canvas.world.runner.set_mode("manual")
    canvas.send(USERS)
    shown = canvas.put(f"{IMPORTS}/1/abort")
    assert (shown["workflow_state"], shown["progress"]) == ("aborted", 0)
    assert canvas.step() == 0


def test_abort_of_an_ended_import_is_not_found(canvas: Canvas) -> None:
    canvas.load(USERS)
    assert canvas.call("PUT", f"{IMPORTS}/1/abort").status == 404


def test_queue_rests_ten_minutes_after_an_abort(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.runner.set_mode("manual")
    canvas.send(USERS)
    canvas.send(OTHERS)
    canvas.put(f"{IMPORTS}/1/abort")

    async def resume() -> None:
        canvas.world.runner.set_mode("auto")
        await asyncio.sleep(0)

    canvas.fake.run(resume())
    canvas.advance(599)
    assert states(canvas) == ["aborted", "created"]
    canvas.advance(1)
    assert states(canvas) == ["aborted", "imported"]


def test_abort_of_a_running_import_keeps_the_rows_applied(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.settings.patch({"import_rows_per_s": 10})
    rows = "".join(f"U{n},l{n},active\n" for n in range(250))
    canvas.send("user_id,login_id,status\n" + rows)
    canvas.advance(15)
    assert states(canvas) == ["importing"]
    shown = canvas.put(f"{IMPORTS}/1/abort")
    assert shown["workflow_state"] == "aborted"
    assert 0 < shown["progress"] < 100
    canvas.advance(100)
    assert 0 < len(canvas.world.store.pseudonyms) < 250
    assert canvas.shown(1)["workflow_state"] == "aborted"


def test_abort_all_pending_leaves_the_running_one(canvas: Canvas) -> None:
    canvas.world.runner.set_mode("manual")
    for text in (USERS, OTHERS):
        canvas.send(text)
    canvas.step()
    assert canvas.put(f"{IMPORTS}/abort_all_pending") == {"aborted": True}
    assert states(canvas) == ["importing", "aborted"]
    assert canvas.shown(2)["progress"] == 100


def test_import_rate_follows_the_clock_of_the_space(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.settings.patch({"import_rows_per_s": 100})
    rows = "".join(f"U{n},l{n},active\n" for n in range(1000))
    canvas.send("user_id,login_id,status\n" + rows)
    canvas.advance(5)
    assert states(canvas) == ["importing"]
    assert 40 <= canvas.shown(1)["progress"] <= 60
    canvas.advance(6)
    shown = canvas.shown(1)
    assert (shown["workflow_state"], shown["progress"]) == ("imported", 100)
    assert shown["started_at"] == "2026-09-01T06:00:00Z"
    assert shown["ended_at"] == "2026-09-01T06:00:11Z"


def test_imports_run_in_real_time_while_the_clock_is_frozen(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.send(USERS)

    async def wait() -> None:
        for _ in range(50):
            await asyncio.sleep(0.001)

    canvas.fake.run(wait())
    assert states(canvas) == ["imported"]


def test_failed_import_keeps_its_progress_and_is_no_success(canvas: Canvas) -> None:
    shown = canvas.load("foo\n1\n")
    assert (shown["workflow_state"], shown["progress"]) == ("failed_with_messages", 0)


def test_closing_the_space_stops_a_running_import(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.settings.patch({"import_rows_per_s": 1})
    canvas.send(USERS)
    canvas.advance(0)
    canvas.fake.run(canvas.world.close())
    assert states(canvas) == ["importing"]


# -- restore_states ----------------------------------------------------------------------------


def test_restore_deletes_what_the_import_created_and_revives_what_it_deleted(
    district: Canvas,
) -> None:
    district.load(
        {
            "users.csv": "user_id,login_id,status,email\nU3,cyd,active,c@x.org\n",
            "enrollments.csv": "section_id,user_id,role,status\nS1,U1,student,deleted\n",
        }
    )
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]
    progress = district.put(f"{IMPORTS}/2/restore_states")
    assert progress["tag"] == "sis_batch_state_restore"
    assert progress["context_type"] == "SisBatch"
    assert progress["context_id"] == 2
    district.settle()
    shown = district.shown(2)
    assert shown["workflow_state"] == "restored"
    assert district.seats("U1") == [("S1", "StudentEnrollment", "active")]
    assert district.login("U3").workflow_state == "deleted"
    assert district.user("U3").channels[0].workflow_state == "retired"
    assert shown["data"]["statistics"]["Enrollment"]["restored"] == 1
    assert district.get(f"/api/v1/progress/{progress['id']}")["workflow_state"] == "completed"


def test_state_before_the_first_of_several_changes_is_the_one_that_comes_back(
    district: Canvas,
) -> None:
    # What is made and deleted again in one import has no state to go back to; what only one
    # of two rows deletes is as it was, whichever state changed first among others.
    ended = district.load(
        {
            "users.csv": (
                "user_id,login_id,status\nU1,ana,deleted\nN1,new,active\nN1,new,deleted\n"
                "N1,new,active\nU1,ana,active\nU1,ana,deleted\n"
            )
        }
    )
    district.call("PUT", f"{IMPORTS}/{ended['id']}/restore_states")
    district.settle()
    assert district.login("N1").workflow_state == "deleted"
    assert district.login("U1").workflow_state == "active"


def test_restored_counts_are_those_of_the_restore_alone(district: Canvas) -> None:
    district.load("course_id,short_name,long_name,status\nC1,a,b,deleted\n")
    ended = district.load(
        {
            "c.csv": "course_id,short_name,long_name,status\nC1,a,b,active\n",
            "u.csv": "user_id,login_id,status\nU2,ben,deleted\n",
        }
    )
    assert ended["data"]["statistics"]["Course"]["restored"] == 1
    district.call("PUT", f"{IMPORTS}/{ended['id']}/restore_states", json={"undelete_only": True})
    district.settle()
    statistics = district.shown(ended["id"])["data"]["statistics"]
    assert (statistics["Course"]["restored"], statistics["Pseudonym"]["restored"]) == (0, 1)


def test_restore_never_restores_values(district: Canvas) -> None:
    district.load("course_id,short_name,long_name,status\nC1,NEW,New name,deleted\n")
    district.put(f"{IMPORTS}/2/restore_states")
    district.settle()
    course = district.course("C1")
    assert (course.name, course.workflow_state) == ("New name", "claimed")


@pytest.mark.parametrize("option", ["batch_mode", "undelete_only", "unconclude_only"])
def test_partial_restores_end_partially_restored(district: Canvas, option: str) -> None:
    district.put(f"{IMPORTS}/1/restore_states", **{option: True})
    district.settle()
    assert district.shown(1)["workflow_state"] == "partially_restored"
    assert district.login("U1").workflow_state == "active"


def test_undelete_only_revives_and_deletes_nothing(district: Canvas) -> None:
    district.load("section_id,user_id,role,status\nS1,U1,student,deleted\nS2,U1,student,active\n")
    district.put(f"{IMPORTS}/2/restore_states", undelete_only=True)
    district.settle()
    assert district.seats("U1") == [
        ("S1", "StudentEnrollment", "active"),
        ("S2", "StudentEnrollment", "active"),
    ]


def test_unconclude_only(district: Canvas) -> None:
    district.load(
        "section_id,user_id,role,status\nS1,U1,student,completed\nS1,U2,teacher,deleted\n"
    )
    district.put(f"{IMPORTS}/2/restore_states", unconclude_only=True)
    district.settle()
    assert district.seats("U1")[0][2] == "active"
    assert district.seats("U2")[0][2] == "deleted"


def test_both_only_options_are_refused_in_plain_text(district: Canvas) -> None:
    reply = district.call(
        "PUT", f"{IMPORTS}/1/restore_states", json={"undelete_only": 1, "unconclude_only": 1}
    )
    assert (reply.status, reply.body) == (400, b"cannot set both undelete_only and unconclude_only")
