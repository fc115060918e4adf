"""Small print of the facts about SIS imports that no other file of tests is about."""

import pytest

from homeroom.mocks.canvas.tests.driver import ACCOUNT, IMPORTS, Canvas


@pytest.mark.parametrize(
    "text",
    [
        "account_id,parent_account_id,name,status\n,,x,deleted\n",
        "term_id,name,status\n,x,deleted\n",
        "course_id,short_name,long_name,status\nC1,,,deleted\n",
        "section_id,course_id,name,status\nS1,,x,deleted\n",
        "xlist_course_id,section_id,status\n,S1,deleted\n",
        "user_id,login_id,status\n,x,deleted\n",
        "section_id,user_id,role,status\nS1,,student,deleted_last_completed\n",
        "account_id,user_id,role,status\n,,x,Deleted\n",
        "observer_id,student_id,status\nU1,,deleted\n",
    ],
)
def test_rows_that_skip_deletes_leaves_out_are_not_even_looked_at(
    district: Canvas, text: str
) -> None:
    assert district.warnings(text) != []
    ended = district.load(text, skip_deletes=1)
    assert ended["workflow_state"] == "imported"
    assert sum(ended["data"]["counts"].values()) == 0


def test_what_an_import_makes_with_add_becomes_stuck(district: Canvas) -> None:
    district.load(
        {
            "a.csv": "account_id,parent_account_id,name,status\nA9,A1,N,active\n",
            "t.csv": "term_id,name,status,start_date\nT9,N,active,2026-01-01\n",
            "c.csv": "course_id,short_name,long_name,term_id,status\nC9,S,L,T9,active\n",
            "s.csv": "section_id,course_id,name,status\nS9,C1,N,active\n",
            "u.csv": "user_id,login_id,status,full_name\nU9,n,active,New One\n",
        },
        override_sis_stickiness=1,
        add_sis_stickiness=1,
    )
    assert district.account("A9").stuck == {"name", "parent_account_id"}
    assert district.term("T9").stuck == {"name", "start_at"}
    assert district.course("C9").stuck == {
        "name", "course_code", "enrollment_term_id", "workflow_state"
    }  # fmt: skip
    assert district.section("S9").stuck == {"name", "course_id"}
    assert district.login("U9").stuck == {"unique_id", "workflow_state"}
    assert district.user("U9").stuck == {"name", "sortable_name", "short_name"}


def test_what_an_import_makes_does_not_stick_without_add(district: Canvas) -> None:
    district.load("user_id,login_id,status\nU9,n,active\n", override_sis_stickiness=1)
    assert (district.login("U9").stuck, district.user("U9").stuck) == (frozenset(), frozenset())


def test_existing_ids_of_a_login_must_be_those_of_one_login(district: Canvas) -> None:
    header = "user_id,login_id,existing_user_id,existing_integration_id,integration_id\n"
    district.load(header + "L1,ana2,U1,,I1\n")
    assert district.warnings(header + "L2,ana3,U1,I1,\n") == [
        (
            "An existing user does not match existing user ids provided for login with "
            "SIS ID L2, skipping"
        )
    ]
    assert district.warnings(header + "L2,ana3,L1,I1,\n") == []


def test_type_of_a_changed_id_is_read_without_case_and_spaces(district: Canvas) -> None:
    text = "old_id,new_id,type\nC1,C7,C ourse\nU1,U7, USER\nG1,G2,Group Category\n"
    assert district.warnings(text) == [
        "An old_id, 'G1', referenced a non-existent group_category and was not changed."
    ]
    assert (district.course("C7").name, district.login("U7").unique_id) == ("Algebra", "ana")


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("user_id,login_id,status\n", ["importing", "imported"]),
        ("course_id,short_name,long_name,status\n", ["importing", "cleanup_batch", "imported"]),
    ],
)
def test_batch_mode_cleans_up_only_for_the_types_it_removes(text: str, states: list[str]) -> None:
    canvas = Canvas(manual=True)
    canvas.send(text, batch_mode=1, batch_mode_term_id="default")
    seen: list[str] = []
    while canvas.step():
        seen.append(canvas.shown(1)["workflow_state"])
    assert seen == states
    canvas.close()


def test_instant_of_an_import_as_shown_leaves_it_out_of_lists_since_and_before(
    canvas: Canvas,
) -> None:
    shown = []
    for _ in range(3):
        shown.append(canvas.load("user_id,login_id,status\n")["created_at"])
        canvas.advance(10.25)
    assert [
        [one["id"] for one in canvas.get(IMPORTS, **{name: shown[1]})["sis_imports"]]
        for name in ("created_since", "created_before")
    ] == [[3], [1]]


@pytest.mark.parametrize(
    ("unique_id", "kind", "message"),
    [
        ("", "too_short", "is too short (minimum is 1 character)"),
        ("x" * 101, "too_long", "is too long (maximum is 100 characters)"),
        ("ANA", "taken", "ID already in use for this account and authentication provider"),
    ],
)
def test_login_names_that_will_not_do_are_refused_with_their_kind(
    district: Canvas, unique_id: str, kind: str, message: str
) -> None:
    refused = district.call(
        "POST", f"{ACCOUNT}/users", json={"user": {}, "pseudonym": {"unique_id": unique_id}}
    )
    assert refused.status == 400
    assert refused.json()["errors"]["pseudonym"] == {
        "unique_id": [{"attribute": "unique_id", "type": kind, "message": message}]
    }


def test_small_import_at_a_set_rate_goes_row_by_row_and_keeps_what_it_applied(
    canvas: Canvas,
) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.world.settings.patch({"import_rows_per_s": 1})
    canvas.send("user_id,login_id,status\n" + "".join(f"U{n},l{n},active\n" for n in range(10)))
    canvas.advance(4)
    shown = canvas.shown(1)
    assert (shown["workflow_state"], shown["progress"]) == ("importing", 40)
    aborted = canvas.call("PUT", f"{IMPORTS}/1/abort").json()
    assert (aborted["workflow_state"], aborted["progress"]) == ("aborted", 40)
    canvas.advance(60)
    assert [login.sis_user_id for login in canvas.world.store.pseudonyms] == [
        "U0", "U1", "U2", "U3"
    ]  # fmt: skip
    assert canvas.shown(1)["data"]["counts"]["users"] == 4


@pytest.mark.parametrize(("days", "state"), [(30, "deleted"), (31, "active")])
def test_states_are_restored_for_thirty_days(canvas: Canvas, days: int, state: str) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.load("user_id,login_id,status\nU1,ana,active\n")
    canvas.advance(days * 86_400)
    canvas.put(f"{IMPORTS}/1/restore_states")
    canvas.settle()
    assert canvas.shown(1)["workflow_state"] == "restored"
    assert canvas.login("U1").workflow_state == state


def test_new_objects_that_are_deleted_count_as_deleted(district: Canvas) -> None:
    ended = district.load(
        {
            "a.csv": "account_id,parent_account_id,name,status\nA9,,N,deleted\n",
            "t.csv": "term_id,name,status\nT9,N,deleted\n",
            "c.csv": "course_id,short_name,long_name,status\nC9,S,L,deleted\n",
            "s.csv": "section_id,course_id,name,status\nS9,C1,N,deleted\n",
            "u.csv": "user_id,login_id,status,email\nU9,n,deleted,n@x.org\n",
            "e.csv": "section_id,user_id,role,status\nS2,U1,student,deleted\n",
        }
    )
    statistics = ended["data"]["statistics"]
    assert statistics.pop("total_state_changes") == 7
    counted = {
        kind: {name: count for name, count in counts.items() if count}
        for kind, counts in statistics.items()
        if any(counts.values())
    }
    assert list(counted) == [
        "Account", "EnrollmentTerm", "Course", "CourseSection", "Pseudonym",
        "CommunicationChannel", "Enrollment",
    ]  # fmt: skip
    assert all(counts == {"deleted": 1} for counts in counted.values())


def test_queue_rests_no_longer_when_nothing_waits_any_more(canvas: Canvas) -> None:
    canvas.world.settings.patch({"import_rows_per_s": 1})
    text = "user_id,login_id,status\nU1,a,active\nU2,b,active\n"
    canvas.send(text)
    canvas.send(text)
    canvas.call("PUT", f"{IMPORTS}/1/abort")
    canvas.advance(5)
    assert canvas.shown(2)["workflow_state"] == "created"
    canvas.call("PUT", f"{IMPORTS}/abort_all_pending")
    canvas.send(text)
    canvas.advance(5)
    assert [canvas.shown(number)["workflow_state"] for number in (1, 2, 3)] == [
        "aborted", "aborted", "imported"
    ]  # fmt: skip
