"""Admins and observers as REST shows them, whoever made them."""

from typing import Any

from homeroom.mocks.canvas.tests.driver import ACCOUNT, Canvas
from homeroom.mocks.canvas.tokens import Principal

ADMINS = "user_id,account_id,role,status\n"
LINKS = "observer_id,student_id,status\n"
USER = "/api/v1/users/sis_user_id:"


def test_admins_of_an_account_are_those_of_this_very_account(district: Canvas) -> None:
    below = "/api/v1/accounts/sis_account_id:A1"
    district.load(f"{ADMINS}U2,A1,AccountAdmin,active\n")
    assert district.get(f"{ACCOUNT}/admins") == []
    (shown,) = district.get(f"{below}/admins")
    assert (shown["role"], shown["workflow_state"], shown["user"]["sis_user_id"]) == (
        "AccountAdmin", "active", "U2",
    )  # fmt: skip
    assert district.get(f"{below}/admins", **{"user_id[]": "sis_user_id:U1"}) == []
    district.load(f"{ADMINS}U2,A1,AccountAdmin,deleted\n")
    assert district.get(f"{below}/admins") == []


def test_links_of_observers_are_read_from_both_ends(district: Canvas) -> None:
    district.load(f"{LINKS}U2,U1,active\n")

    def names(path: str) -> list[Any]:
        return [one["sis_user_id"] for one in district.get(USER + path)]

    assert (names("U2/observees"), names("U1/observers")) == (["U1"], ["U2"])
    assert (names("U1/observees"), names("U2/observers")) == ([], [])
    district.load(f"{LINKS}U2,U1,deleted\n")
    assert (names("U2/observees"), names("U1/observers")) == ([], [])


def test_people_read_their_own_links_only(district: Canvas) -> None:
    token = district.world.add_token(Principal("Ana", district.user("U1").id, None))
    for path, status in (("U1/observers", 200), ("self/observees", 200), ("U2/observees", 403)):
        where = f"/api/v1/users/{path}" if path.startswith("self") else USER + path
        assert district.call("GET", where, token=token).status == status
    assert district.call("GET", f"{ACCOUNT}/admins", token=token).status == 403


def test_lists_of_people_name_their_sections_when_asked(district: Canvas) -> None:
    people = district.get(f"{ACCOUNT}/users", **{"include[]": ["sections", "uuid"]})
    assert [one["sections"] for one in people] == ["Algebra 1"] * 2
    here = district.get("/api/v1/courses/sis_course_id:C1/users", **{"include[]": "sections"})
    assert [one["sections"] for one in here] == ["Algebra 1", "Algebra 1"]
    alone = district.get(f"{USER}U1", **{"include[]": ["sections", "last_login"]})
    assert (alone["sections"], alone["last_login"]) == ("Algebra 1", None)


def test_an_admin_sees_every_section_of_a_course_when_asked(district: Canvas) -> None:
    path = "/api/v1/courses/sis_course_id:C1"
    assert district.get(path, **{"include[]": "sections"})["sections"] == [
        {"id": district.section("S1").id, "name": "Algebra 1", "start_at": None, "end_at": None}
    ]
    token = district.world.add_token(Principal("Ben", district.user("U2").id, None))
    own = district.call("GET", f"{path}?include[]=sections", token=token).json()["sections"]
    assert [one["enrollment_role"] for one in own] == ["TeacherEnrollment"]


def test_an_observer_reads_the_observed_persons_seats_and_grades_in_a_course(
    district: Canvas,
) -> None:
    district.load("user_id,login_id,status,first_name,last_name\nO1,obs,active,Ola,Ruiz\n")
    district.load(f"{LINKS}O1,U1,active\n")
    token = district.world.add_token(Principal("Ola", district.user("O1").id, None))
    path = "/api/v1/courses/sis_course_id:C1/enrollments"

    def asked(query: str) -> Any:
        return district.call("GET", path, query=query, token=token)

    assert asked("").status == 403
    (seat,) = asked("user_id=sis_user_id:U1").json()
    assert set(seat["grades"]) == {
        "html_url", "current_score", "current_grade", "final_score", "final_grade",
    }  # fmt: skip
    assert asked("user_id=sis_user_id:U2").status == 403
    (own,) = asked("user_id=self&include[]=observed_users").json()
    assert [one["id"] for one in own["observed_user"]["enrollments"]] == [seat["id"]]


def test_what_the_sis_enrolled_is_locked_for_teachers_not_for_admins(district: Canvas) -> None:
    path = "/api/v1/courses/sis_course_id:C1/enrollments"
    query = "type[]=StudentEnrollment&include[]=locked&include[]=can_be_removed"
    teacher = district.world.add_token(Principal("Ben", district.user("U2").id, None))
    for token, locked in ((district.token, False), (teacher, True)):
        (seat,) = district.call("GET", path, query=query, token=token).json()
        assert (seat["locked"], seat["can_be_removed"]) == (locked, not locked)
