"""Any district, any year, any faults: Canvas is as the oracle says, or as the night before left it.

A night that says it is done must have left Canvas as the oracle wants it; one that was held or
failed must have left it as it was, or have applied it whole. However the nights went, one that
nothing disturbs puts all right. Likewise of grades.
"""

import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from checks.support import Done, Up, homeroom, subject_environment
from checks.worlds import canvas as call_canvas
from homeroom.certify.control import ControlClient, SpaceHandle
from homeroom.config import Choices
from homeroom.features.histories.classroom import Classroom
from homeroom.observe import observe_canvas, observe_gradebook, observe_provider
from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.grade_obligations import Sync
from homeroom.oracle.grades import expected_gradebook
from homeroom.oracle.judge import changes, judge, judge_night
from homeroom.oracle.judge_grades import judge_gradebook
from homeroom.oracle.nights import Night
from homeroom.oracle.roster import expected
from homeroom.reference.transport import ClientCredentials, Transport

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
DONE, REFUSED, UNUSABLE, HELD = 0, 1, 2, 4
RUNNING = {"initializing", "created", "importing", "cleanup_batch"}
SETTINGS = """
[service]
page_size = 200
timeout_s = 10
attempts = 3
import_stall_s = 2
"""
DOCUMENTED = Choices()
FEW, MANY = 2, 40
# No shrinking: an example takes seconds, and is told whole.
QUICK = settings(
    max_examples=FEW, derandomize=True, deadline=None, database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
LONG = settings(QUICK, max_examples=int(os.environ.get("HOMEROOM_YEARS", MANY)), derandomize=False)

ACTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "status": st.fixed_dictionaries({"status": st.sampled_from([404, 429, 500, 503])}),
    "delay": st.just({"seconds": 0.2}),
    "drip": st.just({"bytes": 20_000, "every_s": 0.02}),
    "reset_before": st.just({}),
    "reset_after": st.just({}),
    "truncate": st.just({"share": 0.6}),
    "content_type": st.just({}),
    "repeat_page": st.just({"pages": 1}),
    "endless_next": st.just({}),
    "drift_total": st.fixed_dictionaries({"by": st.sampled_from([-1, 1, 40])}),
    "shift_rows": st.fixed_dictionaries({"by": st.sampled_from([1, 3])}),
    "empty_page": st.just({}),
    "missing_key": st.just({}),
    "duplicate_rows": st.just({"count": 2}),
    "unsorted": st.just({"seed": 3}),
    "revoke_token": st.just({}),
    "stuck_import": st.just({}),
    "abort_import": st.just({}),
    "throttle": st.just({}),
}
READS = ("getAllUsers", "getAllEnrollments", "getAllClasses", "getAllCourses", None)


@st.composite
def faults(draw: st.DrawFn, grades: bool = False) -> dict[str, Any]:
    """Draw a rule: one kind of fault, on one side, now or then or always."""
    kinds = sorted(set(ACTS) - ({"stuck_import", "abort_import"} if grades else set()))
    kind = draw(st.sampled_from(kinds))
    when: dict[str, Any] = {"fake": draw(st.sampled_from(["focus", "canvas"]))}
    if kind == "revoke_token":  # an access token of Canvas's is not renewed: a person makes another
        when = {"fake": "focus"}
    elif kind in {"stuck_import", "abort_import"}:
        when = {"fake": "canvas", "operation": "createSisImport"}
    elif when["fake"] == "focus" and (operation := draw(st.sampled_from(READS))) and not grades:
        when["operation"] = operation
    when["nth" if draw(st.booleans()) else "every"] = draw(st.integers(1, 12))
    rule: dict[str, Any] = {"when": when, "act": {"kind": kind, **draw(ACTS[kind])}}
    return rule | ({"times": draw(st.integers(1, 4))} if draw(st.booleans()) else {})


@dataclass
class Day:
    """What happens in a night, and for how many days after it a school lives."""

    days: int
    faults: list[dict[str, Any]]


SEEDS = st.integers(1, 10_000)
# Of how much happens in a year; a year has one.
SCALES = st.sampled_from([1.0, 8.0, 20.0])
DAYS = st.builds(
    Day,
    days=st.integers(1, 9),
    faults=st.lists(faults(), max_size=3),
)


def _hides_rows(rule: dict[str, Any]) -> bool:
    """Whether a list of Canvas's may end early and nothing shows it: its lists have no counts.

    What is missing is sent by the next sync.
    """
    hiding = {"empty_page", "shift_rows", "repeat_page"}
    return rule["when"]["fake"] == "canvas" and rule["act"]["kind"] in hiding


@dataclass
class Life:
    """One district's year, as far as it is lived."""

    space: SpaceHandle
    folder: Path
    nights: list[Night] = field(default_factory=list)
    syncs: list[Sync] = field(default_factory=list)

    def __post_init__(self) -> None:
        document = self.space.document
        peer = document["oneroster"]
        auth = ClientCredentials(peer["token_url"], peer["client_id"], peer["client_secret"])
        self.focus = Transport(peer["base_url"], auth)
        self.room = Classroom(document)
        (self.folder / "homeroom.toml").write_text(SETTINGS, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.focus.close()
        self.room.close()

    def verb(self, verb: str, now: datetime, rules: list[dict[str, Any]]) -> Done:
        """Run a verb while the rules stand, and see Canvas's imports to their end after it."""
        for rule in rules:
            self.space.add_fault(rule)
        env = subject_environment(
            self.space.document, now=now.isoformat(), state_dir=self.folder / "state"
        )
        done = homeroom(verb, "--json", env=env, cwd=self.folder, timeout_s=300)
        self.space.clear_faults()
        assert "Traceback" not in done.err, done.err
        self._settle()
        return done

    def canvas(self, *, grades: bool = False) -> CanvasWorld:
        """Observe Canvas."""
        return observe_canvas(self.room.transport, 1, grades=grades)

    def _settle(self) -> None:
        """Await imports; one that is stuck is aborted, as an admin would."""
        imports = "/accounts/1/sis_imports"
        for attempt in range(200):
            got = call_canvas(self.space.document, "GET", imports)
            if got.status == 200:
                rows = got.json()["sis_imports"]
                running = [each["id"] for each in rows if each["workflow_state"] in RUNNING]
                if not running:
                    return
                if attempt > 40:
                    where = f"{imports}/{running[0]}/abort"
                    call_canvas(self.space.document, "PUT", where)
            time.sleep(0.05 if got.status == 200 else 1)  # we, too, may have asked too much
        raise AssertionError("an import never ended, or Canvas never answered")

    def night(self, rules: list[dict[str, Any]]) -> int:
        """Live a night and judge it."""
        now = self.space.now
        feed, before = observe_provider(self.focus), self.canvas()
        done = self.verb("provision", now, rules)
        after = self.canvas()
        applied = Night(feed=feed, now=now, before=before)
        told = f"{rules}: exit {done.code}: {done.err}{done.out[:600]}"
        if done.code == UNUSABLE:
            moved = changes(before, after)
            if moved:  # it failed after Canvas had the import: then it must have it whole
                findings = judge(expected([*self.nights, applied], DOCUMENTED), after)
                assert not findings, (findings[:5], told)
            self.nights += [applied] if moved else []
            return done.code
        assert done.code in {DONE, REFUSED, HELD}, told
        held = done.code == HELD
        findings = judge_night([*self.nights, applied], DOCUMENTED, after, held=held)
        assert not findings, (findings[:5], told)
        self.nights += [] if held else [applied]
        return done.code

    def sync(self, rules: list[dict[str, Any]]) -> int:
        """Live a grade sync; one that says it is done is judged."""
        now = self.space.now
        feed, held = observe_provider(self.focus), observe_gradebook(self.focus)
        world = self.canvas(grades=True)
        done = self.verb("passback", now, rules)
        after = observe_gradebook(self.focus)
        told = f"{rules}: exit {done.code}: {done.err}{done.out[:600]}"
        assert done.code in {DONE, REFUSED, UNUSABLE}, told
        one = Sync(feed=feed, canvas=world, before=held, now=now, after=after)
        self.syncs.append(one)
        if done.code == DONE and not any(map(_hides_rows, rules)):
            findings = judge_gradebook(expected_gradebook(self.syncs, DOCUMENTED), after)
            assert not findings, (findings[:5], told)
        return done.code


@pytest.fixture(scope="module")
def client() -> Iterator[ControlClient]:
    with Up("--district", "empty", "--now", NOW.isoformat()) as up:
        access = up.document["control"]
        made = ControlClient(access["url"], access["token"])
        yield made
        made.close()


@contextmanager
def live(client: ControlClient, seed: int, *told: Any) -> Generator[Life]:
    """Begin a district's year; what fails in it says which it was."""
    with (
        client.space("tiny", seed, NOW) as space,
        TemporaryDirectory() as folder,
        Life(space, Path(folder)) as life,
    ):
        try:
            yield life
        except Exception as error:
            error.add_note(f"seed {seed}: {told}")
            raise


def live_year(client: ControlClient, seed: int, scale: float, days: list[Day]) -> None:
    """Live some nights of a year with faults, and one without."""
    with live(client, seed, scale, days) as life:
        for day in days:
            life.night(day.faults)
            life.space.evolve(days=day.days, scale=scale, seed=seed)
        assert life.night([]) in {DONE, REFUSED, HELD}


@QUICK
@given(SEEDS, SCALES, st.lists(DAYS, min_size=1, max_size=2))
def test_a_few_years_come_out_as_the_oracle_says(
    client: ControlClient, seed: int, scale: float, days: list[Day]
) -> None:
    live_year(client, seed, scale, days)


def test_an_import_that_an_admin_aborted_costs_no_further_night(client: ControlClient) -> None:
    stuck = {"when": {"fake": "canvas", "operation": "createSisImport", "nth": 1},
             "act": {"kind": "stuck_import"}}  # fmt: skip
    live_year(client, 1032, 1.0, [Day(days=1, faults=[stuck])])


@pytest.mark.long
@LONG
@given(SEEDS, SCALES, st.lists(DAYS, min_size=1, max_size=4))
def test_many_years_come_out_as_the_oracle_says(
    client: ControlClient, seed: int, scale: float, days: list[Day]
) -> None:
    live_year(client, seed, scale, days)


SCORES = st.one_of(st.none(), st.integers(0, 110), st.sampled_from([0.5, 33.25, 99.99]))


@st.composite
def work(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an assignment as teachers make them, and its scores."""
    due = NOW + timedelta(days=draw(st.integers(1, 60)), hours=draw(st.integers(0, 23)))
    return {
        "due_at": due if draw(st.integers(0, 5)) else None,
        "points": draw(st.sampled_from([5, 10, 12.5, 100])),
        "post_to_sis": draw(st.integers(0, 4)) > 0,
        "published": draw(st.integers(0, 6)) > 0,
        "scores": draw(st.lists(SCORES, max_size=6)),
        "excuse": draw(st.integers(0, 12)),
    }


WEEK = st.tuples(
    st.lists(work(), min_size=1, max_size=3), st.lists(faults(grades=True), max_size=2)
)


def live_grades(client: ControlClient, seed: int, weeks: list[Any]) -> None:
    """Grade in one class of a generated school for some weeks, sync with faults, then without."""
    with live(client, seed, weeks) as life:
        assert life.night([]) == DONE
        feed = observe_provider(life.focus)
        class_id = min(row.class_ or "" for row in feed.enrollments.values())
        students = sorted(
            {
                row.user or ""
                for row in feed.rows_of_class(class_id)
                if row.live and row.role == "student"
            }
        )
        course = life.room.course_of(class_id)
        life.room.publish(course)
        group = min(each.title for each in feed.categories.values())
        for number, (works, rules) in enumerate(weeks):
            for place, asked in enumerate(works):
                _teach(life, course, group, students, f"Work {number}.{place}", asked)
            life.sync(rules)
            life.space.advance(86_400)
        assert life.sync([]) in {DONE, REFUSED}


def _teach(
    life: Life, course: int, group: str, students: list[str], name: str, asked: dict[str, Any]
) -> None:
    made = {key: value for key, value in asked.items() if key not in {"scores", "excuse"}}
    id_ = life.room.assignment(course, name, group=group, **made)
    if not asked["published"]:
        return
    for place, (student, score) in enumerate(zip(students, asked["scores"], strict=False)):
        if place == asked["excuse"]:
            life.room.excuse(course, id_, student)
        elif score is not None:
            life.room.grade(course, id_, student, score)


@QUICK
@given(SEEDS, st.lists(WEEK, min_size=1, max_size=1))
def test_a_few_weeks_of_grades_come_out_as_the_oracle_says(
    client: ControlClient, seed: int, weeks: list[Any]
) -> None:
    live_grades(client, seed, weeks)


@pytest.mark.long
@LONG
@given(SEEDS, st.lists(WEEK, min_size=1, max_size=3))
def test_many_weeks_of_grades_come_out_as_the_oracle_says(
    client: ControlClient, seed: int, weeks: list[Any]
) -> None:
    live_grades(client, seed, weeks)
