"""The checklist of surprises. Source: canvas-sis-imports.md 9, one test for each of its lines."""

from homeroom.mocks.canvas.tests.driver import DISTRICT, IMPORTS, Canvas


def test_01_unknown_term_of_a_course_is_no_warning_but_the_default_term(district: Canvas) -> None:
    ended = district.load(
        "course_id,short_name,long_name,term_id,status\nC9,a,b,T9,active\nC1,ALG,Algebra,T9,active\n"
    )
    assert ended["workflow_state"] == "imported"
    assert district.course("C9").enrollment_term_id == 1
    assert district.course("C1").enrollment_term_id == district.term("T1").id


def test_02_missing_integration_id_column_erases_it_but_not_on_users(canvas: Canvas) -> None:
    canvas.load(
        {
            "a.csv": "account_id,parent_account_id,name,status,integration_id\nA,,a,active,IA\n",
            "t.csv": "term_id,name,status,integration_id\nT,t,active,IT\n",
            "c.csv": "course_id,short_name,long_name,status,integration_id\nC,c,c,active,IC\n",
            "s.csv": "section_id,course_id,name,status,integration_id\nS,C,s,active,IS\n",
            "u.csv": "user_id,login_id,status,integration_id\nU,u,active,IU\n",
        }
    )
    assert canvas.account("A").integration_id == "IA"
    canvas.load(
        {
            "a.csv": "account_id,parent_account_id,name,status\nA,,a,active\n",
            "t.csv": "term_id,name,status\nT,t,active\n",
            "c.csv": "course_id,short_name,long_name,status\nC,c,c,active\n",
            "s.csv": "section_id,course_id,name,status\nS,C,s,active\n",
            "u.csv": "user_id,login_id,status\nU,u,active\n",
        }
    )
    held = [canvas.account("A"), canvas.term("T"), canvas.course("C"), canvas.section("S")]
    assert [one.integration_id for one in held] == [None] * 4
    assert canvas.login("U").integration_id == "IU"


def test_03_missing_date_columns_erase_dates_but_not_on_courses(canvas: Canvas) -> None:
    dates = ",2026-08-01,2026-12-20\n"
    canvas.load(
        {
            "t.csv": "term_id,name,status,start_date,end_date\nT,t,active" + dates,
            "c.csv": "course_id,short_name,long_name,status,start_date,end_date\nC,c,c,active"
            + dates,
            "s.csv": "section_id,course_id,name,status,start_date,end_date\nS,C,s,active" + dates,
            "u.csv": "user_id,login_id,status\nU,u,active\n",
            "e.csv": "section_id,user_id,role,status,start_date,end_date\nS,U,student,active"
            + dates,
        }
    )
    assert canvas.section("S").restrict_enrollments_to_section_dates is True
    canvas.load(
        {
            "t.csv": "term_id,name,status\nT,t,active\n",
            "c.csv": "course_id,short_name,long_name,status\nC,c,c,active\n",
            "s.csv": "section_id,course_id,name,status\nS,C,s,active\n",
            "e.csv": "section_id,user_id,role,status\nS,U,student,active\n",
        }
    )
    seat = canvas.user("U").enrollments[0]
    assert [canvas.term("T").start_at, canvas.section("S").end_at, seat.start_at] == [None] * 3
    assert canvas.section("S").restrict_enrollments_to_section_dates is False
    assert canvas.course("C").start_at is not None
    assert canvas.course("C").restrict_enrollments_to_course_dates is True


def test_04_user_with_an_invalid_address_exists_although_the_row_is_a_warning(
    canvas: Canvas,
) -> None:
    ended = canvas.load("user_id,login_id,status,email\nU1,ana,active,nonsense\n")
    assert ended["data"]["counts"]["users"] == 0
    assert canvas.get("/api/v1/users/sis_user_id:U1")["login_id"] == "ana"


def test_05_reactivated_user_has_no_enrollments(district: Canvas) -> None:
    district.load("user_id,login_id,status\nU1,ana,deleted\n")
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]
    district.load("user_id,login_id,status\nU1,ana,active\n")
    assert district.login("U1").workflow_state == "active"
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]


def test_06_batch_mode_abort_keeps_the_rows_already_imported(district: Canvas) -> None:
    ended = district.load(
        "course_id,short_name,long_name,term_id,status\nC9,NEW,New,T1,active\n",
        batch_mode=1, batch_mode_term_id="sis_term_id:T1", change_threshold=10,
    )  # fmt: skip
    assert ended["workflow_state"] == "aborted"
    assert ended["processing_warnings"] == [
        [None, "2 courses would be deleted and exceeds the set threshold of 10%"]
    ]
    assert (ended["progress"], ended["ended_at"] is not None) == (100, True)
    assert district.course("C9").workflow_state == "claimed"
    assert district.course("C1").workflow_state == "claimed"


def test_07_file_left_out_under_diffing_deletes_nothing_header_only_deletes_all(
    canvas: Canvas,
) -> None:
    users, courses = DISTRICT["users.csv"], DISTRICT["courses.csv"]
    canvas.load({**DISTRICT}, diffing_data_set_identifier="d")
    canvas.load({"courses.csv": courses}, diffing_data_set_identifier="d")
    assert canvas.login("U1").workflow_state == "active"
    canvas.load({"users.csv": users}, diffing_data_set_identifier="d")
    header = users.partition("\n")[0] + "\n"
    canvas.load({"users.csv": header}, diffing_data_set_identifier="d")
    assert canvas.login("U1").workflow_state == "deleted"
    assert canvas.login("U2").workflow_state == "deleted"


def test_08_failed_with_messages_can_have_imported_most(canvas: Canvas) -> None:
    ended = canvas.load({**DISTRICT, "zz.csv": "foo,bar\n1,2\n"})
    assert ended["workflow_state"] == "failed_with_messages"
    assert ended["data"]["counts"]["enrollments"] == 2


def test_09_skip_deletes_does_not_protect_from_batch_cleanup(district: Canvas) -> None:
    ended = district.load(
        "course_id,short_name,long_name,term_id,status\nC1,ALG,Algebra,T1,active\n"
        "C2,BIO,Biology,T1,deleted\n",
        batch_mode=1, batch_mode_term_id="sis_term_id:T1", skip_deletes=1,
    )  # fmt: skip
    assert ended["data"]["counts"]["courses"] == 1
    assert ended["data"]["counts"]["batch_courses_deleted"] == 1
    assert district.course("C2").workflow_state == "deleted"


def test_10_user_rename_under_diffing_collides_with_its_own_old_row(canvas: Canvas) -> None:
    header = "user_id,login_id,status\n"
    canvas.load(header + "U1,ana,active\n", diffing_data_set_identifier="d")
    ended = canvas.load(header + "U1-new,ana,active\n", diffing_data_set_identifier="d")
    assert ended["processing_warnings"] == [
        [
            "sis_import.csv",
            (
                "An existing Canvas user with the SIS ID U1 has already claimed U1-new's user_id "
                "requested login information, skipping"
            ),
        ]
    ]
    assert canvas.login("U1").workflow_state == "deleted"


def test_10b_change_sis_id_first_is_the_way_round(canvas: Canvas) -> None:
    header = "user_id,login_id,status\n"
    canvas.load({"users.csv": header + "U1,ana,active\n"}, diffing_data_set_identifier="d")
    ended = canvas.load(
        {
            "change_sis_id.csv": "old_id,new_id,type\nU1,U1-new,user\n",
            "users.csv": header + "U1-new,ana,active\n",
        },
        skip_deletes=1, diffing_data_set_identifier="d",
    )  # fmt: skip
    assert ended["workflow_state"] == "imported"
    assert canvas.login("U1-new").workflow_state == "active"


def test_11_publishing_in_the_web_page_freezes_the_course_status(district: Canvas) -> None:
    course = district.course("C1")
    district.put(f"/api/v1/courses/{course.id}", course={"event": "offer"})
    assert course.workflow_state == "available"
    row = "course_id,short_name,long_name,status\nC1,ALG,Algebra,completed\n"
    assert district.load(row)["data"]["counts"]["courses"] == 1
    assert course.workflow_state == "available"
    district.load(row, override_sis_stickiness=1)
    assert course.workflow_state == "completed"


def test_12_any_active_like_status_makes_a_completed_course_available(district: Canvas) -> None:
    header = "course_id,short_name,long_name,status\n"
    for status in ("active", "unpublished", "published"):
        district.load(header + "C1,ALG,Algebra,completed\n")
        assert district.course("C1").workflow_state == "completed"
        district.load(header + f"C1,ALG,Algebra,{status}\n")
        assert district.course("C1").workflow_state == "available"


def test_13_status_that_merely_starts_with_deleted_is_active(canvas: Canvas) -> None:
    ended = canvas.load("user_id,login_id,status\nU1,ana,deleted_now\n")
    assert ended["workflow_state"] == "imported"
    assert canvas.login("U1").workflow_state == "active"


def test_14_import_is_accepted_while_another_runs(canvas: Canvas) -> None:
    canvas.world.runner.set_mode("manual")
    canvas.send("user_id,login_id,status\nU1,ana,active\n")
    canvas.step()
    second = canvas.send("user_id,login_id,status\nU2,ben,active\n")
    assert (second.status, second.json()["workflow_state"]) == (200, "created")
    assert len(canvas.get(f"{IMPORTS}/importing")["sis_imports"]) == 1
