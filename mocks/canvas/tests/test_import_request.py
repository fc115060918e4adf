"""Sending imports: forms, parameters, refusals. Source: canvas-sis-imports.md 1, 1.1, 1.2."""

import pytest

from homeroom.mocks.canvas.tests.driver import IMPORTS, Canvas, zipped
from homeroom.mocks.canvas.tokens import Principal

USERS = "user_id,login_id,status\nU1,ana,active\n"
NOT_FOUND = {"errors": [{"message": "The specified resource does not exist."}]}
FORBIDDEN = {
    "status": "unauthorized",
    "errors": [{"message": "user not authorized to perform that action"}],
}


def multipart(fields: dict[str, str], filename: str | None, content: bytes) -> tuple[bytes, str]:
    parts = [
        f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if filename is not None:
        head = f'Content-Disposition: form-data; name="attachment"; filename="{filename}"'
        kind = "Content-Type: application/octet-stream"
        parts.append(f"--X\r\n{head}\r\n{kind}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + b"--X--\r\n", "multipart/form-data; boundary=X"


@pytest.mark.parametrize("filename", ["users.csv", "USERS.CSV"])
def test_multipart_takes_the_extension_of_the_file(canvas: Canvas, filename: str) -> None:
    body, kind = multipart({"import_type": "instructure_csv"}, filename, USERS.encode())
    assert canvas.send(body, type_=kind).status == 200
    canvas.settle()
    assert canvas.shown(1)["data"]["counts"]["users"] == 1


def test_multipart_zip(canvas: Canvas) -> None:
    body, kind = multipart({}, "night.zip", zipped({"deep/er/u.csv": USERS}))
    canvas.send(body, type_=kind)
    canvas.settle()
    assert canvas.shown(1)["data"]["counts"]["users"] == 1


def test_multipart_parameters_count_like_those_of_the_query(canvas: Canvas) -> None:
    body, kind = multipart({"skip_deletes": "on"}, "u.csv", USERS.encode())
    assert canvas.send(body, type_=kind).json()["skip_deletes"] is True


def test_multipart_without_attachment_is_refused(canvas: Canvas) -> None:
    body, kind = multipart({"import_type": "instructure_csv"}, None, b"")
    reply = canvas.send(body, type_=kind)
    assert (reply.status, reply.json()) == (
        400, {"error": True, "error_message": "Missing attachment"},
    )  # fmt: skip
    assert canvas.get(IMPORTS) == {"sis_imports": []}


@pytest.mark.parametrize(
    ("type_", "counted"),
    [("text/csv", 1), ("text/plain", 1), ("text/csv; charset=UTF-8", 1), ("text/xml", 0)],
)
def test_raw_body_is_named_by_its_content_type(canvas: Canvas, type_: str, counted: int) -> None:
    canvas.send(USERS, type_=type_)
    canvas.settle()
    shown = canvas.shown(1)
    assert shown["workflow_state"] == "imported"
    assert shown["data"]["counts"]["users"] == counted


@pytest.mark.parametrize("type_", ["application/zip", "application/octet-stream", "foo/bar"])
def test_raw_body_of_any_other_type_is_a_zip(canvas: Canvas, type_: str) -> None:
    canvas.send(zipped({"u.csv": USERS}), type_=type_)
    canvas.settle()
    assert canvas.shown(1)["data"]["counts"]["users"] == 1


def test_extension_parameter_wins_over_content_type(canvas: Canvas) -> None:
    canvas.send(USERS, type_="application/octet-stream", extension="csv")
    canvas.settle()
    assert canvas.shown(1)["data"]["counts"]["users"] == 1


def test_csv_body_sent_as_a_form_is_still_the_file(canvas: Canvas) -> None:
    canvas.send(USERS, type_="application/x-www-form-urlencoded", extension="csv")
    canvas.settle()
    assert canvas.shown(1)["data"]["counts"]["users"] == 1


def test_other_charset_is_refused_and_makes_no_import(canvas: Canvas) -> None:
    reply = canvas.send(USERS, type_="text/csv; charset=iso-8859-1")
    assert (reply.status, reply.json()) == (400, {"error": "Invalid content type, UTF-8 required"})
    assert canvas.get(IMPORTS) == {"sis_imports": []}


def test_unknown_import_type_is_an_internal_error(canvas: Canvas) -> None:
    reply = canvas.send(USERS, import_type="ims_xml")
    assert reply.status == 500
    assert reply.json()["errors"] == [
        {"message": "An error occurred.", "error_code": "internal_server_error"}
    ]


@pytest.mark.parametrize("value", ["true", "t", "yes", "y", "on", "1", "True"])
def test_words_that_rails_takes_for_true(canvas: Canvas, value: str) -> None:
    assert canvas.send(USERS, skip_deletes=value).json()["skip_deletes"] is True


@pytest.mark.parametrize("value", ["false", "f", "no", "n", "off", "0"])
def test_words_that_rails_takes_for_false(canvas: Canvas, value: str) -> None:
    assert canvas.send(USERS, skip_deletes=value).json()["skip_deletes"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"batch_mode": "true"},
            "Batch mode specified, but the given batch_mode_term_id cannot be found.",
        ),
        (
            {"multi_term_batch_mode": "true"},
            "change_threshold is required to use multi term_batch mode.",
        ),
        (
            {"multi_term_batch_mode": "0"},
            "change_threshold is required to use multi term_batch mode.",
        ),
        (
            {"diffing_drop_status": "gone"},
            "Invalid diffing_drop_status",
        ),
        (
            {"diffing_data_set_identifier": "d", "diffing_user_remove_status": "gone"},
            "Invalid diffing_user_remove_status",
        ),
        ({"batch_mode_enrollment_drop_status": "x"}, "Invalid batch_mode_enrollment_drop_status"),
    ],
)
def test_refused_options(canvas: Canvas, options: dict[str, str], message: str) -> None:
    reply = canvas.send(USERS, **options)
    assert (reply.status, reply.json()) == (400, {"message": message})


def test_late_refusals_leave_an_orphan_that_abort_all_pending_clears(canvas: Canvas) -> None:
    canvas.send(USERS, batch_mode_enrollment_drop_status="x")
    canvas.settle()
    (orphan,) = canvas.get(IMPORTS)["sis_imports"]
    assert orphan["workflow_state"] == "initializing"
    assert canvas.put(f"{IMPORTS}/abort_all_pending") == {"aborted": True}
    assert canvas.shown(1)["workflow_state"] == "aborted"
    assert canvas.shown(1)["progress"] == 100


def test_batch_mode_refusal_leaves_no_orphan(canvas: Canvas) -> None:
    canvas.send(USERS, batch_mode="true")
    assert canvas.get(IMPORTS) == {"sis_imports": []}


def test_unresolvable_batch_mode_term_is_not_found(canvas: Canvas) -> None:
    reply = canvas.send(USERS, batch_mode="true", batch_mode_term_id="sis_term_id:none")
    assert (reply.status, reply.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize("form", ["1", "default"])
def test_batch_mode_term_takes_any_id_form(canvas: Canvas, form: str) -> None:
    shown = canvas.send(USERS, batch_mode="1", batch_mode_term_id=form).json()
    assert (shown["batch_mode"], shown["batch_mode_term_id"]) == (True, 1)


def test_false_multi_term_with_threshold_still_switches_batch_mode_on(canvas: Canvas) -> None:
    shown = canvas.send(
        USERS, multi_term_batch_mode="false", change_threshold="10",
        diffing_data_set_identifier="d",
    ).json()  # fmt: skip
    assert (shown["batch_mode"], shown["multi_term_batch_mode"]) == (True, False)
    assert shown["diffing_data_set_identifier"] is None


def test_add_and_clear_stickiness_are_stored_only_with_override(canvas: Canvas) -> None:
    alone = canvas.send(USERS, add_sis_stickiness="1", clear_sis_stickiness="1").json()
    assert (alone["add_sis_stickiness"], alone["clear_sis_stickiness"]) == (None, None)
    both = canvas.send(USERS, override_sis_stickiness="1", add_sis_stickiness="1").json()
    assert (both["override_sis_stickiness"], both["add_sis_stickiness"]) == (True, True)


def test_too_long_data_set_identifier_is_refused(canvas: Canvas) -> None:
    assert canvas.send(USERS, diffing_data_set_identifier="d" * 128).status == 200
    assert canvas.send(USERS, diffing_data_set_identifier="d" * 129).status == 400


def test_sub_account_takes_no_imports(district: Canvas) -> None:
    reply = district.call("POST", "/api/v1/accounts/sis_account_id:A1/sis_imports", body=b"x")
    assert (reply.status, reply.json()) == (
        400, {"errors": ["SIS imports can only be executed on root accounts"]},
    )  # fmt: skip


def test_switched_off_imports_are_refused_before_rights(canvas: Canvas) -> None:
    canvas.world.settings.patch({"allow_sis_import": False})
    reply = canvas.send(USERS)
    assert (reply.status, reply.json()) == (
        403, {"errors": ["SIS imports are not enabled for this account"]},
    )  # fmt: skip


def test_manage_sis_reads_and_restores_but_does_not_import(canvas: Canvas) -> None:
    token = token_with(canvas, "manage_sis")
    canvas.load(USERS)
    assert canvas.send(USERS, token=token).status == 403
    assert canvas.send(USERS, token=token).json() == FORBIDDEN
    assert canvas.call("GET", IMPORTS, token=token).status == 200
    assert canvas.call("PUT", f"{IMPORTS}/1/restore_states", token=token).status == 200


def test_import_sis_does_not_restore(canvas: Canvas) -> None:
    canvas.load(USERS)
    reply = canvas.call(
        "PUT", f"{IMPORTS}/1/restore_states", token=token_with(canvas, "import_sis")
    )
    assert (reply.status, reply.json()) == (403, FORBIDDEN)


def test_missing_right_was_401_before(canvas: Canvas) -> None:
    canvas.world.settings.patch({"api_auth_error_updates": False})
    reply = canvas.send(USERS, token=token_with(canvas, "read_sis"))
    assert (reply.status, reply.json()) == (401, FORBIDDEN)
    assert "www-authenticate" not in reply.headers


def token_with(canvas: Canvas, *rights: str) -> str:
    user = canvas.world.add_admin_user("Some Admin")
    return canvas.world.add_token(Principal("some", user.id, frozenset(rights)))


def test_import_that_does_not_exist(canvas: Canvas) -> None:
    reply = canvas.call("GET", f"{IMPORTS}/7")
    assert (reply.status, reply.json()) == (404, NOT_FOUND)


def test_json_suffix_and_trailing_slash(canvas: Canvas) -> None:
    assert canvas.call("GET", f"{IMPORTS}.json").status == 200
    assert canvas.call("GET", f"{IMPORTS}/").status == 200


@pytest.mark.parametrize("form", ["1", "self", "default"])
def test_account_forms(canvas: Canvas, form: str) -> None:
    assert canvas.get(f"/api/v1/accounts/{form}/sis_imports") == {"sis_imports": []}
