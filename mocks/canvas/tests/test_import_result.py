"""What an import shows of itself. Source: canvas-sis-imports.md 1.3 and 1.4."""

from homeroom.mocks.canvas.tests.driver import ACCOUNT, IMPORTS, Canvas

KEYS = [
    "id", "created_at", "started_at", "ended_at", "updated_at", "progress", "workflow_state",
    "data", "batch_mode", "batch_mode_term_id", "multi_term_batch_mode", "override_sis_stickiness",
    "add_sis_stickiness", "update_sis_id_if_login_claimed", "clear_sis_stickiness",
    "diffing_data_set_identifier", "diffing_remaster", "diffed_against_import_id",
    "diffing_drop_status", "diffing_user_remove_status", "skip_deletes", "change_threshold",
    "diff_row_count_threshold",
]  # fmt: skip
USER = "user_id,login_id,status,first_name,last_name,email\nuser_1,user1,active,User,Uno,u@x.org\n"


def test_right_after_the_post_the_import_is_created(canvas: Canvas) -> None:
    shown = canvas.send(USER).json()
    assert list(shown)[: len(KEYS)] == KEYS
    assert (shown["workflow_state"], shown["progress"]) == ("created", 0)
    assert shown["data"] == {"import_type": "instructure_csv"}
    assert (shown["started_at"], shown["ended_at"]) == (None, None)
    assert shown["created_at"] == "2026-09-01T06:00:00Z"
    assert shown["skip_deletes"] is False
    assert shown["update_sis_id_if_login_claimed"] is False
    assert shown["batch_mode"] is None
    assert "errors_attachment" not in shown
    assert "processing_warnings" not in shown


def test_one_user_with_an_address_counts_two_state_changes(canvas: Canvas) -> None:
    data = canvas.load(USER)["data"]
    assert data["supplied_batches"] == ["user"]
    assert data["completed_importers"] == ["user"]
    assert data["running_immediately"] is True
    assert data["counts"]["users"] == 1
    assert data["statistics"]["total_state_changes"] == 2
    assert data["statistics"]["Pseudonym"] == {"created": 1, "restored": 0, "deleted": 0}
    assert data["statistics"]["CommunicationChannel"]["created"] == 1
    assert list(data["statistics"]["Course"]) == ["created", "restored", "concluded", "deleted"]
    assert list(data["statistics"]["Enrollment"]) == [
        "created", "restored", "concluded", "deactivated", "deleted",
    ]  # fmt: skip


def test_rows_that_change_nothing_count_but_are_no_state_changes(canvas: Canvas) -> None:
    canvas.load(USER)
    data = canvas.load(USER)["data"]
    assert data["counts"]["users"] == 1
    assert data["statistics"]["total_state_changes"] == 0


def test_header_only_file_is_supplied_but_completes_nothing(canvas: Canvas) -> None:
    data = canvas.load("user_id,login_id,status\n")["data"]
    assert (data["supplied_batches"], data["completed_importers"]) == (["user"], [])
    assert data["counts"]["users"] == 0


def test_blank_rows_are_not_counted(canvas: Canvas) -> None:
    ended = canvas.load("user_id,login_id,status\n\n,,\n ,\t,\nU1,ana,active\n\n")
    assert ended["data"]["counts"]["users"] == 1
    assert ended["workflow_state"] == "imported"


def test_more_than_24_warnings_end_in_a_summary_pair(canvas: Canvas) -> None:
    rows = "".join(f",login{n},active\n" for n in range(30))
    ended = canvas.load("user_id,login_id,status\n" + rows)
    shown = ended["processing_warnings"]
    assert ended["workflow_state"] == "imported_with_messages"
    assert len(shown) == 25
    assert shown[0] == ["sis_import.csv", "No user_id given for a user"]
    assert shown[24] == [
        "and 6 more warnings that were not included",
        "Download the error file to see all warnings.",
    ]
    assert ended["data"]["counts"]["warning_count"] == 30


def test_exactly_24_warnings_have_no_summary(canvas: Canvas) -> None:
    rows = "".join(f",login{n},active\n" for n in range(24))
    assert len(canvas.load("user_id,login_id,status\n" + rows)["processing_warnings"]) == 24


def test_error_file_holds_every_message(canvas: Canvas) -> None:
    ended = canvas.load("user_id,login_id,status\nU1,,active\n,x,active\n")
    file = ended["errors_attachment"]
    assert file["filename"] == "sis_errors_attachment_1.csv"
    content = canvas.fake.call("GET", file["url"].removeprefix("http://sis.test"))
    assert content.body.decode() == (
        "sis_import_id,file,message,row\n"
        "1,sis_import.csv,No login_id given for user U1,2\n"
        "1,sis_import.csv,No user_id given for a user,3\n"
    )
    assert content.headers["content-type"] == "text/csv"


def test_error_rows_count_the_header_and_not_blank_lines(canvas: Canvas) -> None:
    canvas.load("user_id,login_id,status\n\n,,\nU1,,active\n")
    (error,) = canvas.get(f"{IMPORTS}/1/errors")["sis_import_errors"]
    assert error == {
        "sis_import_id": 1,
        "file": "sis_import.csv",
        "message": "No login_id given for user U1",
        "row_info": "U1,,active,3\n",
        "row": 3,
    }


def test_account_error_list_holds_all_imports_newest_first(canvas: Canvas) -> None:
    canvas.load("user_id,login_id,status\n,a,active\n")
    canvas.load("nonsense\n1\n")
    errors = canvas.get(f"{ACCOUNT}/sis_import_errors")["sis_import_errors"]
    assert [error["sis_import_id"] for error in errors] == [2, 1]
    failures = canvas.get(f"{ACCOUNT}/sis_import_errors", failure="true")["sis_import_errors"]
    assert [error["sis_import_id"] for error in failures] == [2]


def test_errors_are_kept_thirty_days(canvas: Canvas) -> None:
    canvas.load("user_id,login_id,status\n,a,active\n")
    canvas.advance(31 * 86_400)
    assert canvas.get(f"{IMPORTS}/1/errors") == {"sis_import_errors": []}


def test_users_file_with_passwords_is_offered_without_them(canvas: Canvas) -> None:
    ended = canvas.load({"users.csv": "user_id,login_id,password,status\nU1,ana,secret9,active\n"})
    (file,) = ended["csv_attachments"]
    assert file["filename"] == "users_filtered.csv"
    content = canvas.fake.call("GET", file["url"].removeprefix("http://sis.test"))
    assert content.body == b"user_id,login_id,status\nU1,ana,active\n"


def test_files_that_are_refused_whole_are_not_offered(canvas: Canvas) -> None:
    ended = canvas.load({"a.csv": "x,y\n1,2\n", "b.csv": "user_id,login_id,status\nA,a,active\n"})
    assert [file["filename"] for file in ended["csv_attachments"]] == ["b.csv"]
    assert ended["data"]["downloadable_attachment_ids"] == [ended["csv_attachments"][0]["id"]]


def test_list_is_newest_first_and_filtered_by_state(canvas: Canvas) -> None:
    canvas.load(USER)
    canvas.load("user_id,login_id,status\n,a,active\n")
    listed = canvas.get(IMPORTS)["sis_imports"]
    assert [one["id"] for one in listed] == [2, 1]
    warned = canvas.get(f"{IMPORTS}?workflow_state[]=imported_with_messages&workflow_state[]=no")
    assert [one["id"] for one in warned["sis_imports"]] == [2]
    unknown = canvas.get(f"{IMPORTS}?workflow_state[]=nonsense")
    assert len(unknown["sis_imports"]) == 2
    assert canvas.get(f"{IMPORTS}/importing") == {"sis_imports": []}


def test_list_created_filters_are_strict_and_ignore_nonsense(canvas: Canvas) -> None:
    canvas.space.clock.set(frozen=True)
    canvas.load(USER)
    at = canvas.shown(1)["created_at"]
    canvas.space.clock.set(canvas.space.clock.now().replace(microsecond=0), frozen=True)
    canvas.load(USER)
    later = canvas.get(IMPORTS, created_since=at)["sis_imports"]
    assert 2 not in [one["id"] for one in later]
    assert len(canvas.get(IMPORTS, created_since="rubbish")["sis_imports"]) == 2


def test_uploader_is_shown_as_user(canvas: Canvas) -> None:
    assert canvas.load(USER)["user"]["name"] == "Homeroom Admin"
