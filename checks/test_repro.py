"""A failure leaves a bundle that replays it; a captured provider is shrunk to a few records."""

import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.support import Done, Up, environment, homeroom
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.certify.replay import MANIFEST, read_replay
from homeroom.repro.records import read_rows

RIGHT = Path(__file__).parent.parent / "homeroom/features/subjects/foreign_diffing.py"
BUG = '        self.memory.told["users"] = rows\n        return rows\n'
# People with a hyphen in their family name are sent to Canvas as deleted.
BUGGY = """        for row in rows.values():
            if "-" in row["last_name"]:
                row["status"] = "deleted"
        self.memory.told["users"] = rows
        return rows
"""
MONDAY, TUESDAY = "2026-09-07T06:00:00Z", "2026-09-08T06:00:00Z"
KEY = "a key of sufficient length"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wrong service and a right one that differ in one line."""
    folder = tmp_path_factory.mktemp("subject")
    source = RIGHT.read_text(encoding="utf-8")
    assert source.count(BUG) == 1
    settings = RIGHT.with_suffix(".toml").read_text(encoding="utf-8")
    for name, text in (("right", source), ("wrong", source.replace(BUG, BUGGY))):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        own = settings.replace("foreign_diffing.py", f"{name}.py").replace(
            "python3", sys.executable
        )
        (folder / f"{name}.toml").write_text(own, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str, **variables: str) -> Done:
    """Run a verb in the folder."""
    return homeroom(*arguments, cwd=folder, env=environment(**variables))


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    """The report of a wrong service."""
    words = ("--config", "wrong.toml", "--workers", "1", "--only", "PRV-USR-03")
    done = run(folder, "certify", *words, "--report", "report")
    assert done.code == 1, done.err
    return folder / "report"


def bundle_of(report: Path) -> Path:
    """Return the replay bundle of a report's first failure."""
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    failed = [each for each in results["scenarios"] if each["outcome"] == "failed"]
    assert failed
    assert {each["replay"] for each in failed} == {failed[0]["replay"]}
    return report / str(failed[0]["replay"])


def test_failure_leaves_a_bundle_that_the_report_lists_and_links(report: Path) -> None:
    path = bundle_of(report)
    name = path.relative_to(report).as_posix()
    assert f"  {name}\n" in (report / "SHA256SUMS").read_text(encoding="ascii")
    assert f'href="{name}"' in (report / "index.html").read_text(encoding="utf-8")
    assert homeroom("report", "verify", str(report)).code == 0
    replay = read_replay(path)
    assert [step.command for step in replay.runs] == ["provision", "provision"]
    assert sorted(replay.parts) == [
        "journal.jsonl", "worlds/canvas.json", "worlds/feed.json", "worlds/gradebook.json",
    ]  # fmt: skip
    canvas = json.loads(replay.parts["worlds/canvas.json"])
    assert canvas["users"]
    assert b"Bearer" not in replay.parts["journal.jsonl"]


def test_bundle_says_that_the_failure_is_still_there_or_gone(folder: Path, report: Path) -> None:
    path = bundle_of(report)
    before = path.read_bytes()
    wrong = run(folder, "repro", "run", str(path), "--subject", "wrong.toml", "--json")
    told = wrong.json()
    assert (wrong.code, told["still_fails"], told["same_world"]) == (1, True, True)
    assert [night["same_world"] for night in told["nights"]] == [True, True]
    assert all(each["same_words"] for each in told["scenarios"] if each["outcome"] == "failed")
    right = run(folder, "repro", "run", str(path), "--subject", "right.toml", "--json")
    assert (right.code, right.json()["still_fails"], right.json()["same_world"]) == (0, False, True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("foreign", "is no whole replay bundle"),
        ("cut", "is no whole replay bundle"),
        ("newer", "has format 99"),
        ("absent", "cannot be read"),
        ("altered", "it was altered"),
    ],
)
def test_file_that_is_no_whole_bundle_is_told_as_such(
    report: Path, tmp_path: Path, damage: str, told: str
) -> None:
    whole, path = bundle_of(report).read_bytes(), tmp_path / "bundle.zip"
    if damage == "foreign":
        path.write_text("not a bundle")
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage in ("newer", "altered"):
        path.write_bytes(whole)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
            seal = archive.comment
        manifest = json.loads(parts[MANIFEST])
        manifest["format" if damage == "newer" else "homeroom"] = 99 if damage == "newer" else "9"
        parts[MANIFEST] = json.dumps(manifest).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
            archive.comment = seal
    done = homeroom("repro", "run", str(path))
    assert done.code == 2
    assert told in done.err
    assert str(path) in done.err
    assert "Traceback" not in done.err


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Up, SpaceHandle]]:
    """A small district, one of whose pupils the wrong service loses."""
    with Up("--district", "empty", "--now", MONDAY) as up:
        control = up.document["control"]
        with ControlClient(control["url"], control["token"]) as client:
            space = SpaceHandle(client, up.document)
            plant(space)
            yield up, space


def plant(space: SpaceHandle) -> None:
    """Open a school with two classes and three pupils."""
    put = space.put_record
    put("orgs", {"sourcedId": "d", "name": "Bay County", "type": "district", "identifier": "1"})
    school = {"sourcedId": "s", "type": "org"}
    put("orgs", {"sourcedId": "s", "name": "Bay High School", "type": "school", "identifier": "2",
                 "parent": {"sourcedId": "d", "type": "org"}})  # fmt: skip
    for id_, type_, more in (("y", "schoolYear", {}), ("t", "term", {"parent": "y"})):
        session = {"sourcedId": id_, "title": "2026-27", "type": type_, "schoolYear": "2027",
                   "startDate": "2026-08-10", "endDate": "2027-06-01"}  # fmt: skip
        parent = {key: {"sourcedId": of, "type": "academicSession"} for key, of in more.items()}
        put("academicSessions", {**session, **parent})
    put("courses", {"sourcedId": "c", "title": "Algebra 1", "courseCode": "1200310", "org": school})
    for class_ in ("c1", "c2"):
        put("classes", {"sourcedId": class_, "title": f"Algebra {class_}", "classType": "scheduled",
                        "course": {"sourcedId": "c", "type": "course"}, "school": school,
                        "terms": [{"sourcedId": "t", "type": "academicSession"}]})  # fmt: skip
    names = ["Ruiz", "Okafor", "Mendes"]
    for number, name in enumerate(names):
        person(space, number, name, "c1" if number % 2 else "c2")


def person(space: SpaceHandle, number: int, name: str, class_: str) -> None:
    """Plant a pupil and a seat."""
    id_ = f"pupil-{number}"
    space.put_record("users", {
        "sourcedId": id_, "username": f"{name.lower()}{number}", "enabledUser": "true",
        "givenName": "Ana", "familyName": name, "role": "student", "identifier": f"00{number}77",
        "email": f"{name.lower()}{number}@bay.example", "orgs": [{"sourcedId": "s", "type": "org"}],
    })  # fmt: skip
    space.put_record("enrollments", {
        "sourcedId": f"seat-{number}", "role": "student", "primary": "false",
        "user": {"sourcedId": id_, "type": "user"}, "class": {"sourcedId": class_, "type": "class"},
        "school": {"sourcedId": "s", "type": "org"},
        "beginDate": "2026-08-10", "endDate": "2027-06-01",
    })  # fmt: skip


def test_pupils_who_vanished_on_tuesday_are_reduced_to_one(
    folder: Path, world: tuple[Up, SpaceHandle]
) -> None:
    up, space = world
    (folder / "space.json").write_text(json.dumps(up.document), encoding="utf-8")
    take = (
        "repro",
        "capture",
        "--document",
        "space.json",
        "--key",
        "$KEY",
        "--config",
        "right.toml",
    )
    monday = run(folder, *take, "--out", "monday.zip", "--now", MONDAY, KEY=KEY)
    assert monday.code == 0, monday.err
    person(space, 6, "Whitlock-Vance", "c1")
    space.delete_record("enrollments", "seat-0", gone=True)
    words = ("--out", "tuesday.zip", "--now", TUESDAY, "--after", "monday.zip")
    tuesday = run(folder, *take, *words, KEY=KEY)
    assert tuesday.code == 0, tuesday.err

    replay = read_replay(folder / "tuesday.zip")
    assert [step.now for step in replay.runs] == [MONDAY, TUESDAY]
    assert [step.method for step in replay.steps if step.do == "call"] == [
        "PUT", "PUT", "PUT", "DELETE",
    ]  # the clock, the newcomer, her seat, the seat that went # fmt: skip
    content = (folder / "tuesday.zip").read_bytes()
    with zipfile.ZipFile(folder / "tuesday.zip") as archive:
        plain = b"".join(archive.read(name) for name in archive.namelist()) + content
    assert not [
        word for word in (b"Ruiz", b"Whitlock", b"pupil-0", b"bay.example") if word in plain
    ]
    assert (folder / "tuesday.zip").stat().st_mode & 0o077 == 0

    played = run(folder, "repro", "run", "tuesday.zip", "--subject", "wrong.toml", "--json")
    assert played.code == 1, played.err
    assert [each["exit_code"] for each in played.json()["runs"]] == [0, 0]
    assert {each["night"] for each in played.json()["failures"]} == {2}

    shrunk = run(
        folder,
        "repro",
        "shrink",
        "tuesday.zip",
        "--subject",
        "wrong.toml",
        "--json",
        "--out",
        "s.zip",
    )
    assert shrunk.code == 0, shrunk.err
    told = shrunk.json()
    assert told["minimal"]
    # One pupil, and what a service needs before it starts at all: a school, a term, a class.
    assert told["left"] == {
        "academicSessions": 2,
        "classes": 1,
        "courses": 1,
        "orgs": 2,
        "users": 1,
    }
    assert "still fails with" in shrunk.err
    assert (folder / "tuesday.zip").read_bytes() == content
    again = run(folder, "repro", "run", "s.zip", "--subject", "wrong.toml")
    assert (again.code, "PRV-USR-01" in again.out) == (1, True)
    assert len(read_rows(read_replay(folder / "s.zip"))) == 6

    nothing = run(folder, "repro", "shrink", "tuesday.zip", "--subject", "right.toml")
    assert (nothing.code, "does not fail in it" in nothing.err) == (1, True)
    assert not (folder / "tuesday-shrunk.zip").exists()
    over = run(folder, *take, "--out", "monday.zip", KEY=KEY)
    assert (over.code, "is there already" in over.err) == (2, True)
    stranger = run(folder, *take, *words[2:], "--out", "other.zip", KEY=f"another {KEY}")
    assert (stranger.code, "another key" in stranger.err) == (2, True)
