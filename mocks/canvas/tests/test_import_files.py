"""From upload to rows. Source: canvas-sis-imports.md 3."""

import io
import zipfile

import pytest

from homeroom.mocks.canvas.sis_import.recognise import recognise
from homeroom.mocks.canvas.tests.driver import Canvas, zipped

USERS = "user_id,login_id,status\nU1,ana,active\n"
CRASHED = "Error while importing CSV. Please contact support. (Error report 1)"


def test_members_of_any_depth_are_imported_whatever_their_names(canvas: Canvas) -> None:
    files = {
        "x/y/z.CSV": USERS,
        "accounts.csv": "course_id,short_name,long_name,status\nC,c,c,active\n",
    }
    counts = canvas.load(files)["data"]["counts"]
    assert (counts["users"], counts["courses"], counts["accounts"]) == (1, 1, 0)


def test_desktop_files_are_ignored_silently(canvas: Canvas) -> None:
    files: dict[str, str | bytes] = {
        "__MACOSX/._u.csv": b"\x00\x01",
        "Desktop DB": b"x",
        "Desktop DF": b"x",
        "u.csv": USERS,
    }
    ended = canvas.load(files)
    assert ended["workflow_state"] == "imported"
    assert ended["data"]["counts"]["users"] == 1


def test_hidden_files_are_ignored_at_any_depth(canvas: Canvas) -> None:
    ended = canvas.load({"a/.DS_Store": b"x", "a/._users.csv": b"x", "a/b/.x.csv": b"\xff"})
    assert (ended["workflow_state"], "processing_warnings" in ended) == ("imported", False)


def test_member_that_is_no_csv_is_skipped_with_a_warning(canvas: Canvas) -> None:
    ended = canvas.load({"notes.txt": "x", "u.csv": USERS})
    assert ended["processing_warnings"] == [["notes.txt", "Skipping unknown file type"]]
    assert ended["workflow_state"] == "imported_with_messages"
    assert ended["data"]["counts"]["users"] == 1


def test_empty_member_is_ignored(canvas: Canvas) -> None:
    ended = canvas.load({"empty.csv": "", "u.csv": USERS})
    assert ended["workflow_state"] == "imported"


def test_other_extension_imports_nothing(canvas: Canvas) -> None:
    canvas.send("<x/>", type_="text/xml")
    canvas.settle()
    shown = canvas.shown(1)
    assert (shown["workflow_state"], shown["data"]["counts"]["users"]) == ("imported", 0)


def test_zip_that_is_no_archive_fails(canvas: Canvas) -> None:
    canvas.send(b"not a zip at all", type_="application/zip")
    canvas.settle()
    shown = canvas.shown(1)
    assert shown["workflow_state"] == "failed_with_messages"
    assert shown["processing_errors"] == [[None, CRASHED]]
    assert shown["data"]["counts"]["error_count"] == 1


def test_truncated_zip_fails(canvas: Canvas) -> None:
    canvas.send(zipped({"u.csv": USERS})[:-30], type_="application/zip")
    canvas.settle()
    assert canvas.shown(1)["workflow_state"] == "failed_with_messages"


def test_corrupt_member_fails_and_nothing_is_imported(canvas: Canvas) -> None:
    content = bytearray(zipped({"a.csv": USERS * 50, "b.csv": USERS}))
    content[60] ^= 0xFF
    canvas.send(bytes(content), type_="application/zip")
    canvas.settle()
    shown = canvas.shown(1)
    assert shown["workflow_state"] == "failed_with_messages"
    assert shown["data"]["counts"]["users"] == 0


def test_zip_bomb_fails(canvas: Canvas) -> None:
    canvas.send(zipped({"u.csv": USERS + "," * 3_000_000}), type_="application/zip")
    canvas.settle()
    assert canvas.shown(1)["processing_errors"] == [[None, CRASHED]]


def test_archive_of_too_many_members_fails(canvas: Canvas) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(100_001):
            archive.writestr(f"{number}.csv", b"")
    canvas.send(out.getvalue(), type_="application/zip")
    canvas.settle()
    assert canvas.shown(1)["workflow_state"] == "failed_with_messages"


def test_members_that_would_leave_the_folder_are_not_looked_at(canvas: Canvas) -> None:
    ended = canvas.load({"../../etc/u.csv": USERS, "/abs.csv": USERS, "C:\\x.csv": USERS})
    assert ended["workflow_state"] == "imported"
    assert ended["data"]["counts"]["users"] == 0


def test_archive_within_an_archive_is_an_unknown_type(canvas: Canvas) -> None:
    warnings = canvas.warnings({"inner.zip": zipped({"u.csv": USERS})})
    assert warnings == ["Skipping unknown file type"]


# -- text rules --------------------------------------------------------------------------------


def test_bom_is_dropped(canvas: Canvas) -> None:
    assert canvas.load("\ufeff" + USERS)["data"]["counts"]["users"] == 1


def test_bad_bytes_refuse_the_file_whole(canvas: Canvas) -> None:
    good_then_bad = USERS.encode() + b"U2,caf\xe9,active\n"
    ended = canvas.load({"bad.csv": good_then_bad})
    assert ended["processing_errors"] == [["bad.csv", "Invalid UTF-8"]]
    assert ended["data"]["counts"]["users"] == 0


@pytest.mark.parametrize(
    "tail", ['U2,"open,active\n', 'U2,a"b,active\n', 'U2,"a"b,active\n', 'U2,"a" ,active\n']
)
def test_broken_quoting_on_the_last_line_refuses_the_file_whole(canvas: Canvas, tail: str) -> None:
    ended = canvas.load({"bad.csv": USERS + tail})
    assert ended["processing_errors"] == [["bad.csv", "Malformed CSV"]]
    assert ended["workflow_state"] == "failed_with_messages"
    assert ended["data"]["counts"]["users"] == 0


def test_valid_files_are_imported_beside_a_malformed_one(canvas: Canvas) -> None:
    courses = 'course_id,short_name,long_name,status\nC1,"A,B,active\n'
    ended = canvas.load({"courses.csv": courses, "users.csv": USERS})
    assert ended["workflow_state"] == "failed_with_messages"
    assert ended["data"]["counts"]["users"] == 1
    assert ended["progress"] < 100


def test_quoted_cells_may_hold_commas_quotes_and_line_ends(canvas: Canvas) -> None:
    canvas.load('user_id,login_id,status,full_name\nU1,ana,active,"Ruiz ""la\nde"", Ana"\n')
    assert canvas.user("U1").name == 'Ruiz "la\nde", Ana'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(canvas: Canvas, end: str) -> None:
    assert canvas.load(USERS.replace("\n", end))["data"]["counts"]["users"] == 1


def test_missing_last_line_end(canvas: Canvas) -> None:
    assert canvas.load(USERS.rstrip("\n"))["data"]["counts"]["users"] == 1


def test_header_is_matched_without_regard_to_case_and_order(canvas: Canvas) -> None:
    canvas.load("Status,USER_ID,extra,,Login_ID\nactive,U1,x,y,ana\n")
    assert canvas.login("U1").unique_id == "ana"


def test_header_with_outer_blank_names_the_type_but_not_the_column(canvas: Canvas) -> None:
    warnings = canvas.warnings("login_id, user_id,status\nana,U1,active\n")
    assert warnings == ["No user_id given for a user"]


def test_values_are_stripped(canvas: Canvas) -> None:
    canvas.load("user_id,login_id,status,full_name\n  U1 , ana ,\tactive , Ana \n")
    assert (canvas.login("U1").unique_id, canvas.user("U1").name) == ("ana", "Ana")


def test_short_rows_lack_their_last_cells(canvas: Canvas) -> None:
    assert canvas.warnings("user_id,login_id,status\nU1,ana\n") == ["No status given for user U1"]


def test_million_character_cell_is_a_warning_of_its_row(canvas: Canvas) -> None:
    text = f"user_id,login_id,status,full_name\nU1,ana,active,{'x' * 1_000_000}\nU2,b,active,B\n"
    ended = canvas.load(text)
    assert ended["processing_warnings"] == [
        [
            "sis_import.csv",
            (
                "A user did not pass validation (user: U1, error: Name is too long "
                "(maximum is 255 characters))"
            ),
        ]
    ]
    assert ended["data"]["counts"]["users"] == 1


def test_formula_like_cells_are_text(canvas: Canvas) -> None:
    canvas.load("user_id,login_id,status,full_name\nU1,ana,active,=1+1\n")
    assert canvas.user("U1").name == "=1+1"


def test_unknown_header_fails(canvas: Canvas) -> None:
    ended = canvas.load({"x.csv": "foo,bar\n1,2\n"})
    assert ended["processing_errors"] == [["x.csv", "Couldn't find Canvas CSV import headers"]]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("old_id,new_id,type", "change_sis_id"),
        ("old_integration_id,new_integration_id,type", "change_sis_id"),
        ("account_id,parent_account_id,name,status", "account"),
        ("term_id,name,status", "term"),
        ("abstract_course_id,short_name,long_name", "abstract_course"),
        ("course_id,short_name,long_name,status", "course"),
        ("course_id,short_name,abstract_course_id", "course"),
        ("section_id,course_id,name,status", "section"),
        ("xlist_course_id,section_id,status", "xlist"),
        ("user_id,login_id,status", "user"),
        ("user_id,login_id,existing_user_id", "login"),
        ("existing_canvas_user_id,user_id,login_id", "login"),
        ("course_id,user_id,role,status", "enrollment"),
        ("section_id,user_integration_id,role,status", "enrollment"),
        ("account_id,user_id,role,status", "admin"),
        ("group_category_id,category_name,status", "group_category"),
        ("group_id,name,status", "group"),
        ("group_id,user_id,status", "group_membership"),
        ("enrollment_id,grade_publishing_status", "grade_publishing_results"),
        ("observer_id,student_id,status", "user_observer"),
        ("course_id,short_name,name,term_id", "term"),
        ("section_id,user_id,role,status,name", "section"),
        ("foo", None),
    ],
)
def test_recognition_first_match_wins(header: str, kind: str | None) -> None:
    assert recognise(header.split(",")) == kind


def test_types_are_processed_in_canvas_order_not_in_that_of_the_archive(canvas: Canvas) -> None:
    files = {
        "a.csv": "section_id,user_id,role,status\nS1,U1,student,active\n",
        "b.csv": USERS,
        "c.csv": "section_id,course_id,name,status\nS1,C1,One,active\n",
        "d.csv": "course_id,short_name,long_name,status\nC1,c,c,active\n",
    }
    ended = canvas.load(files)
    assert ended["data"]["supplied_batches"] == ["course", "section", "user", "enrollment"]
    assert ended["data"]["counts"]["enrollments"] == 1


def test_several_files_of_one_type_are_all_processed(canvas: Canvas) -> None:
    files = {"a.csv": USERS, "b.csv": "user_id,login_id,status\nU2,ben,active\n"}
    data = canvas.load(files)["data"]
    assert (data["counts"]["users"], data["completed_importers"]) == (2, ["user", "user"])


# -- segments ----------------------------------------------------------------------------------


def many(count: int) -> str:
    return "user_id,login_id,status\n" + "".join(f"U{n},l{n},active\n" for n in range(count))


@pytest.mark.parametrize(
    ("rows", "inline", "segments"), [(49, True, 1), (50, False, 2), (2600, False, 97)]
)
def test_small_imports_run_inline_larger_ones_in_segments(
    canvas: Canvas, rows: int, inline: bool, segments: int
) -> None:
    data = canvas.load(many(rows))["data"]
    assert data["running_immediately"] is inline
    assert data["completed_importers"] == ["user"] * segments
    assert data["counts"]["users"] == rows


def test_what_rows_lack_is_said_before_what_they_refer_to_in_vain(district: Canvas) -> None:
    text = (
        "course_id,section_id,user_id,role,status\n"
        "C1,S1,NOBODY,student,active\n"
        ",,U1,student,active\n"
        "C1,S1,,student,active\n"
    )
    assert district.warnings(text) == [
        "No course_id or section_id given for an enrollment",
        "No user_id given for an enrollment",
        "User not found for enrollment (User ID: NOBODY, Course ID: C1, Section ID: S1)",
    ]
