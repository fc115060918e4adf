"""What each path selects: OneRoster reference, section 1.4."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from homeroom.mocks.focus_oneroster.tests.conftest import Focus

TOP_LEVEL = [
    ("/academicSessions", "academicSessions"),
    ("/terms", "academicSessions"),
    ("/gradingPeriods", "academicSessions"),
    ("/orgs", "orgs"),
    ("/schools", "orgs"),
    ("/courses", "courses"),
    ("/classes", "classes"),
    ("/users", "users"),
    ("/students", "users"),
    ("/teachers", "users"),
    ("/enrollments", "enrollments"),
    ("/demographics", "demographics"),
    ("/resources", "resources"),
    ("/categories", "categories"),
    ("/lineItems", "lineItems"),
    ("/results", "results"),
]


@pytest.mark.parametrize(("path", "key"), TOP_LEVEL)
def test_collection_answers_under_its_own_key_first(tiny: "Focus", path: str, key: str) -> None:
    body = tiny.get(path, limit="3").json()

    assert next(iter(body)) == key
    assert list(body) == [key, "pagination"]


@pytest.mark.parametrize(("path", "key"), TOP_LEVEL[:-2])
def test_each_record_of_a_collection_is_reachable_by_its_id(
    tiny: "Focus", path: str, key: str
) -> None:
    records = tiny.get(path, limit="5").json()[key]

    for record in records:
        reply = tiny.get(f"{path}/{record['sourcedId']}")
        assert (reply.status, next(iter(reply.json().values()))) == (200, record)


@pytest.mark.parametrize(
    ("path", "single"),
    [
        ("/orgs/s-1", "org"),
        ("/schools/s-1", "org"),
        ("/academicSessions/t-1", "academicSession"),
        ("/terms/t-1", "academicSession"),
        ("/gradingPeriods/q-1", "academicSession"),
        ("/courses/co-1", "course"),
        ("/classes/c-1", "class"),
        ("/users/u-1", "user"),
        ("/students/u-1", "user"),
        ("/teachers/u-3", "user"),
        ("/enrollments/e-1", "enrollment"),
        ("/categories/cat-1", "category"),
    ],
)
def test_single_read_answers_under_the_collections_singular(
    focus: "Focus", path: str, single: str
) -> None:
    body = focus.get(path).json()

    assert list(body) == [single]
    assert body[single]["sourcedId"] == path.rsplit("/", 1)[1]


@pytest.mark.parametrize(
    "path",
    [
        "/schools/d-1",
        "/terms/y-1",
        "/terms/q-1",
        "/gradingPeriods/t-1",
        "/students/u-3",
        "/teachers/u-1",
        "/users/nobody",
        "/schools/d-1/classes",
        "/students/u-3/classes",
        "/terms/q-1/classes",
        "/schools/s-1/classes/c-9/students",
        "/schools/s-2/classes/c-1/students",
        "/classes/c-9/students",
    ],
)
def test_object_of_another_kind_is_not_found(focus: "Focus", path: str) -> None:
    reply = focus.get(path)

    assert reply.status == 404
    (info,) = reply.json()["statusInfoSet"]
    assert info["imsx_codeMinor"] == "unknown object"
    assert info["imsx_description"] == "Not Found - there is no resource behind the URI"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/schools", ["s-1", "s-2"]),
        ("/terms", ["t-1"]),
        ("/gradingPeriods", ["q-1", "q-2"]),
        ("/students", ["u-1", "u-2"]),
        ("/teachers", ["u-3"]),
        ("/schools/s-1/courses", ["co-1"]),
        ("/schools/s-1/classes", ["c-1"]),
        ("/schools/s-1/enrollments", ["e-1", "e-2", "e-3"]),
        ("/schools/s-1/students", ["u-1", "u-2"]),
        ("/schools/s-2/students", []),
        ("/schools/s-2/teachers", ["u-3"]),
        ("/schools/s-1/terms", ["t-1"]),
        ("/schools/s-1/classes/c-1/enrollments", ["e-1", "e-2", "e-3"]),
        ("/schools/s-1/classes/c-1/students", ["u-1", "u-2"]),
        ("/schools/s-1/classes/c-1/teachers", ["u-3"]),
        ("/terms/t-1/classes", ["c-1", "c-2"]),
        ("/terms/t-1/gradingPeriods", ["q-1", "q-2"]),
        ("/courses/co-2/classes", ["c-2"]),
        ("/students/u-1/classes", ["c-1"]),
        ("/teachers/u-3/classes", ["c-1", "c-2"]),
        ("/users/u-3/classes", ["c-1", "c-2"]),
        ("/classes/c-1/students", ["u-1", "u-2"]),
        ("/classes/c-1/teachers", ["u-3"]),
    ],
)
def test_view_selects_by_its_rule(focus: "Focus", path: str, expected: list[str]) -> None:
    assert focus.ids(path) == expected


def test_session_that_classes_name_as_their_term_has_classes_and_grading_periods(
    focus: "Focus",
) -> None:
    """Full-year classes name the school year: who walks from class to term finds them again."""
    focus.record("classes", "c-year", title="Band", terms=["y-1"])

    assert focus.ids("/terms/y-1/classes") == ["c-year"]
    assert focus.ids("/terms/y-1/gradingPeriods") == ["q-1", "q-2"]
    assert focus.ids("/terms/t-1/gradingPeriods") == ["q-1", "q-2"]
    assert focus.get("/terms/y-1").status == 404  # it is no term all the same
    assert focus.ids("/terms") == ["t-1"]


def test_session_below_itself_is_read_once(focus: "Focus") -> None:
    focus.record("academicSessions", "y-1", title="2026-27", type="schoolYear", parent="t-1")

    assert focus.ids("/terms/t-1/gradingPeriods") == ["q-1", "q-2"]


def test_views_of_a_generated_school_agree_with_a_scan_of_its_records(tiny: "Focus") -> None:
    """The columns must say what the records say."""
    everything = {
        key: tiny.get(f"/{key}", limit="5000").json()[key]
        for key in ("users", "classes", "enrollments", "courses")
    }
    school = tiny.ids("/schools")[0]
    class_id = everything["classes"][3]["sourcedId"]
    seats = [row for row in everything["enrollments"] if row["class"]["sourcedId"] == class_id]
    students = {row["user"]["sourcedId"] for row in seats if row["role"] == "student"}
    pupil = min(students)
    theirs = {
        row["class"]["sourcedId"]
        for row in everything["enrollments"]
        if row["user"]["sourcedId"] == pupil
    }

    assert set(tiny.ids(f"/classes/{class_id}/students", limit="500")) == students
    assert tiny.ids(f"/schools/{school}/classes/{class_id}/enrollments", limit="500") == [
        row["sourcedId"] for row in seats
    ]
    assert set(tiny.ids(f"/students/{pupil}/classes", limit="500")) == theirs
    assert tiny.ids(f"/schools/{school}/enrollments", limit="5000") == [
        row["sourcedId"]
        for row in everything["enrollments"]
        if row["school"]["sourcedId"] == school
    ]
    assert tiny.ids(f"/schools/{school}/teachers", limit="500") == [
        row["sourcedId"]
        for row in everything["users"]
        if row["role"] == "teacher" and school in [org["sourcedId"] for org in row["orgs"]]
    ]


def test_removed_enrollment_makes_nobody_a_member_but_stays_visible(focus: "Focus") -> None:
    focus.advance(1800)
    focus.delete("enrollments", "e-1")

    assert focus.ids("/classes/c-1/students") == ["u-2"]
    assert focus.get("/students/u-1/classes").json()["classes"] == []
    (row,) = focus.get("/enrollments", filter="status='tobedeleted'").json()["enrollments"]
    assert (row["sourcedId"], row["dateLastModified"]) == ("e-1", _at(focus, row))
    assert focus.ids("/enrollments", filter="dateLastModified>'2026-09-01T06:20:00Z'") == ["e-1"]
    assert focus.ids("/schools/s-1/enrollments") == ["e-1", "e-2", "e-3"]


def _at(focus: "Focus", row: dict[str, str]) -> str:
    """The time of deletion is half an hour after the space began, give or take the test's own."""
    assert row["dateLastModified"].startswith("2026-09-01T06:30:0")
    return row["dateLastModified"]


def test_vanished_record_is_in_no_list_and_not_found(fresh_tiny: "Focus") -> None:
    users = fresh_tiny.ids("/users", limit="500")

    fresh_tiny.delete("users", users[2], gone=True)

    assert fresh_tiny.ids("/users", limit="500") == [*users[:2], *users[3:]]
    assert fresh_tiny.get("/users", limit="1").headers["x-total-count"] == str(len(users) - 1)
    assert fresh_tiny.get(f"/users/{users[2]}").status == 404


def test_changed_record_keeps_its_place_and_new_ones_come_last(fresh_tiny: "Focus") -> None:
    before = fresh_tiny.ids("/classes", limit="500")
    school, term = fresh_tiny.ids("/schools")[0], fresh_tiny.ids("/terms")[0]

    fresh_tiny.record("classes", before[1], title="Renamed", school=school, terms=[term])
    fresh_tiny.record("classes", "c-new", school=school, terms=[term])

    assert fresh_tiny.ids("/classes", limit="500") == [*before, "c-new"]
    assert fresh_tiny.get(f"/classes/{before[1]}").json()["class"]["title"] == "Renamed"
    assert fresh_tiny.ids("/classes", filter="title='renamed'") == [before[1]]
    assert set(fresh_tiny.ids(f"/terms/{term}/classes", limit="500")) >= {before[1], "c-new"}


def test_every_href_resolves_to_the_object_it_names(focus: "Focus") -> None:
    seen: set[str] = set()
    for path in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments"):
        for record in focus.get(f"/{path}").json()[path]:
            for value in record.values():
                for item in value if isinstance(value, list) else [value]:
                    if isinstance(item, dict) and "href" in item:
                        seen.add(item["href"])
                        reply = focus.get(item["href"].split("/v1p1", 1)[1])
                        (found,) = reply.json().values()
                        assert (reply.status, found["sourcedId"]) == (200, item["sourcedId"])
    assert len(seen) == 12


def test_id_with_every_legal_character_is_reachable_by_its_path(empty: "Focus") -> None:
    sourced_id = "a.B-c_d/e@f"
    empty.record("orgs", sourced_id)
    empty.record("courses", "co-1", org=sourced_id)

    (course,) = empty.get("/courses").json()["courses"]

    assert course["org"]["href"].endswith("/orgs/a.B-c_d%2Fe%40f")
    assert empty.get("/orgs/a.B-c_d%2Fe@f").json()["org"]["sourcedId"] == sourced_id
    assert empty.ids("/schools/a.B-c_d%2Fe%40f/courses") == ["co-1"]


def test_trailing_slash_is_served(focus: "Focus") -> None:
    assert focus.ids("/courses/") == ["co-1", "co-2"]


def test_unknown_parent_may_answer_an_empty_list_instead(focus: "Focus") -> None:
    focus.settings(unknown_parent="empty")

    reply = focus.get("/schools/nowhere/classes")

    assert (reply.status, reply.json()["classes"]) == (200, [])


def test_semesters_count_as_terms_by_setting_only(focus: "Focus") -> None:
    focus.record("academicSessions", "sem-1", type="semester")
    assert focus.ids("/terms") == ["t-1"]

    focus.settings(terms_include_semesters=True)

    assert focus.ids("/terms") == ["t-1", "sem-1"]
    assert focus.get("/terms/sem-1").status == 200


def test_resources_of_a_course_and_of_a_class(focus: "Focus") -> None:
    focus.record("resources", "r-1")
    focus.record("resources", "r-2")
    focus.record("courses", "co-1", org="s-1", resources=["r-2"])
    focus.record("classes", "c-1", resources=["r-1", "r-2"])

    assert focus.ids("/resources") == ["r-1", "r-2"]
    assert focus.ids("/courses/co-1/resources") == ["r-2"]
    assert focus.ids("/classes/c-1/resources") == ["r-1", "r-2"]


def test_client_of_one_school_sees_that_school_alone(focus: "Focus") -> None:
    focus.record("demographics", "u-1", sex="female")
    focus.record("demographics", "u-2", sex="male")
    focus.record("users", "u-2", orgs=["s-2"])
    focus.record("lineItems", "li-1")
    focus.record("lineItems", "li-2", **{"class": "c-2"})
    focus.record("results", "r-1")
    focus.record("results", "r-2", lineItem="li-2")
    focus.become(schools=["s-1"])

    assert {
        path: focus.ids(path)
        for path in (
            "/orgs", "/courses", "/classes", "/users", "/enrollments", "/demographics",
            "/lineItems", "/results", "/teachers/u-3/classes", "/terms/t-1/classes",
        )
    } == {
        "/orgs": ["d-1", "s-1"],
        "/courses": ["co-1"],
        "/classes": ["c-1"],
        "/users": ["u-1", "u-3"],
        "/enrollments": ["e-1", "e-2", "e-3"],
        "/demographics": ["u-1"],
        "/lineItems": ["li-1"],
        "/results": ["r-1"],
        "/teachers/u-3/classes": ["c-1"],
        "/terms/t-1/classes": ["c-1"],
    }  # fmt: skip
    assert [focus.get(path).status for path in ("/schools/s-2", "/classes/c-2", "/users/u-2")] == [
        404, 404, 404,
    ]  # fmt: skip
