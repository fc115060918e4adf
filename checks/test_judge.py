"""Crawling and judging a pair that is driven by another program, through public addresses alone."""

import csv
import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from checks.support import (
    ROOT,
    Done,
    Up,
    environment,
    homeroom,
    pair_secrets,
    pair_settings,
    subject_environment,
)
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.reference.transport import Bearer, Transport

NOW = "2026-10-05T06:00:00Z"
FOREIGN = ROOT / "features" / "subjects" / "foreign_diffing.py"
KEY = "a-key-that-nobody-guesses"
FILES = (
    "orgs", "academicSessions", "courses", "classes", "users", "enrollments", "demographics",
)  # fmt: skip


class Pair:
    """A space, and the verbs as a district would run them on it."""

    def __init__(self, space: SpaceHandle, folder: Path) -> None:
        self.space, self.folder = space, folder
        self.document: dict[str, Any] = dict(space.document)
        self.configure()

    def configure(self, choices: str = "") -> None:
        (self.folder / "homeroom.toml").write_text(pair_settings(self.document, choices))

    def run(self, *arguments: str, **more: str) -> Done:
        env = environment(HOMEROOM_NOW=NOW, **pair_secrets(self.document), **more)
        return homeroom(*arguments, env=env, cwd=self.folder)

    def night(self) -> None:
        """Let the foreign service live a night; to it the pair is an address and no more."""
        elsewhere = self.folder / "service"
        elsewhere.mkdir(exist_ok=True)
        env = subject_environment(self.document, now=NOW, state_dir=elsewhere / "state")
        done = homeroom("provision", "--json", env=env, cwd=elsewhere)
        assert done.code == 0, done.err

    def foreign(self, command: str) -> None:
        """Let a service that shares nothing with Homeroom live a night or sync grades."""
        env = subject_environment(self.document, now=NOW, state_dir=self.folder / "foreign")
        done = subprocess.run(
            [sys.executable, str(FOREIGN), command],
            env=env, cwd=self.folder, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def canvas(self) -> Transport:
        canvas = self.document["canvas"]
        return Transport(canvas["base_url"], Bearer(canvas["token"]))

    def watched(self, store: str) -> Path:
        """Judge a first night and return its store."""
        assert self.run("judge", "before", "--store", store).code == 0
        self.night()
        return self.folder / store

    def judged(self, store: str, *more: str) -> tuple[Done, Mapping[str, Any]]:
        done = self.run("judge", "after", "--store", store, "--report", "report", "--json", *more)
        return done, json.loads(done.out) if done.out else {}


@pytest.fixture(scope="module")
def control() -> Iterator[ControlClient]:
    with Up("--district", "empty", "--now", NOW) as up:
        plane = up.document["control"]
        with ControlClient(plane["url"], plane["token"]) as client:
            yield client


@pytest.fixture
def pair(control: ControlClient, tmp_path: Path) -> Iterator[Pair]:
    space = control.new_space(district="tiny", seed=3, now=NOW)
    yield Pair(space, tmp_path)
    space.drop()


def failed(results: Mapping[str, Any]) -> set[str]:
    return {each["id"] for each in results["requirements"] if each["outcome"] == "failed"}


def test_a_right_night_is_judged_right_and_nothing_but_reads_is_sent(pair: Pair) -> None:
    assert pair.run("judge", "before", "--store", "night").code == 0
    sent = pair.space.journal()
    pair.night()
    last = max(entry["seq"] for entry in pair.space.journal())
    done, results = pair.judged("night")
    sent += pair.space.journal(after=last)
    assert (done.code, results["verdict"]) == (0, "certified"), done.err
    outcomes = {each["id"]: each["outcome"] for each in results["requirements"]}
    assert outcomes["PRV-ENR-01"] == outcomes["PRV-RUN-05"] == outcomes["PRV-RUN-02"] == "passed"
    assert outcomes["PRV-ENR-07"] == outcomes["GPB-RES-01"] == "not-tested"
    assert results["subject"]["name"] == "Lake County's night"
    assert homeroom("report", "verify", "report", cwd=pair.folder).code == 0
    writes = {(entry["method"], entry["path"].rsplit("/", 1)[-1]) for entry in sent}
    assert {each for each in writes if each[0] != "GET"} == {("POST", "token")}
    stored = "".join(path.read_text() for path in (pair.folder / "night").rglob("*.json"))
    for secret in (pair.document["oneroster"]["client_secret"], pair.document["canvas"]["token"]):
        assert secret not in stored + json.dumps(results)


def test_a_foreign_service_is_judged_by_its_own_choices(pair: Pair) -> None:
    chosen = tomllib.loads(FOREIGN.with_suffix(".toml").read_text())["subject"]["choices"]
    pair.configure("\n".join(f"{name} = {json.dumps(value)}" for name, value in chosen.items()))
    assert pair.run("judge", "before", "--store", "night").code == 0
    pair.foreign("provision")
    done, results = pair.judged("night")
    assert (done.code, results["verdict"]) == (0, "certified"), done.err


def graded(pair: Pair) -> None:
    """Let a teacher grade two pupils' work in Canvas, one of them in halves of points."""
    with pair.canvas() as canvas:
        course = canvas.request("GET", "/api/v1/accounts/1/courses").json()[0]["id"]
        base = f"/api/v1/courses/{course}"
        canvas.request("PUT", base, json={"course": {"event": "offer"}})
        group = canvas.request("POST", f"{base}/assignment_groups", json={"name": "Homework"})
        work = {
            "name": "Unit 1", "points_possible": 10, "due_at": "2026-10-02T16:00:00Z",
            "published": True, "post_to_sis": True, "submission_types": ["on_paper"],
            "assignment_group_id": group.json()["id"],
        }  # fmt: skip
        made = canvas.request("POST", f"{base}/assignments", json={"assignment": work}).json()
        seats = canvas.request(
            "GET", f"{base}/enrollments", params={"type[]": "StudentEnrollment"}
        ).json()
        for seat, score in zip(seats, ("9.5", "0"), strict=False):
            canvas.request(
                "PUT",
                f"{base}/assignments/{made['id']}/submissions/{seat['user_id']}",
                json={"submission": {"posted_grade": score}},
            )


def test_a_grade_sync_is_judged_where_there_was_one(pair: Pair) -> None:
    chosen = tomllib.loads(FOREIGN.with_suffix(".toml").read_text())["subject"]["choices"]
    pair.configure("\n".join(f"{name} = {json.dumps(value)}" for name, value in chosen.items()))
    pair.foreign("provision")
    graded(pair)
    assert pair.run("judge", "before", "--store", "sync").code == 0
    done, results = pair.judged("sync", "--synced")
    assert done.code == 1
    assert {"GPB-LIN-01", "GPB-RUN-01"} <= failed(results), "it was to be passed back and was not"
    outcomes = {each["id"]: each["outcome"] for each in results["requirements"]}
    assert outcomes["GPB-RES-01"] == "not-tested", "no line item, no grade to be seen"
    pair.foreign("passback")
    done, results = pair.judged("sync")
    assert (done.code, results["verdict"]) == (0, "certified"), done.err
    outcomes = {each["id"]: each["outcome"] for each in results["requirements"]}
    for requirement in ("GPB-LIN-01", "GPB-RES-01", "GPB-RES-02", "GPB-RES-03", "GPB-RUN-01"):
        assert outcomes[requirement] == "passed", requirement


def test_a_pupil_removed_by_hand_and_a_role_swapped_are_seen(pair: Pair) -> None:
    pair.watched("night")
    with pair.canvas() as canvas:
        course = canvas.request("GET", "/api/v1/accounts/1/courses").json()[0]["id"]
        seats = f"/api/v1/courses/{course}/enrollments"
        pupils = canvas.request("GET", seats, params={"type[]": "StudentEnrollment"}).json()
        removed, swapped = pupils[:2]
        for each in (removed, swapped):
            canvas.request("DELETE", f"{seats}/{each['id']}", params={"task": "delete"})
        canvas.request(
            "POST",
            f"/api/v1/sections/{swapped['course_section_id']}/enrollments",
            json={"enrollment": {"user_id": swapped["user_id"], "type": "TeacherEnrollment"}},
        )
    done, results = pair.judged("night")
    assert (done.code, results["verdict"]) == (1, "not-certified")
    assert {"PRV-ENR-01", "PRV-RUN-05"} <= failed(results)
    found = next(each for each in results["scenarios"] if each["id"] == "judge::PRV-ENR-01")
    key = f"enrollment {removed['sis_section_id']} / {removed['sis_user_id']} / StudentEnrollment"
    assert f"{key}, state: active" in found["expected"]
    assert f"{key}, state: not there" in found["received"]
    assert f"{swapped['sis_user_id']} / TeacherEnrollment, state: " in found["received"]


def test_what_focus_changed_before_the_night_must_have_arrived(pair: Pair) -> None:
    pair.night()
    assert pair.run("judge", "before", "--store", "night").code == 0
    with pair.canvas() as canvas:
        seats = canvas.request("GET", "/api/v1/accounts/1/courses").json()[0]["id"]
        row = canvas.request("GET", f"/api/v1/courses/{seats}/enrollments").json()[0]
    crawled = pair.run("district", "crawl", "--out", "now.zip", "--rate", "100/s")
    assert crawled.code == 0, crawled.err
    enrollment = next(
        each
        for each in rows_of(pair.folder / "now.zip", "enrollments")
        if (each["classSourcedId"], each["userSourcedId"])
        == (row["sis_section_id"], row["sis_user_id"])
    )
    pair.space.delete_record("enrollments", enrollment["sourcedId"])
    # A service that looked away: nothing in Canvas moves, and it says that it was done.
    done, results = pair.judged("night")
    assert done.code == 1
    assert "PRV-ENR-07" in failed(results)
    pair.night()
    done, results = pair.judged("night")
    assert (done.code, results["verdict"]) == (0, "certified"), done.err


def test_without_a_night_nothing_is_certified(pair: Pair) -> None:
    pair.night()
    assert pair.run("judge", "before", "--store", "night").code == 0
    done, results = pair.judged("night")
    assert (done.code, results["verdict"]) == (1, "incomplete")
    assert "Nothing shows that a night took place" in results["reasons"][0]
    assert not any(each["outcome"] == "passed" for each in results["requirements"]), (
        "missing evidence is no pass"
    )
    done, results = pair.judged("night", "--ran")
    assert (done.code, results["verdict"]) == (0, "certified"), "its operator answers for it"


def test_a_before_of_another_pair_or_one_that_is_incomplete_is_refused(
    pair: Pair, control: ControlClient
) -> None:
    store = pair.watched("night")
    other = control.new_space(district="tiny", seed=4, now=NOW)
    mine, pair.document = pair.document, dict(other.document)
    pair.configure()
    done, _ = pair.judged("night")
    assert done.code == 2
    assert "the before is of another provider" in done.err
    pair.document = mine
    pair.configure()
    (store / "before" / "canvas.json").unlink()
    done, _ = pair.judged("night")
    assert done.code == 2
    assert "canvas.json: is missing: the observation is incomplete" in done.err
    assert "Traceback" not in done.err
    other.drop()


def test_choices_that_canvas_contradicts_are_named(pair: Pair) -> None:
    pair.watched("night")
    pair.configure('course_key = "class"')
    done, results = pair.judged("night")
    assert (done.code, results["verdict"]) == (2, "incomplete")
    check = next(each for each in results["preflight"] if each["outcome"] == "failed")
    assert check["detail"].startswith("course_key is 'class', but")


def rows_of(path: Path, file: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"{file}.csv").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def crawl(pair: Pair, out: str, *more: str, **variables: str) -> Done:
    arguments = ("--out", out, "--rate", "100/s", "--limit", "100", "--json")
    return pair.run("district", "crawl", *arguments, *more, **variables)


def test_a_crawl_broken_off_goes_on_where_it_was(pair: Pair) -> None:
    pair.space.add_fault(
        {
            "when": {"fake": "focus", "operation": "getAllUsers", "nth": 3},
            "act": {"kind": "status", "status": 418},
            "times": 1,
        }
    )
    broken = crawl(pair, "district.zip")
    assert broken.code == 2
    assert "broke off in users after 200 rows" in broken.err
    assert not (pair.folder / "district.zip").exists()
    pair.space.clear_faults()
    last = max(entry["seq"] for entry in pair.space.journal())
    done = crawl(pair, "district.zip")
    assert done.code == 0, done.err
    asked = [
        (entry["operationId"], re.search(r"offset=(\d+)", entry["query"]))
        for entry in pair.space.journal(after=last)
    ]
    users = [int(offset[1]) for name, offset in asked if name == "getAllUsers" and offset]
    assert users == [200, 300], "the pages that were there are not asked for again"
    assert "getAllOrgs" not in {name for name, _ in asked}
    assert done.json()["counts"]["users"] == len(rows_of(pair.folder / "district.zip", "users"))
    page = json.loads((pair.folder / "district.pages" / "users-000000.json").read_text())
    assert len(page["users"]) == 100
    assert page["users"][0]["orgs"][0]["href"].startswith("http"), "payloads are as they were"


def test_a_crawl_loads_again_as_it_came(pair: Pair) -> None:
    pair.space.focus_settings(null_references=0.2, null_end_dates=0.2, duplicate_enrollments=0.1)
    assert crawl(pair, "district.zip").code == 0
    with Up("--district", str(pair.folder / "district.zip"), "--now", NOW) as up:
        again = Pair.__new__(Pair)
        again.folder, again.document = pair.folder, up.document
        again.configure()
        assert crawl(again, "again.zip").code == 0
    for file in FILES:
        assert rows_of(pair.folder / "again.zip", file) == rows_of(
            pair.folder / "district.zip", file
        ), file
    seats = rows_of(pair.folder / "again.zip", "enrollments")
    assert any(not each["userSourcedId"] for each in seats)
    assert any(not each["endDate"] for each in seats)
    places = [(each["classSourcedId"], each["userSourcedId"], each["role"]) for each in seats]
    assert len(set(places)) < len(places)


def test_a_pseudonymised_crawl_holds_nobody_and_provisions(pair: Pair) -> None:
    assert crawl(pair, "real.zip").code == 0
    more = ("--pseudonymise", "--key", "$PSEUDONYM_KEY")
    for out in ("first.zip", "second.zip"):
        done = crawl(pair, out, *more, PSEUDONYM_KEY=KEY)
        assert done.code == 0, done.err
    for file in FILES:
        assert rows_of(pair.folder / "first.zip", file) == rows_of(pair.folder / "second.zip", file)
    names = originals(pair.folder / "real.zip")
    with zipfile.ZipFile(pair.folder / "first.zip") as archive:
        written = [archive.read(name).decode() for name in archive.namelist()]
    written += [path.read_text() for path in (pair.folder / "first.pages").iterdir()]
    words = {word for text in written for word in re.split(r"[\s,;:\"'{}\[\]]+", text)}
    assert not {name for name in names if len(name) > 2} & words
    assert not [name for name in names if len(name) > 4 and any(name in each for each in written)]
    for real, made in zip(
        rows_of(pair.folder / "real.zip", "users"),
        rows_of(pair.folder / "first.zip", "users"),
        strict=True,
    ):
        for field in ("familyName", "identifier", "username", "sourcedId"):
            assert shape(real[field]) == shape(made[field])
            assert real[field] != made[field] or not real[field]
    with Up("--district", str(pair.folder / "first.zip"), "--now", NOW) as up:
        pair.document = up.document
        pair.night()


def originals(path: Path) -> set[str]:
    """Return every name, address and id of a crawl, and each word of the names."""
    found = {row["sourcedId"] for file in FILES for row in rows_of(path, file)}
    for row in rows_of(path, "users"):
        for field in ("username", "identifier", "email", "phone", "sms"):
            found.add(row[field])
        for field in ("givenName", "familyName", "middleName"):
            found |= {row[field], *re.split(r"[\s'-]+", row[field])}
    for row in rows_of(path, "orgs"):
        found |= {row["name"], row["identifier"]}
    return found - {""}


def shape(text: str) -> str:
    """Tell length, case, digits, accents and punctuation of a text."""
    kinds = ((str.isdigit, "9"), (str.isupper, "A"), (str.isalpha, "a"))
    told = (next((sign for test, sign in kinds if test(char)), char) for char in text)
    # Hexadecimal digits may be either.
    return (
        re.sub(r"[9aA]", "x", "".join(told))
        if text.count("-") == 4
        else "".join(sign if char.isascii() else "é" for sign, char in zip(told, text, strict=True))
    )
