"""Batch mode. Source: canvas-sis-imports.md 6."""

# ruff: noqa: E501 -- rows and Canvas's sentences stand whole, to be compared by eye

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.driver import Canvas

COURSES = "course_id,short_name,long_name,term_id,status\n"
C1 = "C1,ALG,Algebra,T1,active\n"
SECTIONS = "section_id,course_id,name,status\n"
SEATS = "section_id,user_id,role,status\n"


def batch(canvas: Canvas, files: Any, **options: Any) -> dict[str, Any]:
    return canvas.load(files, batch_mode=1, batch_mode_term_id="sis_term_id:T1", **options)


def test_what_was_not_mentioned_goes_with_all_that_hangs_on_it(district: Canvas) -> None:
    district.load(SEATS + "S2,U1,student,active\n")
    ended = batch(district, COURSES + C1)
    assert ended["data"]["counts"]["batch_courses_deleted"] == 1
    assert district.course("C2").workflow_state == "deleted"
    assert ("S2", "StudentEnrollment", "deleted") in district.seats("U1")
    assert ("S1", "StudentEnrollment", "active") in district.seats("U1")
    assert "batch_sections_deleted" not in ended["data"]["counts"]


def test_header_only_file_counts_as_supplied(district: Canvas) -> None:
    ended = batch(district, SEATS)
    assert ended["data"]["counts"]["batch_enrollments_deleted"] == 2
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]


def test_mentioned_is_kept_even_when_nothing_changes(district: Canvas) -> None:
    ended = batch(district, {"c.csv": COURSES + C1 + "C2,BIO,Biology,T1,active\n",
                             "s.csv": SECTIONS + "S1,C1,Algebra 1,active\nS2,C2,Biology 1,active\n",
                             "e.csv": SEATS + "S1,U1,student,active\nS1,U2,teacher,active\n"})  # fmt: skip
    counts = ended["data"]["counts"]
    assert [counts[f"batch_{kind}s_deleted"] for kind in ("course", "section", "enrollment")] == [
        0, 0, 0,
    ]  # fmt: skip


def test_row_that_failed_does_not_protect_its_object(district: Canvas) -> None:
    batch(district, COURSES + "C1,ALG,,T1,active\nC2,BIO,Biology,T1,active\n")
    assert district.course("C1").workflow_state == "deleted"


def test_objects_that_no_sis_touched_stay(district: Canvas) -> None:
    seat = district.user("U1").enrollments[0]
    seat.sis_batch_id = None
    batch(district, SEATS)
    assert seat.workflow_state == "active"
    assert district.seats("U2") == [("S1", "TeacherEnrollment", "deleted")]


def test_an_observer_s_seat_that_canvas_made_itself_follows_the_student_s(
    district: Canvas,
) -> None:
    district.load("user_id,login_id,status\nP1,p1,active\n")
    district.load("observer_id,student_id,status\nP1,U1,active\n")
    batch(district, SEATS + "S1,U1,student,active\nS1,U2,teacher,active\n")
    assert district.seats("P1") == [("S1", "ObserverEnrollment", "active")]
    batch(district, SEATS + "S1,U2,teacher,active\n")
    assert district.seats("P1") == [("S1", "ObserverEnrollment", "deleted")]


def test_objects_of_other_terms_stay(district: Canvas) -> None:
    district.load(COURSES + "C9,x,x,,active\n")
    batch(district, COURSES + C1)
    assert district.course("C9").workflow_state == "claimed"


def test_section_is_judged_by_its_original_course(district: Canvas) -> None:
    district.load(COURSES + "C9,x,x,,active\n")
    district.load("xlist_course_id,section_id,status\nC9,S2,active\n")
    batch(district, SECTIONS + "S1,C1,Algebra 1,active\n")
    assert district.section("S2").workflow_state == "deleted"


@pytest.mark.parametrize(("threshold", "state"), [(49, "aborted"), (50, "imported")])
def test_threshold_is_strict(district: Canvas, threshold: int, state: str) -> None:
    ended = batch(district, COURSES + C1, change_threshold=threshold)
    assert ended["workflow_state"] == state


@pytest.mark.parametrize(
    ("files", "warning"),
    [
        (SECTIONS, "2 sections would be deleted and exceeds the set threshold of 10%"),
        (SEATS, "2 enrollments would be deleted and exceeds the set threshold of 10%"),
    ],
)
def test_threshold_of_each_type(district: Canvas, files: str, warning: str) -> None:
    ended = batch(district, files, change_threshold=10)
    assert ended["processing_warnings"] == [[None, warning]]
    assert ended["workflow_state"] == "aborted"


def test_nothing_of_any_type_goes_when_one_type_is_over(district: Canvas) -> None:
    seats = SEATS + "S1,U1,student,active\n"
    batch(district, {"c.csv": COURSES, "e.csv": seats}, change_threshold=60)
    assert district.seats("U2") == [("S1", "TeacherEnrollment", "active")]


@pytest.mark.parametrize("status", ["deleted", "completed", "inactive"])
def test_drop_status(district: Canvas, status: str) -> None:
    batch(district, SEATS, batch_mode_enrollment_drop_status=status)
    assert district.seats("U1") == [("S1", "StudentEnrollment", status)]


def test_those_already_in_the_drop_status_are_no_candidates(district: Canvas) -> None:
    district.load(SEATS + "S1,U1,student,completed\n")
    ended = batch(district, SEATS, batch_mode_enrollment_drop_status="completed")
    assert ended["data"]["counts"]["batch_enrollments_deleted"] == 1


def test_deleted_last_completed_passes_validation_and_breaks_the_cleanup(district: Canvas) -> None:
    ended = batch(district, SEATS, batch_mode_enrollment_drop_status="deleted_last_completed")
    assert (ended["workflow_state"], ended["progress"]) == ("failed", 0)
    assert ended["data"]["error_message"] == "NotImplementedError"
    assert ended["data"]["stack_trace"].startswith("NotImplementedError")
    assert ended.keys().isdisjoint({"processing_errors", "processing_warnings"})
    assert district.seats("U1") == [("S1", "StudentEnrollment", "active")]


def test_multi_term_takes_the_terms_of_its_terms_file(district: Canvas) -> None:
    district.load(
        {
            "t.csv": "term_id,name,status\nT2,Spring,active\nT3,Summer,active\n",
            "c.csv": COURSES + "D2,x,x,T2,active\nD3,x,x,T3,active\n",
        }
    )
    district.load(
        {
            "t.csv": "term_id,name,status\nT1,Fall,active\nT2,Spring,active\n",
            "c.csv": COURSES + C1,
        },
        multi_term_batch_mode=1, change_threshold=100,
    )  # fmt: skip
    states = [district.course(sis_id).workflow_state for sis_id in ("C1", "C2", "D2", "D3")]
    assert states == ["claimed", "deleted", "deleted", "claimed"]


def test_multi_term_without_terms_is_aborted(district: Canvas) -> None:
    ended = district.load(COURSES + C1, multi_term_batch_mode=1, change_threshold=100)
    assert ended["workflow_state"] == "aborted"
    assert ended["processing_warnings"] == [
        [None, "Terms not found. Terms must be included with multi_term_batch_mode"]
    ]


def test_restoring_only_what_batch_mode_removed(district: Canvas) -> None:
    ended = batch(district, COURSES + C1 + "C9,x,x,T1,active\n")
    district.put(f"/api/v1/accounts/1/sis_imports/{ended['id']}/restore_states", batch_mode=1)
    district.settle()
    assert district.course("C2").workflow_state == "claimed"
    assert district.course("C9").workflow_state == "claimed"
