"""Accounts, terms, users, logins by hand. Source: canvas-rest-api.md 4."""

import pytest

from homeroom.mocks.canvas.tests.driver import ACCOUNT, Canvas
from homeroom.mocks.canvas.tokens import Principal

# -- accounts ----------------------------------------------------------------------------------


def test_an_account_has_every_key_that_canvas_shows(district: Canvas) -> None:
    assert district.get("/api/v1/accounts/sis_account_id:A1") == {
        "id": 2,
        "name": "North",
        "workflow_state": "active",
        "parent_account_id": 1,
        "root_account_id": 1,
        "uuid": district.account("A1").uuid,
        "default_storage_quota_mb": 500,
        "default_user_storage_quota_mb": 50,
        "default_group_storage_quota_mb": 50,
        "default_time_zone": "America/Denver",
        "course_template_id": None,
        "sis_account_id": "A1",
        "integration_id": None,
        "sis_import_id": 1,
    }


def test_account_without_a_time_zone_lives_by_the_root_accounts(district: Canvas) -> None:
    below = "/api/v1/accounts/sis_account_id:A1"
    assert district.get(below)["default_time_zone"] == "America/Denver"
    district.put(ACCOUNT, account={"default_time_zone": "America/New_York"})
    assert district.get(below)["default_time_zone"] == "America/New_York"


def test_storage_quotas_are_kept(district: Canvas) -> None:
    asked = {"account": {"name": "South", "default_storage_quota_mb": "123"}}
    made = district.call("POST", f"{ACCOUNT}/sub_accounts", json=asked).json()
    assert made["default_storage_quota_mb"] == 123
    changed = district.put(
        f"/api/v1/accounts/{made['id']}", account={"default_user_storage_quota_mb": 7}
    )
    assert changed["default_storage_quota_mb"] == 123
    assert changed["default_user_storage_quota_mb"] == 7


def test_sub_accounts_one_level_or_all(district: Canvas) -> None:
    district.load("account_id,parent_account_id,name,status\nB1,A1,Below,active\nB2,A1,x,deleted\n")
    assert [one["name"] for one in district.get(f"{ACCOUNT}/sub_accounts")] == ["North"]
    below = district.get(f"{ACCOUNT}/sub_accounts", recursive="true")
    assert [one["name"] for one in below] == ["North", "Below"]


def test_accounts_of_the_admin_are_the_root(district: Canvas) -> None:
    assert [one["id"] for one in district.get("/api/v1/accounts")] == [1]


def test_deleted_account_is_not_found(canvas: Canvas) -> None:
    canvas.load("account_id,parent_account_id,name,status\nA,,a,deleted\n")
    assert canvas.call("GET", "/api/v1/accounts/sis_account_id:A").status == 404


def test_renamed_account_is_stuck(district: Canvas) -> None:
    district.put("/api/v1/accounts/sis_account_id:A1", account={"name": "Nord"})
    district.load("account_id,parent_account_id,name,status\nA1,,North,active\n")
    assert district.account("A1").name == "Nord"


def test_sub_account_by_hand(canvas: Canvas) -> None:
    reply = canvas.call(
        "POST", f"{ACCOUNT}/sub_accounts", json={"account": {"name": "X", "sis_account_id": "X1"}}
    )
    assert (reply.status, reply.json()["sis_account_id"]) == (200, "X1")
    again = canvas.call(
        "POST", f"{ACCOUNT}/sub_accounts", json={"account": {"name": "Y", "sis_account_id": "X1"}}
    )
    assert again.status == 400
    missing = canvas.call("POST", f"{ACCOUNT}/sub_accounts", json={})
    assert missing.json() == {"errors": [{"message": "account is missing"}]}


def test_settings_are_inherited_unless_set_below_or_locked_above(district: Canvas) -> None:
    below = "/api/v1/accounts/sis_account_id:A1"

    def read() -> object:
        return district.get(f"{below}/settings")["sis_syncing"]["value"]

    assert read() is True
    district.put(below, account={"settings": {"sis_syncing": {"value": "false"}}})
    assert read() is False
    district.put(ACCOUNT, account={"settings": {"sis_syncing": {"value": "1", "locked": "1"}}})
    assert read() is True
    assert district.world.settings["sis_syncing"] is True


@pytest.mark.parametrize(
    ("given", "stored"), [("15", "15"), ("0", "0"), ("255", "255"), ("256", "255"), ("x", "255"),
                          ("-1", "255"), ("1.5", "255")]
)  # fmt: skip
def test_name_length_is_a_whole_number_up_to_255(canvas: Canvas, given: str, stored: str) -> None:
    settings = {"sis_assignment_name_length_input": {"value": given}}
    canvas.put(ACCOUNT, account={"settings": settings})
    assert canvas.world.settings["sis_assignment_name_length_input"] == stored


# -- terms -------------------------------------------------------------------------------------


def test_terms_are_wrapped_and_latest_first(district: Canvas) -> None:
    district.load(
        "term_id,name,status,start_date\nT2,Spring,active,2027-01-05\nT3,Gone,deleted,2025-01-01\n"
    )
    listed = district.get(f"{ACCOUNT}/terms")["enrollment_terms"]
    assert [term["name"] for term in listed] == ["Default Term", "Spring", "Fall"]
    assert listed[2] == {
        "id": 2,
        "name": "Fall",
        "start_at": "2026-08-01T00:00:00Z",
        "end_at": "2026-12-20T00:00:00Z",
        "created_at": "2026-09-01T06:00:00Z",
        "workflow_state": "active",
        "grading_period_group_id": None,
        "sis_term_id": "T1",
        "sis_import_id": 1,
    }
    states = {"deleted": ["Gone"], "all": ["Default Term", "Spring", "Fall", "Gone"]}
    for state, names in states.items():
        found = district.get(f"{ACCOUNT}/terms?workflow_state[]={state}")["enrollment_terms"]
        assert [term["name"] for term in found] == names
    found = district.get(f"{ACCOUNT}/terms", term_name="fal")["enrollment_terms"]
    assert [term["name"] for term in found] == ["Fall"]


def test_deleted_term_is_found_by_id_with_overrides(district: Canvas) -> None:
    district.load("term_id,name,status\nT3,Gone,deleted\n")
    shown = district.get(f"{ACCOUNT}/terms/sis_term_id:T3")
    assert (shown["workflow_state"], shown["overrides"]) == ("deleted", {})


def test_terms_belong_to_the_root_account(district: Canvas) -> None:
    reply = district.call("GET", "/api/v1/accounts/sis_account_id:A1/terms")
    assert (reply.status, reply.json()) == (
        400, {"message": "Terms only belong to root_accounts."},
    )  # fmt: skip


def test_term_changed_by_hand_is_stuck(district: Canvas) -> None:
    term = {"name": "Autumn", "overrides": {"StudentEnrollment": {"start_at": "2026-08-10"}}}
    shown = district.put(f"{ACCOUNT}/terms/sis_term_id:T1", enrollment_term=term)
    assert shown["overrides"] == {
        "StudentEnrollment": {"start_at": "2026-08-10T00:00:00Z", "end_at": None}
    }
    district.load("term_id,name,status\nT1,Fall,active\n")
    assert (district.term("T1").name, district.term("T1").start_at) == ("Autumn", None)


def test_term_made_and_deleted_by_hand(canvas: Canvas) -> None:
    reply = canvas.call(
        "POST", f"{ACCOUNT}/terms", json={"enrollment_term": {"name": "X", "sis_term_id": "X1"}}
    )
    assert reply.status == 200
    number = reply.json()["id"]
    gone = canvas.call("DELETE", f"{ACCOUNT}/terms/{number}")
    assert gone.json()["workflow_state"] == "deleted"
    assert canvas.call("DELETE", f"{ACCOUNT}/terms/default").status == 400


# -- users -------------------------------------------------------------------------------------


def test_a_user_has_every_key_that_canvas_shows(district: Canvas) -> None:
    shown = district.get("/api/v1/users/sis_user_id:U1")
    wanted = {
        "id": district.user("U1").id,
        "name": "Ana Ruiz",
        "created_at": "2026-09-01T06:00:00Z",
        "sortable_name": "Ruiz, Ana",
        "short_name": "Ana Ruiz",
        "sis_user_id": "U1",
        "integration_id": None,
        "sis_import_id": 1,
        "login_id": "ana",
        "email": "ana@x.org",
        "first_name": "Ana",
        "last_name": "Ruiz",
    }
    assert {key: shown[key] for key in wanted} == wanted


def test_account_lists_its_people_and_not_the_tokens_owner(district: Canvas) -> None:
    listed = district.get(f"{ACCOUNT}/users")
    assert [user["name"] for user in listed] == ["Ben Oak", "Ana Ruiz"]
    found = district.get(f"{ACCOUNT}/users", search_term="ana")
    assert [user["sis_user_id"] for user in found] == ["U1"]
    teachers = district.get(f"{ACCOUNT}/users", enrollment_type="teacher")
    assert [user["sis_user_id"] for user in teachers] == ["U2"]
    mailed = district.get(f"{ACCOUNT}/users?include[]=email&sort=email&order=desc")
    assert [user["email"] for user in mailed] == ["ben@x.org", "ana@x.org"]


def test_person_without_a_live_login_or_seat_is_not_listed(district: Canvas) -> None:
    district.load("user_id,login_id,status\nU1,ana,deleted\n")
    assert [user["sis_user_id"] for user in district.get(f"{ACCOUNT}/users")] == ["U2"]


def test_teacher_sees_the_people_of_their_courses_and_no_others(district: Canvas) -> None:
    district.load("user_id,login_id,status\nU3,cyd,active\n")
    token = district.world.add_token_for(district.user("U2").id)
    seen = district.call("GET", "/api/v1/users/sis_user_id:U1", token=token)
    unseen = district.call("GET", "/api/v1/users/sis_user_id:U3", token=token)
    assert (seen.status, unseen.status) == (200, 403)


def test_renamed_user_is_stuck(district: Canvas) -> None:
    district.put("/api/v1/users/sis_user_id:U1", user={"name": "Anna Ruiz"})
    district.load("user_id,login_id,status,full_name\nU1,ana,active,Ana Ruiz\n")
    assert district.user("U1").name == "Anna Ruiz"
    assert district.user("U1").sortable_name == "Ruiz, Anna"


def test_short_name_that_nobody_gave_follows_the_name_and_does_not_stick(district: Canvas) -> None:
    shown = district.put("/api/v1/users/sis_user_id:U1", user={"name": "Ana Cruz"})
    assert (shown["name"], shown["short_name"]) == ("Ana Cruz", "Ana Cruz")
    district.load("user_id,login_id,status,short_name\nU1,ana,active,Annie\n")
    assert district.user("U1").short_name == "Annie"


def test_user_made_by_hand(canvas: Canvas) -> None:
    body = {
        "user": {"name": "Zoe Fox"},
        "pseudonym": {"unique_id": "zoe", "sis_user_id": "Z1"},
        "communication_channel": {"address": "zoe@x.org", "skip_confirmation": True},
    }
    reply = canvas.call("POST", f"{ACCOUNT}/users", json=body)
    assert (reply.status, reply.json()["sis_user_id"]) == (200, "Z1")
    again = canvas.call("POST", f"{ACCOUNT}/users", json=body)
    assert again.status == 400
    pseudonym = again.json()["errors"]["pseudonym"]
    assert pseudonym["unique_id"] == [
        {
            "attribute": "unique_id",
            "type": "taken",
            "message": "ID already in use for this account and authentication provider",
        }
    ]
    assert pseudonym["sis_user_id"][0]["message"] == 'SIS ID "Z1" is already in use'
    assert again.json()["errors"]["recaptcha"] is None


def test_user_taken_out_of_the_account_by_hand(district: Canvas) -> None:
    reply = district.call("DELETE", f"{ACCOUNT}/users/sis_user_id:U1")
    assert (reply.status, reply.json()["status"]) == (200, "deleted")
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]
    district.load("user_id,login_id,status\nU1,ana,active\n")
    assert district.login("U1").workflow_state == "deleted"


# -- logins ------------------------------------------------------------------------------------


def test_a_login_has_every_key_that_canvas_shows(district: Canvas) -> None:
    (shown,) = district.get("/api/v1/users/sis_user_id:U1/logins")
    assert shown == {
        "id": 1,
        "user_id": district.user("U1").id,
        "account_id": 1,
        "unique_id": "ana",
        "sis_user_id": "U1",
        "integration_id": None,
        "authentication_provider_id": None,
        "created_at": "2026-09-01T06:00:00Z",
        "workflow_state": "active",
        "declared_user_type": None,
        "authentication_provider_type": None,
    }


def test_logins_of_the_account_are_those_of_one_user(district: Canvas) -> None:
    path, number = f"{ACCOUNT}/logins", district.user("U1").id
    for query in (f"user_id={number}", f"user[id]={number}", "user_id=sis_user_id:U1"):
        reply = district.call("GET", path, query=query)
        assert [one["unique_id"] for one in reply.json()] == ["ana"]
    assert district.get(path) == []  # the admin's own: theirs is a login of the vendor's
    assert district.call("GET", path, query="user_id=sis_user_id:none").status == 404
    below = district.call("GET", "/api/v1/accounts/sis_account_id:A1/logins")
    refusal = {"message": "Action must be called on a root account."}
    assert (below.status, below.json()) == (400, refusal)


def test_login_renamed_by_hand_is_stuck(district: Canvas) -> None:
    district.put(f"{ACCOUNT}/logins/1", login={"unique_id": "anna", "workflow_state": "suspended"})
    ended = district.load("user_id,login_id,status\nU1,ana,active\n")
    assert ended["workflow_state"] == "imported"
    login = district.login("U1")
    assert (login.unique_id, login.workflow_state) == ("anna", "suspended")


def test_login_made_and_deleted_by_hand(district: Canvas) -> None:
    number = district.user("U1").id
    reply = district.call(
        "POST", f"{ACCOUNT}/logins", json={"user": {"id": number}, "login": {"unique_id": "ana2"}}
    )
    assert (reply.status, reply.json()["unique_id"]) == (200, "ana2")
    taken = district.call(
        "POST", f"{ACCOUNT}/logins", json={"user": {"id": number}, "login": {"unique_id": "BEN"}}
    )
    assert taken.status == 400
    district.call("DELETE", f"/api/v1/users/{number}/logins/1")
    assert district.seats("U1") == [("S1", "StudentEnrollment", "active")]
    assert [one["unique_id"] for one in district.get(f"/api/v1/users/{number}/logins")] == ["ana2"]


def test_long_list_follows_what_changes_between_pages(canvas: Canvas) -> None:
    rows = "".join(f"U{n:04d},l{n:04d},active\n" for n in range(1200))
    canvas.load("user_id,login_id,status\n" + rows)
    path = f"{ACCOUNT}/users"
    first = canvas.get(path, per_page=2)
    assert [user["login_id"] for user in first] == ["l0000", "l0001"]
    assert canvas.get(path, per_page=2, page=2)[0]["login_id"] == "l0002"
    canvas.load("user_id,login_id,status\nU0000,l0000,deleted\n")
    assert canvas.get(path, per_page=2)[0]["login_id"] == "l0001"
    number = canvas.user("U0001").id
    canvas.put(f"/api/v1/users/{number}", user={"sortable_name": "zz"})
    assert canvas.get(path, per_page=2)[0]["login_id"] == "l0002"


def test_a_user_is_suspended_and_back_by_an_event(district: Canvas) -> None:
    path = "/api/v1/users/sis_user_id:U1"
    for event, state in (("suspend", "suspended"), ("unsuspend", "active"), ("other", "active")):
        district.put(path, user={"event": event})
        assert [one["workflow_state"] for one in district.get(f"{path}/logins")] == [state]


def test_a_linked_observer_reads_the_observed_persons_seats(district: Canvas) -> None:
    district.load("user_id,login_id,status,first_name,last_name\nO1,obs,active,Ola,Ruiz\n")
    token = district.world.add_token(Principal("Ola", district.user("O1").id, None))
    paths = [f"/api/v1/users/sis_user_id:U1{rest}" for rest in ("", "/profile", "/enrollments")]

    def asked() -> list[int]:
        return [district.call("GET", path, token=token).status for path in paths]

    assert asked() == [403, 403, 403]
    district.load("observer_id,student_id,status\nO1,U1,active\n")
    assert asked() == [200, 200, 200]
    district.load("observer_id,student_id,status\nO1,U1,deleted\n")
    assert asked() == [403, 403, 403]
