"""Users, logins, admins, observers by CSV. Source: canvas-sis-imports.md 7.1 .. 7.12."""

import pytest

from homeroom.mocks.canvas.tests.driver import Canvas

USERS = "user_id,login_id,status,first_name,last_name,full_name,sortable_name,short_name,email\n"
LOGIN = "user_id,login_id,status\n"


def names(canvas: Canvas, sis_id: str = "U9") -> tuple[str, str, str]:
    user = canvas.user(sis_id)
    return user.name, user.sortable_name, user.short_name


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("Ana,Ruiz,,,,", ("Ana Ruiz", "Ruiz, Ana", "Ana Ruiz")),
        (",,Ana María Ruiz,,,", ("Ana María Ruiz", "Ruiz, Ana María", "Ana María Ruiz")),
        ("Ana,Ruiz,Annie R,,,", ("Annie R", "R, Annie", "Annie R")),
        (",,Ana Ruiz,Aaa,Annie,", ("Ana Ruiz", "Aaa", "Annie")),
        ("Ana,,,,,", ("Ana", ", Ana", "Ana")),
        (",Ruiz,,,,", ("Ruiz", "Ruiz, ", "Ruiz")),
        (",,Cher,,,", ("Cher", "Cher", "Cher")),
        (",,Sam Oak Jr.,,,", ("Sam Oak Jr.", "Oak, Sam, Jr.", "Sam Oak Jr.")),
        (',,"Ruiz, Ana",,,', ("Ruiz, Ana", "Ruiz, Ana", "Ruiz, Ana")),
        (",,,,,", ("x9", "x9", "x9")),
        (",,,Zed,,", ("Zed", "Zed", "Zed")),
    ],
)
def test_names_of_a_new_user(canvas: Canvas, cells: str, expected: tuple[str, str, str]) -> None:
    canvas.load(USERS + f"U9,x9,active,{cells}\n")
    assert names(canvas) == expected


def test_blank_names_leave_those_of_an_existing_user(district: Canvas) -> None:
    district.load(LOGIN + "U1,ana,active\n")
    assert names(district, "U1") == ("Ana Ruiz", "Ruiz, Ana", "Ana Ruiz")


def test_short_name_follows_the_name_until_one_is_given(district: Canvas) -> None:
    district.load(USERS + "U1,ana,active,Anna,Ruiz,,,,\n")
    assert names(district, "U1") == ("Anna Ruiz", "Ruiz, Anna", "Anna Ruiz")
    district.load(USERS + "U1,ana,active,Anna,Ruiz,,,Annie,\n")
    district.load(USERS + "U1,ana,active,Ana,Ruiz,,,,\n")
    assert names(district, "U1") == ("Ana Ruiz", "Ruiz, Ana", "Annie")


def test_login_without_sis_id_is_adopted_by_name_without_regard_to_case(canvas: Canvas) -> None:
    canvas.load(LOGIN + "U1,Ana,active\n")
    canvas.world.store.pseudonyms.set_sis_id(canvas.login("U1"), None)
    canvas.load(LOGIN + "U2,aNA,active\n")
    assert len(canvas.world.store.pseudonyms) == 1
    assert canvas.login("U2").unique_id == "aNA"


def test_claimed_login_is_relabelled_when_asked(district: Canvas) -> None:
    before = district.user("U1").id
    ended = district.load(LOGIN + "U9,ana,active\n", update_sis_id_if_login_claimed=1)
    assert ended["workflow_state"] == "imported"
    assert district.user("U9").id == before
    assert "U1" not in district.world.store.pseudonyms.by_sis_id


def test_claimed_login_keeps_its_id_when_the_row_is_refused_besides(district: Canvas) -> None:
    district.load("user_id,login_id,status,integration_id\nU2,ben,active,I2\n")
    ended = district.load(
        "user_id,login_id,status,integration_id\nU9,ana,active,I2\n",
        update_sis_id_if_login_claimed=True,
    )
    assert len(ended["processing_warnings"]) == 1
    assert district.login("U1").unique_id == "ana"
    assert "U9" not in district.world.store.pseudonyms.by_sis_id


def test_login_swap_works_when_the_freeing_row_comes_first(district: Canvas) -> None:
    ended = district.load(LOGIN + "U1,temporary,active\nU2,ana,active\nU1,ben,active\n")
    assert ended["workflow_state"] == "imported"
    assert (district.login("U1").unique_id, district.login("U2").unique_id) == ("ben", "ana")


def test_deleted_login_frees_its_name(district: Canvas) -> None:
    district.load(LOGIN + "U1,ana,deleted\n")
    assert district.load(LOGIN + "U9,ana,active\n")["workflow_state"] == "imported"
    assert district.warnings(LOGIN + "U1,ana,active\n") == [
        (
            "An existing Canvas user with the SIS ID U9 has already claimed U1's user_id requested "
            "login information, skipping"
        )
    ]


def test_suspended_keeps_enrollments(district: Canvas) -> None:
    district.load(LOGIN + "U1,ana,suspended\n")
    assert district.login("U1").workflow_state == "suspended"
    assert district.seats("U1") == [("S1", "StudentEnrollment", "active")]


def test_deleting_takes_all_but_the_user(district: Canvas) -> None:
    district.load("user_id,account_id,role,status\nU1,A1,AccountAdmin,active\n")
    ended = district.load(LOGIN + "U1,ana,deleted\n")
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]
    assert district.user("U1").workflow_state == "registered"
    statistics = ended["data"]["statistics"]
    assert (statistics["Pseudonym"]["deleted"], statistics["Enrollment"]["deleted"]) == (1, 1)
    assert statistics["AccountUser"]["deleted"] == 1


def test_deleting_one_of_two_logins_keeps_the_enrollments(district: Canvas) -> None:
    district.load("user_id,login_id,existing_user_id\nU1b,ana2,U1\n")
    district.load(LOGIN + "U1,ana,deleted\n")
    assert district.seats("U1b") == [("S1", "StudentEnrollment", "active")]


def test_deleted_twice_is_skipped_and_not_counted(district: Canvas) -> None:
    district.load(LOGIN + "U1,ana,deleted\n")
    ended = district.load(LOGIN + "U1,ana,deleted\n")
    assert (ended["workflow_state"], ended["data"]["counts"]["users"]) == ("imported", 0)


def test_new_deleted_user_is_made_deleted_with_a_retired_address(canvas: Canvas) -> None:
    canvas.load(USERS + "U9,x9,deleted,Ana,Ruiz,,,,a@x.org\n")
    assert canvas.login("U9").workflow_state == "deleted"
    assert canvas.user("U9").channels[0].workflow_state == "retired"


def test_skip_deletes_ignores_the_row(district: Canvas) -> None:
    ended = district.load(LOGIN + "U1,ana,DELETED\n", skip_deletes=1)
    assert (ended["workflow_state"], ended["data"]["counts"]["users"]) == ("imported", 0)
    assert district.login("U1").workflow_state == "active"


def channels(canvas: Canvas, sis_id: str = "U1") -> list[tuple[str, str]]:
    return [(one.path, one.workflow_state) for one in canvas.user(sis_id).channels]


def test_another_address_edits_the_one_from_the_sis(district: Canvas) -> None:
    district.load("user_id,login_id,status,email\nU1,ana,active,new@x.org\n")
    assert channels(district) == [("new@x.org", "active")]


def test_address_that_the_user_has_already_retires_the_old_one(district: Canvas) -> None:
    user = district.user("U1")
    district.put(f"/api/v1/users/{user.id}", user={"short_name": "A"})
    district.load("user_id,login_id,existing_user_id,email\nU1b,ana2,U1,second@x.org\n")
    district.load("user_id,login_id,status,email\nU1,ana,active,second@x.org\n")
    assert channels(district) == [("ana@x.org", "retired"), ("second@x.org", "active")]


def test_blank_address_leaves_things_alone_and_two_may_share_one(district: Canvas) -> None:
    district.load("user_id,login_id,status,email\nU1,ana,active,\nU2,ben,active,ana@x.org\n")
    assert channels(district) == [("ana@x.org", "active")]
    assert channels(district, "U2") == [("ana@x.org", "active")]


@pytest.mark.parametrize(
    "email", ["a", "a@b", "a b@x.org", "a@x..org", "a@", "@x.org", "a@@x.org", "a,b@x.org"]
)
def test_what_is_no_address(canvas: Canvas, email: str) -> None:
    ended = canvas.load(f'user_id,login_id,status,email\nU1,ana,active,"{email}"\n')
    assert ended["data"]["counts"]["warning_count"] == 1
    assert canvas.user("U1").channels == ()


def test_authentication_provider_is_reset_when_absent(district: Canvas) -> None:
    district.login("U1").authentication_provider_id = 5
    district.load(LOGIN + "U1,ana,active\n")
    assert district.login("U1").authentication_provider_id is None


def test_declared_user_type_and_pronouns_are_cleared_by_delete(canvas: Canvas) -> None:
    header = "user_id,login_id,status,declared_user_type,pronouns\n"
    canvas.load(header + "U1,ana,active,student,she\n")
    assert (canvas.login("U1").declared_user_type, canvas.user("U1").pronouns) == ("student", "she")
    canvas.load(header + "U1,ana,active,,\n")
    assert (canvas.login("U1").declared_user_type, canvas.user("U1").pronouns) == ("student", "she")
    canvas.load(header + "U1,ana,active,<delete>,<delete>\n")
    assert (canvas.login("U1").declared_user_type, canvas.user("U1").pronouns) == (None, None)


# -- logins.csv --------------------------------------------------------------------------------


def test_further_login_belongs_to_the_existing_user(district: Canvas) -> None:
    ended = district.load("user_id,login_id,existing_user_id\nU1b,ana2,U1\n")
    assert ended["data"]["counts"]["logins"] == 1
    assert district.user("U1b") is district.user("U1")
    assert district.get("/api/v1/users/sis_user_id:U1b")["id"] == district.user("U1").id


def test_login_that_exists_is_refused_also_for_its_own_user(district: Canvas) -> None:
    rows = "user_id,login_id,existing_user_id\nU1b,ana2,U1\n"
    assert district.warnings(rows) == []
    ended = district.load(rows)
    assert [text for _, text in ended["processing_warnings"]] == [
        "An existing Canvas user with the SIS ID U1b or login of ana2 already exists, skipping"
    ]
    assert ended["data"]["counts"]["logins"] == 0


def test_existing_user_by_two_ids_of_which_one_is_unknown_does_not_match(district: Canvas) -> None:
    assert district.warnings(
        "user_id,login_id,existing_user_id,existing_integration_id\nU1b,ana2,U1,I9\n"
    ) == [
        (
            "An existing user does not match existing user ids provided for login with SIS ID U1b, "
            "skipping"
        )
    ]


def test_holder_of_an_integration_id_without_sis_id_is_told_by_canvas_id(district: Canvas) -> None:
    made = district.call(
        "POST",
        "/api/v1/accounts/1/users",
        json={"user": {"name": "Ida"}, "pseudonym": {"unique_id": "ida", "integration_id": "I7"}},
    ).json()
    assert district.warnings("user_id,login_id,status,integration_id\nU7,ivy,active,I7\n") == [
        (
            f"An existing Canvas user with the Canvas ID {made['id']} has already claimed U7's "
            "requested integration_id, skipping"
        )
    ]


def test_existing_user_by_canvas_id(district: Canvas) -> None:
    number = district.user("U1").id
    district.load(f"user_id,login_id,existing_canvas_user_id\nU1b,ana2,{number}\n")
    assert district.user("U1b").id == number


def test_admin_of_an_account_sees_its_people(district: Canvas) -> None:
    district.load("user_id,account_id,role,status\nU2,A1,AccountAdmin,active\n")
    token = district.world.add_token_for(district.user("U2").id)
    district.load("user_id,login_id,status\nU9,u9,active\n")
    seen = [
        district.call("GET", f"/api/v1/users/sis_user_id:{user}", token=token).status
        for user in ("U1", "U9")
    ]
    assert seen == [200, 403]


# -- admins.csv --------------------------------------------------------------------------------


def test_admins_are_made_and_taken_by_the_sis_alone(district: Canvas) -> None:
    header = "user_id,account_id,role,status\n"
    ended = district.load(header + "U2,A1,AccountAdmin,active\n")
    assert ended["data"]["statistics"]["AccountUser"]["created"] == 1
    (admin,) = district.world.store.account_users
    admin.sis_batch_id = None
    ended = district.load(header + "U2,A1,AccountAdmin,deleted\n")
    assert (ended["data"]["counts"]["admins"], admin.workflow_state) == (1, "active")
    district.load(header + "U2,A1,AccountAdmin,active\nU2,A1,AccountAdmin,deleted\n")
    assert admin.workflow_state == "deleted"


def test_role_id_of_an_admin_that_is_none_leaves_the_name_to_tell(district: Canvas) -> None:
    header = "user_id,account_id,role,role_id,status\n"
    assert district.warnings(header + "U2,A1,AccountAdmin,99,active\n") == []
    assert district.warnings(header + "U2,A1,Nobody,99,active\n") == [
        "Invalid role 'Nobody' for admin"
    ]


def test_deleted_account_has_no_admins(district: Canvas) -> None:
    district.load("account_id,parent_account_id,name,status\nA9,,Old,deleted\n")
    assert district.warnings("user_id,account_id,role,status\nU2,A9,AccountAdmin,active\n") == [
        "Invalid account_id given for admin"
    ]


def test_blank_account_is_the_root(district: Canvas) -> None:
    district.load("user_id,account_id,role_id,status\nU2,,6,active\n")
    assert district.world.store.account_users.rows[0].account_id == 1


# -- user_observers.csv ------------------------------------------------------------------------


LINK = "observer_id,student_id,status\n"


def test_link_brings_an_observer_beside_each_present_and_future_seat(district: Canvas) -> None:
    district.load(LOGIN + "P1,parent,active\n")
    ended = district.load(LINK + "P1,U1,active\n")
    assert ended["data"]["counts"]["user_observers"] == 1
    assert ended["data"]["statistics"]["UserObserver"]["created"] == 1
    assert district.seats("P1") == [("S1", "ObserverEnrollment", "active")]
    assert district.user("P1").enrollments[0].associated_user_id == district.user("U1").id
    district.load("section_id,user_id,role,status\nS2,U1,student,active\n")
    assert district.seats("P1")[1] == ("S2", "ObserverEnrollment", "active")
    district.load("section_id,user_id,role,status\nS2,U1,student,deleted\n")
    assert district.seats("P1")[1] == ("S2", "ObserverEnrollment", "deleted")


def test_parting_removes_link_and_seats(district: Canvas) -> None:
    district.load(LOGIN + "P1,parent,active\n")
    district.load(LINK + "P1,U1,active\n")
    district.load(LINK + "P1,U1,DELETED\n")
    assert district.seats("P1") == [("S1", "ObserverEnrollment", "deleted")]
    district.load(LINK + "P1,U1,active\n")
    assert district.seats("P1") == [("S1", "ObserverEnrollment", "active")]


def test_link_needs_active_logins(district: Canvas) -> None:
    district.load(LOGIN + "P1,parent,suspended\n")
    assert district.warnings(LINK + "P1,U1,active\n") == [
        "An observer referenced a non-existent user P1"
    ]
