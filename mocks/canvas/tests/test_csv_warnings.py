"""Every row-level warning, word for word. Source: canvas-sis-imports.md 7."""

# ruff: noqa: E501 -- rows and Canvas's sentences stand whole, to be compared by eye

import pytest

from homeroom.mocks.canvas.tests.driver import Canvas

LONG = "x" * 256
WARNINGS: dict[str, list[tuple[str, str]]] = {
    # users.csv, 7.1: user_id,login_id,status,email,full_name,integration_id,auth
    "user_id,login_id,status,email,full_name,integration_id,authentication_provider_id": [
        (",x,active,,,,", "No user_id given for a user"),
        ("U9,,active,,,,", "No login_id given for user U9"),
        ("U9,x,,,,,", "No status given for user U9"),
        ("U9,x,gone,,,,", "Improper status for user U9"),
        ("U9,x,active,,a\x00b,,", "Some of the fields contain NULL character"),
        (
            "U9,ANA,active,,,,",
            ("An existing Canvas user with the SIS ID U1 has already claimed U9's user_id "
            "requested login information, skipping"),
        ),
        (
            "U2,ana,active,,,,",
            ("An existing Canvas user with the SIS ID U1 has already claimed U2's user_id "
            "requested login information, skipping"),
        ),
        (
            "U9,x,active,,,I1,",
            ("An existing Canvas user with the SIS ID U1 has already claimed U9's requested "
            "integration_id, skipping"),
        ),
        ("U9,x,active,,,,ldap", "unrecognized authentication provider ldap for U9, skipping"),
        (
            "U9,x\x01y,active,,,,",
            "Could not save the user with user_id: 'U9'. Invalid login_id: 'x\x01y'",
        ),
        (
            f"U9,{'x' * 101},active,,,,",
            ("Could not save the user with user_id: 'U9'. Unknown reason: unique_id is too long "
            "(maximum is 100 characters)"),
        ),
        (
            "U9,x,active,nonsense,,,",
            "The email address associated with user 'U9' is invalid (email: 'nonsense')",
        ),
        (
            f"U9,x,active,,{LONG},,",
            ("A user did not pass validation (user: U9, error: Name is too long "
            "(maximum is 255 characters))"),
        ),
    ],
    # accounts.csv, 7.2
    "account_id,parent_account_id,name,status": [
        (",,x,active", "No account_id given for an account"),
        ("A9,A8,x,active", "Parent account didn't exist for A9"),
        ("A9,,,active", "No name given for account A9, skipping"),
        ("A9,,x,gone", 'Improper status "gone" for account A9, skipping'),
        ("A1,,x,deleted", "Cannot delete the sub_account with ID: A1 because it has active courses."),
        ("A0,,x,deleted", "Cannot delete the sub_account with ID: A0 because it has active sub accounts."),
        ("A0,A2,x,active", "Setting account A0's parent to A2 would create a loop"),
        ("A0,A0,x,active", "Setting account A0's parent to A0 would create a loop"),
    ],
    # terms.csv, 7.3
    "term_id,name,status,start_date,end_date,date_override_enrollment_type": [
        (",x,active,,,", "No term_id given for a term"),
        ("T9,x,gone,,,", 'Improper status "gone" for term T9'),
        ("T9,x,,,,", 'Improper status "" for term T9'),
        ("T9,,active,,,", "No name given for term T9"),
        ("T9,x,active,2012-13-05,,", "Bad date format for term T9"),
        ("T9,x,active,,,StudentEnrollment", "Cannot set date override on non-existent term"),
        ("T1,x,active,,,ObserverEnrollment", "Invalid date_override_enrollment_type"),
        (
            "T1,Fall,deleted,,,",
            ("A term did not pass validation (term: T1 / Fall, error: Cannot delete a term with "
            "active courses)"),
        ),
        (
            f"T9,{LONG},active,,,",
            (f"A term did not pass validation (term: T9 / {LONG}, error: Name is too long "
            "(maximum is 255 characters))"),
        ),
    ],
    # courses.csv, 7.4
    "course_id,short_name,long_name,account_id,status,start_date,end_date,course_format,"
    "grade_passback_setting,abstract_course_id,blueprint_course_id": [
        (",a,b,,active,,,,,,", "No course_id given for a course"),
        ("C9,,b,,active,,,,,,", "No short_name given for course C9"),
        ("C9,a,,,active,,,,,,", "No long_name given for course C9"),
        ("C9,a,b,,gone,,,,,,", 'Improper status "gone" for course C9'),
        ("C9,a,b,,active,,,virtual,,,", 'Invalid course_format "virtual" for course C9'),
        ("C9,a,b,,active,,,,hourly,,", 'Invalid grade_passback_setting "hourly" for course C9'),
        ("C9,a,b,A9,active,,,,,,", 'Account not found "A9" for course C9'),
        ("C9,a,b,,active,2012-13-05,,,,,", "Bad date format for course C9"),
        (
            "C9,a,b,,active,,,,,AC9,",
            "unknown abstract course id AC9, ignoring abstract course reference",
        ),
        (
            "C9,a,b,,active,2026-09-02,2026-09-01,,,,",
            ("A course did not pass validation (course: C9 / a, error: End date cannot be before "
            "start date)"),
        ),
        (
            f"C9,a,{LONG},,active,,,,,,",
            ("A course did not pass validation (course: C9 / a, error: Name is too long "
            "(maximum is 255 characters))"),
        ),
        ("C9,a,b,,active,,,,,,C1", 'Unknown blueprint course "C1" for course "C9"'),
    ],
    # sections.csv, 7.5
    "section_id,course_id,name,status,start_date,end_date,integration_id": [
        (",C1,x,active,,,", "No section_id given for a section in course C1"),
        ("S9,,x,active,,,", "No course_id given for a section S9"),
        ("S1,,x,deleted,,,", "No course_id given for a section S1"),
        ("S9,C1,,active,,,", "No name given for section S9 in course C1"),
        ("S9,C1,x,gone,,,", 'Improper status "gone" for section S9 in course C1'),
        ("S9,C9,x,active,,,", "Section S9 references course C9 which doesn't exist"),
        ("S9,C1,x,active,,2012-13-05,", "Bad date format for section S9"),
        (
            "S9,C1,x,active,2026-09-02,2026-09-01,",
            ("A section did not pass validation (section: S9 / x, course: C1, error: End date "
            "cannot be before start date)"),
        ),
        (
            "S9,C1,x,active,,,IS1",
            ("A section did not pass validation (section: S9 / x, course: C1, error: INTEGRATRION "
            'ID "IS1" is already in use)'),
        ),
    ],
    # enrollments.csv, 7.6
    "course_id,section_id,user_id,role,status,start_date,end_date,associated_user_id,root_account": [
        (",,U1,student,active,,,,", "No course_id or section_id given for an enrollment"),
        ("C1,,,student,active,,,,", "No user_id given for an enrollment"),
        ("C1,,U1,student,gone,,,,", 'Improper status "gone" for an enrollment'),
        ("C1,,U1,principal,active,,,,", 'Improper role "principal" for an enrollment'),
        ("C1,,U1,teachers,active,,,,", 'Improper role "teachers" for an enrollment'),
        (
            "C1,S1,U9,student,active,,,,",
            "User not found for enrollment (User ID: U9, Course ID: C1, Section ID: S1)",
        ),
        (
            "C9,S9,U1,student,active,,,,",
            ("Neither course nor section existed for user enrollment (Course ID: C9, "
            "Section ID: S9, User ID: U1)"),
        ),
        (
            "C9,,U1,student,active,,,,",
            ("Neither course nor section existed for user enrollment (Course ID: C9, "
            "Section ID: , User ID: U1)"),
        ),
        ("C1,S9,U1,student,active,,,,", "An enrollment referenced a non-existent section S9"),
        ("C9,S1,U1,student,active,,,,", "An enrollment referenced a non-existent course C9"),
        (
            "C2,S1,U1,student,active,,,,",
            "An enrollment listed a section (S1) and a course (C2) that are unrelated for user (U1)",
        ),
        (
            "C1,S1,U1,observer,active,,,U9,",
            "An enrollment referenced a non-existent associated user U9",
        ),
        ("C1,S1,U1,student,active,2012-13-05,,,", "Bad date format for user U1 in course C1"),
        (",S1,U1,student,active,2012-13-05,,,", "Bad date format for user U1 in section S1"),
        (
            "C1,S1,U1,student,active,,,,other",
            "User other:U1 does not have a usable login for this account",
        ),
    ],
    # xlists.csv, 7.7
    "xlist_course_id,section_id,status": [
        (",S1,active", "No xlist_course_id given for a cross-listing"),
        ("C2,,active", "No section_id given for a cross-listing"),
        ("C2,S1,activeX", 'Improper status "activeX" for a cross-listing'),
        ("C2,S9,active", "A cross-listing referenced a non-existent section S9"),
    ],
    # logins.csv, 7.8
    "user_id,login_id,existing_user_id,existing_canvas_user_id,email": [
        (",x,U1,,", "No user_id given for a user"),
        ("L1,,U1,,", "No login_id given for user L1"),
        ("L1,x,,,", "No existing user provided for login with SIS ID L1"),
        ("L1,x,U9,,", "Could not find the existing user for login with SIS ID L1, skipping"),
        (
            "L1,x,U1,3,",
            ("An existing user does not match existing user ids provided for login with SIS ID L1, "
            "skipping"),
        ),
        (
            "L1,ben,U1,,",
            "An existing Canvas user with the SIS ID L1 or login of ben already exists, skipping",
        ),
        ("L1,x,U1,,bad", "The email address associated with user 'L1' is invalid (email: 'bad')"),
    ],
    # change_sis_id.csv, 7.9
    "old_id,new_id,old_integration_id,new_integration_id,type": [
        ("U1,U9,,,", "No type given for change_sis_id"),
        (",U9,,,user", "No old_id or old_integration_id given for change_sis_id"),
        ("U1,,,,user", "No new_id or new_integration_id given for change_sis_id"),
        ("U1,U9,,,dog", "Invalid type 'dog' for change_sis_id"),
        ("U8,U9,,,user", "An old_id, 'U8', referenced a non-existent user and was not changed."),
        (
            ",U9,I8,,user",
            "An old_integration_id, 'I8', referenced a non-existent user and was not changed.",
        ),
        (
            "U2,U9,I1,,user",
            "An old_id, 'U2', referenced a different user than the old_integration_id, 'I1'",
        ),
        (
            "U1,U2,,,user",
            ("A new_id, 'U2', referenced an existing user and the user with sis_user_id 'U1' was "
            "not updated"),
        ),
        (
            "C1,C2,,,Course",
            ("A new_id, 'C2', referenced an existing course and the course with sis_source_id 'C1' "
            "was not updated"),
        ),
        (
            "U2,,,I1,user",
            ("A new_integration_id, 'I1', referenced an existing user and the user with "
            "integration_id '' was not updated"),
        ),
        ("G1,,,I9,group category", "Group categories should not have integration IDs."),
        ("G1,G2,,,group", "An old_id, 'G1', referenced a non-existent group and was not changed."),
    ],
    # admins.csv, 7.10
    "user_id,account_id,role,role_id,status": [
        (",,AccountAdmin,,active", "No user_id given for admin"),
        ("U1,,AccountAdmin,,", "No status given for admin"),
        ("U1,,,,active", "No role_id or role given for admin"),
        ("U1,,AccountAdmin,,gone", "Invalid status gone for admin"),
        ("U1,A9,AccountAdmin,,active", "Invalid account_id given for admin"),
        ("U1,,Janitor,,active", "Invalid role 'Janitor' for admin"),
        ("U1,,,99,active", "Invalid role_id '99' for admin"),
        ("U9,,AccountAdmin,,active", "Invalid or unknown user_id 'U9' for admin"),
    ],
    # user_observers.csv, 7.12
    "observer_id,student_id,status": [
        (",U1,active", "No observer_id given for a user observer"),
        ("U2,,active", "No user_id given for a user observer"),
        ("U1,U1,active", "Can't observe yourself user U1"),
        ("U2,U1,activeX", 'Improper status "activeX" for a user_observer'),
        ("U9,U1,active", "An observer referenced a non-existent user U9"),
        ("U2,U9,active", "A student referenced a non-existent user U9"),
        (
            "U2,U1,deleted",
            "Can't delete a non-existent observer for observer: U2, student: U1",
        ),
    ],
    # abstract_courses.csv, 7.13
    "abstract_course_id,short_name,long_name,status": [
        (",a,b,active", "No abstract_course_id given for an abstract course"),
        ("X1,,b,active", "No short_name given for abstract course X1"),
        ("X1,a,,active", "No long_name given for abstract course X1"),
        ("X1,a,b,gone", 'Improper status "gone" for abstract course X1'),
    ],
}  # fmt: skip
CASES = [(header, row, text) for header, rows in WARNINGS.items() for row, text in rows]


@pytest.mark.parametrize(("header", "row", "text"), CASES, ids=[text[:70] for *_, text in CASES])
def test_each_bad_row_is_warned_of_in_canvas_words(
    district: Canvas, header: str, row: str, text: str
) -> None:
    district.load(
        {
            "users.csv": "user_id,login_id,status,integration_id\nU1,ana,active,I1\n",
            "accounts.csv": (
                "account_id,parent_account_id,name,status\nA0,,Zero,active\nA2,A0,Two,active\n"
            ),
            "sections.csv": (
                "section_id,course_id,name,status,integration_id\nS1,C1,Algebra 1,active,IS1\n"
            ),
        }
    )
    ended = district.load(f"{header}\n{row}\n")
    assert ended["processing_warnings"] == [["sis_import.csv", text]]
    assert ended["workflow_state"] == "imported_with_messages"


def test_holder_without_sis_id_is_told_by_canvas_id(canvas: Canvas) -> None:
    canvas.load("user_id,login_id,status\nU1,ana,active\nU2,ben,active\n")
    table = canvas.world.store.pseudonyms
    table.set_sis_id(canvas.login("U1"), None)
    assert canvas.warnings("user_id,login_id,status\nU2,ana,active\n") == [
        (
            "An existing Canvas user with the Canvas ID 2 has already claimed U2's user_id requested "
            "login information, skipping"
        )
    ]


def test_uploader_cannot_delete_themself(district: Canvas) -> None:
    token = district.world.add_token_for(district.user("U2").id)
    district.load("user_id,account_id,role,status\nU2,,AccountAdmin,active\n")
    reply = district.send("user_id,login_id,status\nU2,ben,deleted\n", token=token)
    district.settle()
    assert district.shown(reply.json()["id"])["processing_warnings"] == [
        ["sis_import.csv", "Can't remove yourself user_id 'U2'"]
    ]
    reply = district.send("user_id,account_id,role,status\nU2,,AccountAdmin,deleted\n", token=token)
    district.settle()
    assert district.shown(reply.json()["id"])["processing_warnings"] == [
        ["sis_import.csv", "Can't remove yourself user_id 'U2'"]
    ]


def test_students_and_observers_are_refused_in_blueprint_courses(district: Canvas) -> None:
    district.course("C1").blueprint = True
    assert district.warnings(
        "section_id,user_id,role,status\nS1,U1,student,active\nS1,U1,observer,active\n"
    ) == [
        'Student enrollment for "U1" not allowed in blueprint course "C1"',
        'Observer enrollment for "U1" not allowed in blueprint course "C1"',
    ]


def test_deleted_section_is_not_a_valid_section(district: Canvas) -> None:
    district.load("section_id,course_id,name,status\nS1,C1,x,deleted\n")
    (text,) = district.warnings("section_id,user_id,role,status\nS1,U1,student,active\n")
    assert text.startswith("An enrollment did not pass validation (course: ")
    assert "is not a valid section" in text


def test_seats_of_a_deleted_section_may_end(district: Canvas) -> None:
    rows = "section_id,user_id,role,status\nS1,U1,student,deleted\nS1,U2,ta,deleted\n"
    ended = district.load(
        {"a.csv": "section_id,course_id,name,status\nS1,C1,x,deleted\n", "b.csv": rows}
    )
    assert ended["workflow_state"] == "imported"
    assert ended["data"]["counts"]["enrollments"] == 2
    assert district.seats("U1") == [("S1", "StudentEnrollment", "deleted")]


def test_course_of_a_deleted_account_is_not_restored(district: Canvas) -> None:
    district.load("course_id,short_name,long_name,status\nC1,a,b,deleted\nC2,a,b,deleted\n")
    district.load("account_id,parent_account_id,status\nA1,,deleted\n")
    header = "course_id,short_name,long_name,status\n"
    assert district.warnings(header + "C1,a,b,active\n") == [
        "Cannot restore course C1 because the associated account A1 is deleted"
    ]
