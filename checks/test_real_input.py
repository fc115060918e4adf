"""The whole chain on a roster that none of us wrote, read from ../shared and never copied."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.support import MOCKROSTER, Up, homeroom, subject_environment
from homeroom.reference.transport import Bearer, ClientCredentials, Transport

NOW = "2018-10-15T06:00:00Z"
NIGHT_2 = "2018-10-16T06:00:00Z"

pytestmark = pytest.mark.skipif(
    not MOCKROSTER.exists(), reason=f"third-party roster is not here: {MOCKROSTER.name}"
)


class World:
    """The fakes around the third-party roster, after one night."""

    def __init__(self, up: Up, folder: Path) -> None:
        self.up = up
        self.folder = folder
        canvas = up.document["canvas"]
        self.canvas = Transport(canvas["base_url"], Bearer(canvas["token"]))
        self.night = self.run("provision")

    def run(self, *arguments: str, now: str = NOW) -> dict[str, Any]:
        """Run a verb of the reference service on this world, and return its JSON."""
        env = subject_environment(self.up.document, now=now, state_dir=self.folder)
        done = homeroom(*arguments, "--json", env=env)
        assert done.code == 0, f"{arguments}: {done.code}\n{done.out}\n{done.err}"
        document: dict[str, Any] = done.json()
        return document

    def list(self, path: str, key: str | None = None, **params: Any) -> list[dict[str, Any]]:
        """Read every page of a Canvas list."""
        rows: list[dict[str, Any]] = []
        url: str | None = path
        while url:
            reply = self.canvas.request("GET", url, params={**params, "per_page": 100})
            document = reply.json()
            rows.extend(document[key] if key else document)
            url, params = reply.links.get("next", {}).get("url"), {}
        return rows


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Up("--district", str(MOCKROSTER), "--now", NOW) as up:
        made = World(up, tmp_path_factory.mktemp("state"))
        yield made
        made.canvas.close()


@pytest.fixture(scope="module")
def roster() -> dict[str, list[dict[str, str]]]:
    """The rows of the zip, as its author wrote them."""
    with zipfile.ZipFile(MOCKROSTER) as archive:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(archive.read(name).decode("utf-8")))
            )
            for name in archive.namelist()
        }


def test_sub_accounts_and_terms(world: World, roster: dict[str, list[dict[str, str]]]) -> None:
    accounts = world.list("/api/v1/accounts/1/sub_accounts", recursive="true")
    assert {(one["sis_account_id"], one["name"]) for one in accounts} == {
        (row["sourcedId"], row["name"]) for row in roster["orgs"]
    }
    terms = world.list("/api/v1/accounts/1/terms", "enrollment_terms")
    used = {term for row in roster["classes"] for term in row["termSourcedIds"].split(",")}
    assert {term["sis_term_id"] for term in terms if term["name"] != "Default Term"} == used
    assert len(terms) == 3


def test_84_sections_in_courses_by_teacher(
    world: World, roster: dict[str, list[dict[str, str]]]
) -> None:
    courses = world.list("/api/v1/accounts/1/courses", **{"include[]": "sections"})
    sections = {
        section["sis_section_id"]: course["id"]
        for course in courses
        for section in world.list(f"/api/v1/courses/{course['id']}/sections")
        if section["sis_section_id"]
    }
    assert set(sections) == {row["sourcedId"] for row in roster["classes"]}
    assert len(sections) == 84
    taught = {row["classSourcedId"] for row in roster["enrollments"] if row["role"] == "teacher"}
    teacherless = [course for section, course in sections.items() if section not in taught]
    assert len(teacherless) == 70
    assert len(set(teacherless)) == 70, "a class without a teacher has a course of its own"


def test_300_users_with_names_and_ids_unaltered(
    world: World, roster: dict[str, list[dict[str, str]]]
) -> None:
    users = world.list("/api/v1/accounts/1/users", **{"include[]": "email"})
    provisioned = {user["sis_user_id"]: user for user in users if user["sis_user_id"]}
    assert len(provisioned) == 300
    for row in roster["users"]:
        user = provisioned[row["sourcedId"]]
        assert user["name"] == f"{row['givenName']} {row['familyName']}"
        assert user["login_id"] == row["username"]


def test_4200_enrollments_in_the_right_role(
    world: World, roster: dict[str, list[dict[str, str]]]
) -> None:
    expected = Counter(
        (row["classSourcedId"], row["userSourcedId"], row["role"]) for row in roster["enrollments"]
    )
    roles = {"StudentEnrollment": "student", "TeacherEnrollment": "teacher"}
    found: Counter[tuple[str, str, str]] = Counter()
    for section in {row["sourcedId"] for row in roster["classes"]}:
        for one in world.list(f"/api/v1/sections/sis_section_id:{section}/enrollments"):
            found[section, one["sis_user_id"], roles[one["type"]]] += 1
    assert found.total() == 4200
    assert found == expected


def test_a_second_night_changes_nothing(world: World) -> None:
    before = world.list("/api/v1/accounts/1/sis_imports", "sis_imports")
    world.run("provision", now=NIGHT_2)
    after = world.list("/api/v1/accounts/1/sis_imports", "sis_imports")
    changed = [
        one["data"].get("statistics", {}).get("total_state_changes", 0)
        for one in after[: len(after) - len(before)]
    ]
    assert sum(changed) == 0


def test_one_assignment_of_one_section_is_passed_back(
    world: World, roster: dict[str, list[dict[str, str]]]
) -> None:
    control = world.up.document["control"]
    oneroster = world.up.document["oneroster"]
    section = next(
        row["classSourcedId"] for row in roster["enrollments"] if row["role"] == "teacher"
    )
    course = world.canvas.request("GET", f"/api/v1/sections/sis_section_id:{section}").json()
    course_id = course["course_id"]
    category = {"sourcedId": "cat-1", "title": "Tests"}
    with Transport(control["url"], Bearer(control["token"])) as plane:
        plane.request(
            "PUT",
            f"{control['url']}/spaces/default/focus/categories/cat-1",
            json={"category": category},
        )
    world.canvas.request("PUT", f"/api/v1/courses/{course_id}", json={"course": {"event": "offer"}})
    group = world.canvas.request(
        "POST", f"/api/v1/courses/{course_id}/assignment_groups", json={"name": "Tests"}
    ).json()
    assignment = world.canvas.request(
        "POST",
        f"/api/v1/courses/{course_id}/assignments",
        json={
            "assignment": {
                "name": "Unit 1",
                "points_possible": 10,
                "due_at": "2018-10-12T16:00:00Z",
                "published": True,
                "post_to_sis": True,
                "assignment_group_id": group["id"],
                "submission_types": ["on_paper"],
            }
        },
    ).json()
    students = [
        row["userSourcedId"]
        for row in roster["enrollments"]
        if row["classSourcedId"] == section and row["role"] == "student"
    ][:3]
    scores = dict(zip(students, ("9.5", "10", "11.25"), strict=True))
    for student, score in scores.items():
        world.canvas.request(
            "PUT",
            f"/api/v1/courses/{course_id}/assignments/{assignment['id']}/submissions/sis_user_id:{student}",
            json={"submission": {"posted_grade": score}},
        )
    world.run("passback", "--section", section, "--assignment", str(assignment["id"]), now=NIGHT_2)
    auth = ClientCredentials(
        oneroster["token_url"], oneroster["client_id"], oneroster["client_secret"]
    )
    base = oneroster["base_url"]
    with Transport(base, auth) as focus:
        items = focus.request("GET", f"{base}/classes/{section}/lineItems").json()["lineItems"]
        items = [item for item in items if item["title"] == "Unit 1"]
        assert [(item["resultValueMax"], item["category"]["sourcedId"]) for item in items] == [
            (10, "cat-1")
        ]
        url = f"{base}/classes/{section}/lineItems/{items[0]['sourcedId']}/results"
        results = focus.request("GET", url).json()["results"]
    assert {one["student"]["sourcedId"]: float(one["score"]) for one in results} == {
        student: float(score) for student, score in scores.items()
    }
