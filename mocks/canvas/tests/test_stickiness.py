"""What people change in Canvas stays. Source: canvas-sis-imports.md 4."""

import pytest

from homeroom.mocks.canvas.stickiness import stick
from homeroom.mocks.canvas.tests.driver import Canvas

# Object, file that changes it, and the sticky fields that the file writes.
CASES = {
    "login": ("user_id,login_id,status\nU1,zoe,suspended\n", ("unique_id", "workflow_state")),
    "user": (
        "user_id,login_id,status,full_name,short_name,pronouns\nU1,ana,active,Zoe Fox,Z,she\n",
        ("name", "sortable_name", "short_name", "pronouns"),
    ),
    "account": ("account_id,parent_account_id,name,status\nA1,A2,Zed,active\n",
                ("name", "parent_account_id")),
    "term": ("term_id,name,status,start_date,end_date\nT1,Zed,active,2027-01-01,2027-02-01\n",
             ("name", "start_at", "end_at")),
    "course": (
        ("course_id,short_name,long_name,account_id,term_id,status,start_date,end_date,"
        "grade_passback_setting\nC1,ZED,Zed,A2,T2,published,2027-01-01,2027-02-01,nightly_sync\n"),
        ("name", "course_code", "start_at", "conclude_at", "restrict_enrollments_to_course_dates",
         "enrollment_term_id", "workflow_state", "account_id", "grade_passback_setting"),
    ),
    "section": (
        "section_id,course_id,name,status,start_date,end_date\nS1,C2,Zed,active,2027-01-01,2027-02-01\n",
        ("course_id", "name", "start_at", "end_at", "restrict_enrollments_to_section_dates"),
    ),
    "enrollment": (
        ("section_id,user_id,role,status,start_date,end_date\n"
        "S1,U1,student,active,2027-01-01,2027-02-01\n"),
        ("start_at", "end_at"),
    ),
}  # fmt: skip
FIELDS = [(what, field) for what, (_, fields) in CASES.items() for field in fields]


def held(canvas: Canvas, what: str) -> object:
    return {
        "login": lambda: canvas.login("U1"),
        "user": lambda: canvas.user("U1"),
        "account": lambda: canvas.account("A1"),
        "term": lambda: canvas.term("T1"),
        "course": lambda: canvas.course("C1"),
        "section": lambda: canvas.section("S1"),
        "enrollment": lambda: canvas.user("U1").enrollments[0],
    }[what]()


@pytest.fixture
def wide(district: Canvas) -> Canvas:
    """The district with a second account and term to move things to."""
    district.load(
        {
            "a.csv": "account_id,parent_account_id,name,status\nA2,,South,active\n",
            "t.csv": "term_id,name,status\nT2,Spring,active\n",
        }
    )
    return district


@pytest.mark.parametrize(("what", "field"), FIELDS)
def test_stuck_field_is_left_alone_and_the_row_counts(wide: Canvas, what: str, field: str) -> None:
    thing = held(wide, what)
    before = getattr(thing, field)
    stick(thing, field)
    ended = wide.load(CASES[what][0])
    assert ended["workflow_state"] == "imported"
    assert sum(ended["data"]["counts"].values()) == 1
    assert getattr(thing, field) == before
    assert thing.stuck == {field}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("what", "field"), FIELDS)
def test_override_writes_stuck_fields_and_leaves_stickiness(
    wide: Canvas, what: str, field: str
) -> None:
    thing = held(wide, what)
    before = getattr(thing, field)
    stick(thing, field)
    wide.load(CASES[what][0], override_sis_stickiness=1)
    assert getattr(thing, field) != before
    assert thing.stuck == {field}  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", list(CASES))
def test_override_and_add_makes_changes_stuck(wide: Canvas, what: str) -> None:
    thing = held(wide, what)
    text, fields = CASES[what]
    wide.load(text, override_sis_stickiness=1, add_sis_stickiness=1)
    assert set(fields) <= thing.stuck  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", list(CASES))
def test_override_and_clear_wipes_stickiness(wide: Canvas, what: str) -> None:
    thing = held(wide, what)
    text, fields = CASES[what]
    stick(thing, *fields)
    wide.load(text, override_sis_stickiness=1, clear_sis_stickiness=1, add_sis_stickiness=1)
    assert thing.stuck == frozenset()  # type: ignore[attr-defined]


def test_default_import_makes_nothing_stuck(wide: Canvas) -> None:
    for what, (text, _) in CASES.items():
        thing = held(wide, what)
        wide.load(text)
        assert thing.stuck == frozenset()  # type: ignore[attr-defined]


def test_one_stuck_date_of_a_term_leaves_both(wide: Canvas) -> None:
    stick(wide.term("T1"), "end_at")
    start = wide.term("T1").start_at
    wide.load(CASES["term"][0])
    assert wide.term("T1").start_at == start


def test_section_cross_listed_by_hand_ignores_xlists_and_is_not_counted(district: Canvas) -> None:
    section, course = district.section("S1"), district.course("C2")
    reply = district.call("POST", f"/api/v1/sections/{section.id}/crosslist/{course.id}")
    assert reply.status == 200
    row = "xlist_course_id,section_id,status\nC2,S1,deleted\n"
    ended = district.load(row)
    assert ended["data"]["counts"]["xlists"] == 0
    assert ended["workflow_state"] == "imported"
    assert section.course_id == course.id
    district.load(row, override_sis_stickiness=1)
    assert section.course_id == district.course("C1").id


def test_course_deleted_by_batch_mode_loses_its_stuck_state(district: Canvas) -> None:
    course = district.course("C2")
    stick(course, "workflow_state", "name")
    district.load(
        "course_id,short_name,long_name,term_id,status\nC1,ALG,Algebra,T1,active\n",
        batch_mode=1, batch_mode_term_id="sis_term_id:T1",
    )  # fmt: skip
    assert (course.workflow_state, course.stuck) == ("deleted", {"name"})
