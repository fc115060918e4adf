"""Groups, their sets and who is in them. Source: canvas-sis-imports.md 7.11 and 7.13."""

from typing import Any

import pytest

from homeroom.mocks.canvas.tests.driver import Canvas

CATEGORIES = "group_category_id,category_name,account_id,course_id,status\n"
GROUPS = "group_id,name,group_category_id,account_id,course_id,status\n"
MEMBERS = "group_id,user_id,status\n"
RESULTS = "enrollment_id,grade_publishing_status,message\n"
SETS = {
    "c.csv": CATEGORIES + "GC1,Labs,,C1,active\nGC2,Clubs,,,active\n",
    "g.csv": GROUPS + "G1,Lab 1,GC1,,C1,available\nG2,Chess,GC2,,,available\n",
    "m.csv": MEMBERS + "G1,U1,accepted\nG2,U2,accepted\n",
}


def counted(ended: dict[str, Any]) -> dict[str, Any]:
    statistics = {
        kind: {name: count for name, count in ended["data"]["statistics"][kind].items() if count}
        for kind in ("GroupCategory", "Group", "GroupMembership", "Enrollment")
    }
    return {kind: counts for kind, counts in statistics.items() if counts}


@pytest.fixture
def grouped(district: Canvas) -> Canvas:
    """The district with a set of groups in a course and one in the account."""
    ended = district.load(SETS)
    assert ended["workflow_state"] == "imported", ended
    return district


def states(canvas: Canvas) -> list[str]:
    return [one.workflow_state for one in canvas.world.store.group_memberships]


def test_sets_groups_and_memberships_are_made_and_counted(district: Canvas) -> None:
    ended = district.load(SETS)
    data = ended["data"]
    assert data["supplied_batches"] == ["group_category", "group", "group_membership"]
    assert {name: count for name, count in data["counts"].items() if count} == {
        "group_categories": 2, "groups": 2, "group_memberships": 2
    }  # fmt: skip
    assert counted(ended) == {
        "GroupCategory": {"created": 2},
        "Group": {"created": 2},
        "GroupMembership": {"created": 2},
    }


def test_the_same_again_changes_nothing(grouped: Canvas) -> None:
    ended = grouped.load(SETS)
    assert (ended["workflow_state"], counted(ended)) == ("imported", {})
    assert ended["data"]["counts"]["group_memberships"] == 2


@pytest.mark.parametrize(
    ("row", "warning"),
    [
        (",a,,,active", "No sis_id given for a group category"),
        ("X,,,,active", "No name given for group category X"),
        ("X,a,,,", "No status given for group category X"),
        ("X,a,,,foo", 'Improper status "foo" for group category X, skipping'),
        (
            "X,a,A1,C1,active",
            (
                "Only one context is allowed and both course_id and account_id where provided for "
                "group category X."
            ),
        ),
        ("X,a,A9,,active", 'Account with id "A9" didn\'t exist for group category X'),
        ("X,a,,C9,active", 'Course with id "C9" didn\'t exist for group category X'),
        ("GC1,a,,C2,active", "Cannot move group category GC1 because it has groups in it."),
        (
            f"X,{'a' * 256},,,active",
            (
                "A group category did not pass validation (group category: X, "
                "error: Name is too long (maximum is 255 characters))"
            ),
        ),
    ],
)
def test_warnings_about_sets(grouped: Canvas, row: str, warning: str) -> None:
    assert grouped.warnings(f"{CATEGORIES}{row}\n") == [warning]


@pytest.mark.parametrize(
    ("row", "warning"),
    [
        (",a,,,,available", "No group_id given for a group."),
        ("X,,,,,available", "No name given for group X."),
        ("X,a,,,,active", 'Improper status "active" for group X.'),
        (
            "X,a,,A1,C1,available",
            (
                "Only one context is allowed and both course_id and account_id where provided for "
                "group X."
            ),
        ),
        ("X,a,,A9,,available", "Account with sis id A9 didn't exist for group X."),
        ("X,a,,,C9,available", "Course with sis id C9 didn't exist for group X."),
        ("X,a,GC1,A1,,available", "Group Category GC1 didn't exist in account A1 for group X."),
        ("X,a,GC1,,C2,available", "Group Category GC1 didn't exist in course C2 for group X."),
        ("X,a,GC9,,,available", "Group Category GC9 didn't exist for group X."),
        ("G1,a,,,C2,available", "Cannot move group G1 because it has group_memberships."),
        (
            f"X,{'a' * 256},,,,closed",
            (
                "A group did not pass validation (group: X, "
                "error: Name is too long (maximum is 255 characters))"
            ),
        ),
    ],
)
def test_warnings_about_groups(grouped: Canvas, row: str, warning: str) -> None:
    assert grouped.warnings(f"{GROUPS}{row}\n") == [warning]


@pytest.mark.parametrize(
    ("row", "warning"),
    [
        (",U1,accepted", "No group_id given for a group user"),
        ("G1,,accepted", "No user_id given for a group user"),
        ("G1,U1,active", 'Improper status "active" for a group user'),
        ("G1,U9,accepted", "User U9 didn't exist for group user"),
        ("G9,U1,accepted", "Group G9 didn't exist for group user"),
        ("G1,U3,accepted", "User U3 doesn't have an enrollment in the course of group G1."),
    ],
)
def test_warnings_about_memberships(grouped: Canvas, row: str, warning: str) -> None:
    grouped.load("user_id,login_id,status\nU3,cyd,active\n")
    assert grouped.warnings(f"{MEMBERS}{row}\n") == [warning]


def test_name_of_a_set_is_taken_in_its_place_alone(grouped: Canvas) -> None:
    rows = "N1,Seats,,C2,active\nN2,Seats,,C2,active\nN3,Seats,A1,,active\nN1,Seats,,C2,active\n"
    assert grouped.warnings(CATEGORIES + rows) == [
        (
            "A group category did not pass validation (group category: N2, error: Name Seats is "
            "already in use.)"
        )
    ]


def test_deleted_course_is_no_place_for_groups(grouped: Canvas) -> None:
    grouped.load("course_id,short_name,long_name,status\nC2,b,b,deleted\n")
    assert grouped.warnings(CATEGORIES + "N1,a,,C2,active\n") == [
        'Course with id "C2" didn\'t exist for group category N1'
    ]
    assert grouped.warnings(GROUPS + "N1,a,,,C2,available\n") == [
        "Course with sis id C2 didn't exist for group N1."
    ]


def test_members_leave_and_come_back(grouped: Canvas) -> None:
    ended = grouped.load(MEMBERS + "G1,U1,deleted\n")
    assert counted(ended) == {"GroupMembership": {"deleted": 1}}
    ended = grouped.load(MEMBERS + "G1,U1,accepted\n")
    assert counted(ended) == {"GroupMembership": {"restored": 1}}


def test_deleted_enrollment_takes_the_places_in_the_courses_groups(grouped: Canvas) -> None:
    ended = grouped.load("section_id,user_id,role,status\nS1,U1,student,deleted\n")
    assert counted(ended) == {"Enrollment": {"deleted": 1}, "GroupMembership": {"deleted": 1}}
    assert states(grouped) == ["deleted", "accepted"]


def test_place_in_a_group_stays_while_another_enrollment_does(grouped: Canvas) -> None:
    header = "section_id,user_id,role,status\n"
    grouped.load(header + "S1,U1,ta,active\n")
    grouped.load(header + "S1,U1,student,deleted\n")
    assert states(grouped) == ["accepted", "accepted"]


def test_deleted_user_leaves_every_group_and_restoring_brings_them_back(grouped: Canvas) -> None:
    ended = grouped.load("user_id,login_id,status\nU1,ana,deleted\nU2,ben,deleted\n")
    assert counted(ended)["GroupMembership"] == {"deleted": 2}
    path = f"/api/v1/accounts/1/sis_imports/{ended['id']}/restore_states"
    assert grouped.call("PUT", path).status == 200
    grouped.settle()
    assert states(grouped) == ["accepted", "accepted"]
    statistics = grouped.shown(ended["id"])["data"]["statistics"]
    assert statistics["GroupMembership"]["restored"] == 2


def test_deleted_set_takes_its_groups_along(grouped: Canvas) -> None:
    ended = grouped.load(CATEGORIES + "GC1,Labs,,C1,deleted\n")
    assert counted(ended) == {"GroupCategory": {"deleted": 1}, "Group": {"deleted": 1}}


def test_name_of_a_group_sticks(grouped: Canvas) -> None:
    grouped.load(
        GROUPS + "G3,Go,GC2,,,available\n", override_sis_stickiness=1, add_sis_stickiness=1
    )
    assert grouped.warnings(GROUPS + "G3,Bridge,GC2,,,available\n") == []
    assert grouped.world.store.groups.by_sis_id["G3"].name == "Go"


def test_ids_of_groups_and_sets_change(grouped: Canvas) -> None:
    header = "old_id,new_id,type\n"
    assert grouped.warnings(header + "G1,G7,group\nGC1,GC7,Group Category\nG9,x,group\n") == [
        "An old_id, 'G9', referenced a non-existent group and was not changed."
    ]
    assert grouped.warnings(MEMBERS + "G7,U1,deleted\n") == []


def test_group_id_that_is_taken_is_given_to_no_other(grouped: Canvas) -> None:
    assert grouped.warnings("old_id,new_id,type\nG1,G2,group\n") == [
        (
            "A new_id, 'G2', referenced an existing group and the group with sis_source_id 'G1' "
            "was not updated"
        )
    ]


def test_grade_publishing_results_are_checked_and_counted(district: Canvas) -> None:
    ended = district.load(RESULTS + "1,published,\n2,ERROR,no\n")
    assert ended["data"]["counts"]["grade_publishing_results"] == 2
    assert district.warnings(RESULTS + ",published,\n1,,\n1,sent,\n99,error,\n") == [
        "No enrollment_id given",
        "No grade_publishing_status given for enrollment 1",
        'Improper grade_publishing_status "sent" for enrollment 1',
        "Enrollment 99 doesn't exist",
    ]
