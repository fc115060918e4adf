"""Diffing. Source: canvas-sis-imports.md 5."""

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.driver import Canvas

HEADER = "user_id,login_id,status\n"
ONE = HEADER + "U1,ana,active\n"
TWO = HEADER + "U1,ana,active\nU2,ben,active\n"
SIZE = "Diffing not performed because file size difference exceeded threshold"
ROWS = "Diffing not performed because difference row count exceeded threshold"


def diffed(canvas: Canvas, files: Any, **options: Any) -> dict[str, Any]:
    return canvas.load(files, diffing_data_set_identifier="d", **options)


def test_first_import_is_applied_whole_and_begins_the_chain(canvas: Canvas) -> None:
    ended = diffed(canvas, TWO)
    assert ended["data"]["counts"]["users"] == 2
    assert "diffed_against_sis_batch_id" not in ended["data"]
    assert ended["diffing_threshold_exceeded"] is False
    assert ended["diffing_remaster"] is False


def test_only_new_and_changed_rows_are_applied(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    ended = diffed(canvas, HEADER + "U1,ana,active\nU2,benny,active\nU3,cyd,active\n")
    assert ended["data"]["counts"]["users"] == 2
    assert ended["data"]["diffed_against_sis_batch_id"] == 1
    assert ended["diffed_against_import_id"] is None
    assert canvas.login("U1").sis_batch_id == 1
    assert canvas.login("U2").unique_id == "benny"


def test_vanished_rows_are_deleted_after_the_others(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    diffed(canvas, ONE)
    assert canvas.login("U2").workflow_state == "deleted"
    assert canvas.login("U1").sis_batch_id == 1


def test_skip_deletes_drops_the_removals(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    diffed(canvas, ONE, skip_deletes=1)
    assert canvas.login("U2").workflow_state == "active"


def test_manual_changes_are_not_repaired(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    canvas.login("U1").workflow_state = "suspended"
    diffed(canvas, TWO)
    assert canvas.login("U1").workflow_state == "suspended"


def test_column_order_does_not_matter(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    ended = diffed(canvas, "status,user_id,login_id\nactive,U1,ana\nactive,U2,ben\n")
    assert ended["data"]["counts"]["users"] == 0


def test_other_columns_apply_the_file_whole(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    ended = diffed(canvas, "user_id,login_id,status,full_name\nU1,ana,active,Ana\n")
    assert [text for _, text in ended["processing_warnings"]] == [
        "Couldn't generate diff: CSV headers do not match, cannot diff"
    ]
    assert ended["data"]["counts"]["users"] == 1
    assert canvas.login("U2").workflow_state == "active"


def test_remaster_applies_all_and_becomes_the_baseline(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    ended = diffed(canvas, ONE, diffing_remaster_data_set=1)
    assert ended["diffing_remaster"] is True
    assert canvas.login("U1").sis_batch_id == 2
    assert canvas.login("U2").workflow_state == "active"
    ended = diffed(canvas, ONE)
    assert ended["data"]["diffed_against_sis_batch_id"] == 2


def test_baseline_is_the_latest_diff(canvas: Canvas) -> None:
    diffed(canvas, ONE)
    diffed(canvas, ONE)
    ended = diffed(canvas, ONE)
    assert ended["data"]["diffed_against_sis_batch_id"] == 2


def test_failed_import_is_no_baseline(canvas: Canvas) -> None:
    diffed(canvas, {"users.csv": ONE})
    diffed(canvas, {"users.csv": TWO, "bad.csv": "foo\n1\n"})
    ended = diffed(canvas, {"users.csv": TWO})
    assert ended["data"]["diffed_against_sis_batch_id"] == 1


def test_other_identifier_is_another_chain(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    ended = canvas.load(TWO, diffing_data_set_identifier="e")
    assert ended["data"]["counts"]["users"] == 2


def test_batch_mode_switches_diffing_off(canvas: Canvas) -> None:
    ended = diffed(canvas, ONE, batch_mode=1, batch_mode_term_id=1)
    assert ended["diffing_data_set_identifier"] is None


def test_size_guard_applies_whole_and_serves_as_no_baseline(canvas: Canvas) -> None:
    diffed(canvas, ONE)
    ended = diffed(canvas, TWO, change_threshold=10)
    assert ended["processing_warnings"] == [[None, SIZE]]
    assert ended["diffing_threshold_exceeded"] is True
    assert ended["data"]["counts"]["users"] == 2
    ended = diffed(canvas, TWO)
    assert ended["data"]["diffed_against_sis_batch_id"] == 1


def test_row_count_guard_applies_whole(canvas: Canvas) -> None:
    diffed(canvas, ONE)
    ended = diffed(canvas, HEADER + "U2,b,active\nU3,c,active\n", diff_row_count_threshold=2)
    assert ended["processing_warnings"] == [[None, ROWS]]
    assert ended["diffing_threshold_exceeded"] is True
    assert canvas.login("U1").workflow_state == "active"
    ended = diffed(canvas, HEADER + "U2,b,active\nU3,c,active\n", diff_row_count_threshold=3)
    assert ended["diffing_threshold_exceeded"] is False
    assert canvas.login("U1").workflow_state == "deleted"


def test_five_in_a_row_over_the_threshold_fail_the_sixth_until_a_remaster(canvas: Canvas) -> None:
    diffed(canvas, ONE)
    big = HEADER + "".join(f"U{n},l{n},active\n" for n in range(10))
    for _ in range(5):
        assert diffed(canvas, big, change_threshold=10)["diffing_threshold_exceeded"] is True
    assert diffed(canvas, big, change_threshold=10)["workflow_state"] == "failed_with_messages"
    assert diffed(canvas, big, diffing_remaster_data_set=1)["workflow_state"] == "imported"
    assert diffed(canvas, big, change_threshold=10)["workflow_state"] == "imported"


@pytest.mark.parametrize(
    ("option", "state"),
    [
        (None, "deleted"),
        ("deleted", "deleted"),
        ("inactive", "inactive"),
        ("completed", "completed"),
        ("deleted_last_completed", "completed"),
    ],
)
def test_drop_status_of_enrollments(district: Canvas, option: str | None, state: str) -> None:
    header = "section_id,user_id,role,status\n"
    options = {} if option is None else {"diffing_drop_status": option}
    diffed(district, header + "S1,U1,student,active\nS1,U2,teacher,active\n")
    diffed(district, header + "S1,U2,teacher,active\n", **options)
    assert district.seats("U1") == [("S1", "StudentEnrollment", state)]


def test_remove_status_of_users(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    diffed(canvas, ONE, diffing_user_remove_status="suspended")
    assert canvas.login("U2").workflow_state == "suspended"


def test_moving_between_sections_adds_before_it_drops(district: Canvas) -> None:
    header = "section_id,user_id,role,status\n"
    diffed(district, header + "S1,U1,student,active\n")
    diffed(district, header + "S2,U1,student,active\n")
    assert district.seats("U1") == [
        ("S1", "StudentEnrollment", "deleted"),
        ("S2", "StudentEnrollment", "active"),
    ]


def test_last_row_of_a_key_wins(canvas: Canvas) -> None:
    diffed(canvas, ONE)
    ended = diffed(canvas, HEADER + "U1,first,active\nU1,last,active\n")
    assert ended["data"]["counts"]["users"] == 1
    assert canvas.login("U1").unique_id == "last"


def test_several_files_are_paired_by_name(canvas: Canvas) -> None:
    files = {"a.csv": ONE, "b.csv": HEADER + "U2,ben,active\n"}
    diffed(canvas, files)
    ended = diffed(canvas, {**files, "b.csv": HEADER + "U2,benny,active\n"})
    assert ended["data"]["counts"]["users"] == 1
    ended = diffed(canvas, {"a.csv": ONE, "c.csv": ONE})
    assert [text for _, text in ended["processing_warnings"]] == [
        "Unable to perform diffing against mismatched previous and current user imports"
    ]


def test_several_files_once_were_applied_whole(canvas: Canvas) -> None:
    canvas.world.settings.patch({"diff_several_files": "whole"})
    files = {"a.csv": ONE, "b.csv": HEADER + "U2,ben,active\n"}
    diffed(canvas, files)
    ended = diffed(canvas, files)
    assert [text for _, text in ended["processing_warnings"]] == [
        "Can't perform diffing against more than one file of the same type"
    ]
    assert ended["data"]["counts"]["users"] == 2


def test_group_categories_have_no_key_to_diff_by(canvas: Canvas) -> None:
    text = "group_category_id,category_name,status\nG1,One,active\n"
    diffed(canvas, text)
    warnings = [message for _, message in diffed(canvas, text)["processing_warnings"]]
    assert "Couldn't generate diff: At least one primary key field must be present" in warnings


def downloaded(canvas: Canvas, file: dict[str, Any]) -> bytes:
    return canvas.fake.call("GET", file["url"].removeprefix("http://sis.test")).body


def test_diff_is_offered_as_csv_files_and_kept_as_an_archive(canvas: Canvas) -> None:
    diffed(canvas, TWO)
    ended = diffed(canvas, HEADER + "U1,ana,active\nU3,cyd,active\n")
    file, archive = ended["diffed_csv_attachments"]
    assert (file["filename"], file["content-type"]) == ("sis_import.csv", "text/csv")
    assert downloaded(canvas, file).decode() == HEADER + "U3,cyd,active\nU2,ben,deleted\n"
    assert archive["filename"] == "sis_upload_diffed_2.zip"
    assert ended["data"]["diffed_attachment_ids"] == [file["id"], archive["id"]]


def test_diff_of_a_file_with_passwords_is_offered_without_them(canvas: Canvas) -> None:
    header = "user_id,login_id,status,password\n"
    diffed(canvas, {"users.csv": header + "U1,ana,active,secret\n"})
    ended = diffed(canvas, {"users.csv": header + "U1,anna,active,secret\n"})
    (file,) = ended["diffed_csv_attachments"]
    assert file["filename"] == "users_filtered.csv"
    assert downloaded(canvas, file).decode() == HEADER + "U1,anna,active\n"
