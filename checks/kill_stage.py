"""A small school whose nights and grade syncs are killed, started again and compared."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.killing import DEAD, NOWHERE, Gate, Kill, put_back, run
from checks.support import Up, subject_environment
from checks.worlds import Document, canvas, focus
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.features.histories.calendar import Calendar
from homeroom.features.histories.classroom import Classroom
from homeroom.features.histories.school import School
from homeroom.reference.workflows.memory import provisioned

HIGH = "Lakeside High"
CLASSES = ("Algebra 1 Period 1", "Algebra 1 Period 2", "Biology Period 3")
PEOPLE = ("Ana Ruiz", "Ben Okafor", "Chloé Dubois", "Dana Price", "Omar Haddad", "Priya Raman")


@dataclass(kw_only=True)
class Undisturbed:
    """One run left alone: the world and state it began with, and all it came to."""

    verb: tuple[str, ...]
    env: dict[str, str]
    world: bytes
    kept: Path
    took_s: float
    requests: list[str]
    file_acts: list[str]
    code: int
    left: "Left"

    @property
    def writes(self) -> list[int]:
        """Which of its requests were writes."""
        return [number for number, each in enumerate(self.requests, 1) if _is_write(each)]


@dataclass(kw_only=True)
class Left:
    """What a run left behind."""

    worlds: dict[str, Any]
    writes: Counter[tuple[str, str]]
    """How often each write took effect, by operation and path."""
    rows: dict[str, bytes]
    """What the state folder says that Canvas holds."""


class Stage:
    """A small school, and its runs to be killed."""

    def __init__(self, up: Up, folder: Path) -> None:
        control = up.document["control"]
        self.client = ControlClient(control["url"], control["token"])
        self.folder, self.state = folder, folder / "state"
        self.calendar = Calendar()
        self.space: SpaceHandle = self.client.new_space(now=self.calendar.night(0))
        self.space.set_clock(self.calendar.night(0), frozen=True)
        self.gate = Gate(self.space.document)
        self.school = School(self.space, self.calendar)
        self.room = Classroom(self.space.document)
        self.runs: dict[str, Undisturbed] = {}
        self._plant()
        self._live("first night", 0, "provision")
        self._change()
        self._live("second night", 1, "provision")
        self._grade()
        self._live("first sync", 20, "passback")
        self._grade_on()
        self._live("second sync", 21, "passback")

    def close(self) -> None:
        """Let go of everything."""
        self.gate.close()
        self.room.close()
        self.client.close()

    def _plant(self) -> None:
        school = self.school
        school.open(HIGH)
        school.teachers("Maria Delgado", "José Núñez", school=HIGH)
        school.students(*PEOPLE, school=HIGH)
        for title, code in (("Algebra 1", "1200310"), ("Biology", "2000310")):
            school.course(title, code, HIGH)
        for title in CLASSES:
            school.class_(title, course=title.partition(" Period")[0], school=HIGH)
        school.teach("Maria Delgado", *CLASSES[:2])
        school.teach("José Núñez", CLASSES[2])
        school.fill(CLASSES[0], *PEOPLE[:3])
        school.fill(CLASSES[1], *PEOPLE[3:5])
        school.fill(CLASSES[2], *PEOPLE[:2])

    def _change(self) -> None:
        self.school.students("Eva Lind", school=HIGH)
        self.school.fill(CLASSES[0], "Eva Lind")
        self.school.change("users", "Ana Ruiz", familyName="Ruiz-Soto")
        self.school.remove("enrollments", f"Ben Okafor in {CLASSES[2]}")
        self.school.vanish("enrollments", f"Dana Price in {CLASSES[1]}")
        self.school.remove("users", "Priya Raman")

    def _grade(self) -> None:
        course = self.room.course_of(self.school.id("classes", CLASSES[0]))
        self.room.publish(course)
        due = datetime(2026, 9, 4, 15, tzinfo=UTC)
        self.work = {
            name: (course, self.room.assignment(course, name, due_at=due, points=points))
            for name, points in (("Chapter 1", 10.0), ("Chapter 2", 20.0))
        }
        self._scores("Chapter 1", 9, 8.5, 0)
        self._scores("Chapter 2", 19, 18)

    def _grade_on(self) -> None:
        self._scores("Chapter 1", 10)
        self._scores("Chapter 2", 19, 17, 16)

    def _scores(self, name: str, *scores: float) -> None:
        for person, score in zip(PEOPLE, scores, strict=False):
            self.room.grade(*self.work[name], self.school.id("users", person), score)

    def _live(self, name: str, day: int, verb: str) -> None:
        now = self.calendar.night(day)
        self.space.set_clock(now, frozen=True)
        env = subject_environment(self.gate.document, now=now.isoformat(), state_dir=self.state)
        kept = self.folder / f"before {name}"
        put_back(kept, self.state)
        world = self.space.snapshot()
        self.space.clear_journal()
        began = datetime.now(UTC)
        ran = run(self.gate, (verb, "--json"), env)
        took_s = (datetime.now(UTC) - began).total_seconds()
        assert ran.code == 0, ran.err + ran.out
        self.runs[name] = Undisturbed(
            verb=(verb, "--json"), env=env, world=world, kept=kept, took_s=took_s,
            requests=ran.requests, file_acts=ran.file_acts, code=ran.code, left=self.look(),
        )  # fmt: skip

    def look(self) -> Left:
        """Say what is there now, and what was written since the journal was cleared."""
        told = self.space.journal(bodies="false")
        writes = Counter(
            (each["operationId"], each["path"])
            for each in told
            if each["method"] not in {"GET", "HEAD"}
            and each["status"] < 300
            and each["operationId"] != "createToken"
        )
        return Left(worlds=_worlds(self.space.document), writes=writes, rows=self._rows())

    def _rows(self) -> dict[str, bytes]:
        current = provisioned(self.state)
        assert current is not None
        newest = self.state / "provisioning" / "runs" / current.run
        return {path.name: path.read_bytes() for path in sorted(newest.glob("*.rows"))}

    def kill(self, name: str, *kills: Kill) -> None:
        """Kill a run, once or again and again, start it once more, and compare."""
        was = self.runs[name]
        self.space.restore(was.world)
        put_back(self.state, was.kept)
        self.space.clear_journal()
        ends = [run(self.gate, was.verb, was.env, kill) for kill in kills]
        assert all(end.code in {DEAD, was.code} for end in ends), [end.err for end in ends]
        again = run(self.gate, was.verb, was.env, NOWHERE)
        told = f"{name} killed {' and '.join(map(str, kills))}: {again.err}{again.out}"
        assert again.code == was.code, told
        left = self.look()
        assert left.writes == was.left.writes, told
        assert left.rows == was.left.rows, told
        for what, there in was.left.worlds.items():
            assert left.worlds[what] == there, f"{what}: {told}"


def _is_write(request: str) -> bool:
    return not request.startswith("GET") and not request.endswith("/token")


STATES = ("active", "inactive", "completed", "deleted")
# What tells when, and not what.
VOLATILE = frozenset({"created_at", "updated_at", "started_at", "ended_at", "dateLastModified"})


def _worlds(document: Document) -> dict[str, Any]:
    """Tell all that both APIs show of a small world."""
    found: dict[str, Any] = {}
    for name in ("users", "classes", "enrollments", "lineItems", "results"):
        rows = focus(document, f"/{name}?limit=1000&sort=sourcedId").json()[name]
        found[f"focus {name}"] = [_lasting(row) for row in rows]
    for name in ("users", "terms", "sis_imports", "sub_accounts"):
        page = canvas(document, "GET", f"/accounts/1/{name}?per_page=100").json()
        found[f"canvas {name}"] = _lasting(page)
    courses = canvas(document, "GET", "/accounts/1/courses?per_page=100&include[]=sections").json()
    found["canvas courses"] = _lasting(courses)
    states = "&".join(f"state[]={state}" for state in STATES)
    for course in courses:
        for what in (f"enrollments?{states}&per_page=100", "assignments?per_page=100"):
            where = f"/courses/{course['id']}/{what}"
            found[f"canvas {where}"] = _lasting(canvas(document, "GET", where).json())
    return found


def _lasting(value: Any) -> Any:
    if isinstance(value, list):
        return [_lasting(each) for each in value]
    if isinstance(value, dict):
        kept = value.items()
        return {key: _lasting(each) for key, each in kept if key not in VOLATILE}
    return value
