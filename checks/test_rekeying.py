"""Ids made anew in the SIS: shown as evidence, or given to the same objects in Canvas."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.support import Done, Up, homeroom, subject_environment
from checks.worlds import canvas, control, focus, new_space

NOW = "2026-09-15T06:00:00Z"
LATER = "2026-09-16T06:00:00Z"
ALLOWED = '[service]\nrekey = ["sections", "users"]\n'
# Every student of the section would leave: without a brake the night is not held for it.
BRAVE = f"{ALLOWED}delta = true\n[subject.choices]\nbrake = false\n"


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NOW) as up:
        yield up


class District:
    """A space, its nights, and a SIS that gives ids anew."""

    def __init__(self, up: Up, folder: Path) -> None:
        self.document = new_space(up.document, district="tiny", seed=3, now=NOW)
        self._folder, self._config = folder, folder / "homeroom.toml"

    def night(self, now: str, *arguments: str, settings: str = "") -> Done:
        self._config.write_text(settings, encoding="utf-8")
        env = subject_environment(self.document, now=now, state_dir=self._folder / "state")
        words = "provision", "--json", "--config", str(self._config), *arguments
        return homeroom(*words, env=env)

    def rows(self, collection: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = focus(self.document, f"/{collection}?limit=10000").json()[
            collection
        ]
        return rows

    def make_anew(self, collection: str, one: str, row: dict[str, Any], **changed: Any) -> None:
        """Let a record vanish, and come back changed under another id."""
        path = f"/focus/{collection}"
        gone = control(self.document, "DELETE", f"{path}/{row['sourcedId']}?gone=true")
        assert gone.status < 300, gone.body
        new = {**row, "sourcedId": f"{row['sourcedId']}-new", **changed}
        new.pop("dateLastModified", None)
        put = control(self.document, "PUT", f"{path}/{new['sourcedId']}", {one: new})
        assert put.status < 300, put.body

    def class_anew(self, class_: dict[str, Any]) -> str:
        self.make_anew("classes", "class", class_)
        new = {"sourcedId": f"{class_['sourcedId']}-new", "type": "class"}
        for seat in self.rows("enrollments"):
            if seat["class"]["sourcedId"] == class_["sourcedId"]:
                self.make_anew("enrollments", "enrollment", seat, **{"class": new})
        return new["sourcedId"]

    def section(self, sis_id: str) -> dict[str, Any]:
        got = canvas(self.document, "GET", f"/sections/sis_section_id:{sis_id}")
        return dict(got.json()) if got.status == 200 else {}

    def write_sis_id(self, section: dict[str, Any], sis_id: str) -> None:
        """Have an admin write a section's SIS id in Canvas by hand."""
        body = {"course_section": {"sis_section_id": sis_id}}
        got = canvas(self.document, "PUT", f"/sections/{section['id']}", body)
        assert got.status == 200, got.body

    def students(self, sis_id: str) -> int:
        where = f"/sections/sis_section_id:{sis_id}/enrollments?type[]=StudentEnrollment"
        return len(canvas(self.document, "GET", f"{where}&per_page=100").json())


@pytest.fixture
def district(up: Up, tmp_path: Path) -> District:
    made = District(up, tmp_path)
    assert made.night(NOW).code == 0
    return made


def test_a_section_keeps_its_canvas_object_under_its_new_id(district: District) -> None:
    class_ = district.rows("classes")[0]
    before = district.section(class_["sourcedId"])
    students = district.students(class_["sourcedId"])
    assert students > 1
    new = district.class_anew(class_)
    held = district.night(LATER)
    assert held.code == 4
    plan = held.json()["plan"]
    told = f"sections: {class_['sourcedId']} came back as {new}"
    assert [each for each in plan["evidence"] if each.startswith(told)]
    assert not district.section(new)
    released = district.night(LATER, "--release", plan["run"], settings=ALLOWED)
    assert released.code == 0, released.err + released.out
    assert [each for each in released.json()["plan"]["rekeyed"] if each.startswith(told)]
    after = district.section(new)
    assert (after["id"], district.students(new)) == (before["id"], students)
    assert not district.section(class_["sourcedId"])
    quiet = district.night(LATER, settings=ALLOWED).json()["plan"]["counts"]
    assert sum(each["sent"] for each in quiet.values()) == 0
    # Killed after Canvas had it all, a release is asked for again, and has nothing to hold.
    again = district.night(LATER, "--release", plan["run"], settings=ALLOWED)
    assert (again.code, again.json()["status"]) == (0, "completed")
    assert district.night(LATER, "--release", "", settings=ALLOWED).code == 2


def test_a_person_of_a_new_id_stays_one_person(district: District) -> None:
    student = next(each for each in district.rows("users") if each["role"] == "student")
    old = student["sourcedId"]
    before = canvas(district.document, "GET", f"/users/sis_user_id:{old}").json()
    seats = [each for each in district.rows("enrollments") if each["user"]["sourcedId"] == old]
    district.make_anew("users", "user", student)
    for seat in seats:
        user = {"sourcedId": f"{old}-new", "type": "user"}
        district.make_anew("enrollments", "enrollment", seat, user=user)
    done = district.night(LATER, settings=ALLOWED)
    assert done.code == 0, done.err + done.out
    after = canvas(district.document, "GET", f"/users/sis_user_id:{old}-new").json()
    assert (after["id"], after["login_id"]) == (before["id"], before["login_id"])
    places = canvas(district.document, "GET", f"/users/{after['id']}/enrollments?per_page=100")
    assert len(places.json()) == len(seats)
    assert canvas(district.document, "GET", f"/users/sis_user_id:{old}").status == 404


def test_one_section_made_anew_holds_a_night(district: District) -> None:
    class_ = district.rows("classes")[0]
    new = district.class_anew(class_)
    # Its students' leaving holds the night as well; that brake is let off.
    done = district.night(LATER, settings="[service]\nsection_share = 1.0\n")
    assert done.code == 4, done.err + done.out
    assert done.json()["plan"]["brake"] == ["ids that look made anew: 1 (sections)"]
    (told,) = done.json()["plan"]["evidence"]
    assert told.startswith(f"sections: {class_['sourcedId']} came back as {new}")
    assert district.section(class_["sourcedId"])


def test_more_than_a_few_people_made_anew_hold_a_night(district: District) -> None:
    students = [each for each in district.rows("users") if each["role"] == "student"]
    for student in students[:5]:
        district.make_anew("users", "user", student)
    assert not district.night(LATER, "--plan").json()["plan"]["brake"]
    strict = "[service]\nrekeyed_floors = { users = 4 }\n"
    assert district.night(LATER, "--plan", settings=strict).json()["plan"]["brake"]
    district.make_anew("users", "user", students[5])
    held = district.night(LATER)
    assert held.code == 4, held.err + held.out
    assert held.json()["plan"]["brake"] == ["ids that look made anew: 6 (users)"]
    assert len(held.json()["plan"]["evidence"]) == 6
    old = canvas(district.document, "GET", f"/users/sis_user_id:{students[0]['sourcedId']}")
    assert old.status == 200


def test_courses_whose_keys_change_together_hold_a_night(district: District) -> None:
    """A course code list that is made anew gives every Canvas course another key."""
    for course in district.rows("courses"):
        district.make_anew("courses", "course", course)
        for class_ in district.rows("classes"):
            if class_["course"]["sourcedId"] == course["sourcedId"]:
                ref = {"sourcedId": f"{course['sourcedId']}-new", "type": "course"}
                body = {"class": {**class_, "course": ref}}
                put = control(
                    district.document, "PUT", f"/focus/classes/{class_['sourcedId']}", body
                )
                assert put.status < 300, put.body
    # The courses that went hold the night as well; that brake is let off.
    done = district.night(LATER, settings="[service]\nbrake_shares = { courses = 1.0 }\n")
    assert done.code == 4, done.err + done.out
    (told,) = done.json()["plan"]["brake"]
    assert told == f"ids that look made anew: {len(done.json()['plan']['evidence'])} (courses)"


def test_a_new_id_that_canvas_refuses_is_told_and_asked_for_again(district: District) -> None:
    class_, other = district.rows("classes")[:2]
    old, before = class_["sourcedId"], district.section(class_["sourcedId"])
    students = district.students(old)
    new = district.class_anew(class_)
    # Somebody has given the new id to another section of Canvas's.
    course = district.section(other["sourcedId"])["course_id"]
    body = {"course_section": {"name": "By hand", "sis_section_id": new}}
    by_hand = canvas(district.document, "POST", f"/courses/{course}/sections", body).json()
    held = district.night(LATER).json()["plan"]["run"]
    first = district.night(LATER, "--release", held, settings=ALLOWED)
    second = district.night(LATER, settings=BRAVE)
    for done in (first, second):
        assert done.code == 1, done.err + done.out
        (refused,) = done.json()["refused"]
        assert (refused["sourcedId"], refused["field"]) == (new, "change_sis_id")
        assert f"A new_id, '{new}', referenced an existing section" in refused["reason"]
        assert "keeps the old one" in refused["remedy"]
        assert (done.json()["status"], done.json()["plan"]["rekeyed"]) == ("warning", [])
        assert district.section(old)["id"] == before["id"]
        assert district.students(old) == students
    district.write_sis_id(by_hand, "elsewhere")
    third = district.night(LATER, settings=BRAVE)
    assert third.code == 0, third.err + third.out
    # In a delta nothing would have come that leads to it.
    assert third.json()["plan"]["why_whole"] == "Canvas refused to give an object its new id"
    assert (district.section(new)["id"], district.students(new)) == (before["id"], students)
    assert not district.section(old)
    quiet = district.night(LATER, settings=BRAVE).json()["plan"]
    assert quiet["why_whole"] == ""
    assert sum(each["sent"] for each in quiet["counts"].values()) == 0


def test_an_object_that_an_admin_gave_its_new_id_is_taken_as_it_is(district: District) -> None:
    class_ = district.rows("classes")[0]
    before = district.section(class_["sourcedId"])
    students = district.students(class_["sourcedId"])
    new = district.class_anew(class_)
    district.write_sis_id(before, new)
    first = district.night(LATER, settings=BRAVE)
    assert first.code == 1, first.err + first.out
    (refused,) = first.json()["refused"]
    assert refused["sourcedId"] == new
    assert "referenced a non-existent section" in refused["reason"]
    second = district.night(LATER, settings=BRAVE)
    assert second.code == 0, second.err + second.out
    assert (second.json()["plan"]["rekeyed"], second.json()["drift"]) == ([], [])
    assert (district.section(new)["id"], district.students(new)) == (before["id"], students)
    quiet = district.night(LATER, settings=BRAVE).json()["plan"]["counts"]
    assert sum(each["sent"] for each in quiet.values()) == 0
