"""Nights lived twice: by a service that reads everything and by one that reads what changed.

Whatever happens in the SIS, both make the same plan, and Canvas holds the same after both.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.support import Up, subject_environment
from checks.worlds import canvas, control, focus, new_space
from homeroom.config import read_config
from homeroom.reference.errors import FatalError
from homeroom.reference.workflows import Night, read_settings, run_night
from homeroom.reference.workflows.state import write_json

NOW = "2026-09-01T06:00:00Z"
DELTA = "[service]\ndelta = true\n"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--district", "empty", "--now", NOW, validate="off") as up:
        yield up


class Service:
    """The reference service against a space of its own."""

    def __init__(self, up: Up, folder: Path, settings: str) -> None:
        self.document = new_space(up.document, district="tiny", seed=7, now=NOW)
        self.state, self.config = folder / "state", folder / "homeroom.toml"
        folder.mkdir()
        self.config.write_text(settings, encoding="utf-8")

    def night(self, now: datetime, **options: Any) -> Night:
        env = subject_environment(self.document, now=now.isoformat(), state_dir=self.state)
        return run_night(read_settings(env, read_config(self.config)), **options)


class Pair:
    """Two services whose SIS lives the same days."""

    def __init__(self, up: Up, folder: Path, choices: str = "") -> None:
        self.whole = Service(up, folder / "whole", choices)
        self.delta = Service(up, folder / "delta", choices + DELTA)
        self.now = datetime.fromisoformat(NOW)
        self.both("the first night")

    def both(self, why: str | None = "", **options: Any) -> Night:
        """Run a night of each; `why` is why the second one reads everything, if it does."""
        theirs, ours = self.whole.night(self.now, **options), self.delta.night(self.now, **options)
        assert ours.plan.digest == theirs.plan.digest, (ours.plan.counts, theirs.plan.counts)
        assert (ours.status, ours.plan.brake) == (theirs.status, theirs.plan.brake)
        moves = [
            sorted(each["section"] + each["key"] for each in night.plan.held_moves)
            for night in (ours, theirs)
        ]
        assert moves[0] == moves[1]
        refused = [sorted(each["sourcedId"] for each in night.refused) for night in (ours, theirs)]
        assert refused[0] == refused[1]
        losses = [night.plan.losses for night in (ours, theirs)]
        assert losses[0] == losses[1]
        assert why is None or why in ours.plan.why_whole or ours.plan.why_whole == why
        assert why != "" or not ours.plan.why_whole
        return ours

    def rows(self, collection: str) -> list[Row]:
        rows: list[Row] = focus(self.delta.document, f"/{collection}?limit=10000").json()[
            collection
        ]
        return rows

    def ask(self, method: str, path: str, body: Any = None) -> None:
        for service in (self.whole, self.delta):
            got = control(service.document, method, path, body)
            assert got.status < 300, got.body

    def put(self, collection: str, one: str, row: Row, **changed: Any) -> None:
        new = {name: value for name, value in row.items() if name != "dateLastModified"} | changed
        self.ask("PUT", f"/focus/{collection}/{new['sourcedId']}", {one: new})

    def sleep(self, **time: float) -> None:
        later = timedelta(**time)
        self.now += later
        self.ask("POST", "/clock/advance", {"seconds": later.total_seconds()})


@pytest.fixture
def pair(up: Up, tmp_path: Path) -> Pair:
    made = Pair(up, tmp_path)
    made.sleep(days=1)
    return made


def canvas_holds(document: Row) -> Row:
    """Return all that provisioning puts in Canvas, without its numbers."""
    users = canvas(document, "GET", "/accounts/1/users?per_page=100").json()
    held: Row = {"users": sorted((u["sis_user_id"] or "", u["name"], u["login_id"]) for u in users)}
    for course in canvas(document, "GET", "/accounts/1/courses?per_page=100").json():
        where = f"/courses/{course['id']}"
        sections = canvas(document, "GET", f"{where}/sections?per_page=100").json()
        states = "&".join(f"state[]={s}" for s in ("active", "inactive", "completed", "deleted"))
        seats = canvas(document, "GET", f"{where}/enrollments?per_page=100&{states}").json()
        held[str(course["sis_course_id"])] = {
            "name": course["name"],
            "code": course["course_code"],
            "sections": sorted((s["sis_section_id"] or "", s["name"]) for s in sections),
            "seats": sorted(
                (s["sis_section_id"] or "", s["sis_user_id"], s["type"], s["enrollment_state"])
                for s in seats
            ),
        }
    return held


def test_a_week_of_deltas_leaves_canvas_as_full_reads_do(up: Up, tmp_path: Path) -> None:
    pair = Pair(up, tmp_path)
    for day in range(7):
        pair.ask("POST", "/focus/evolve", {"days": 1, "scale": 10})
        clock = control(pair.delta.document, "GET", "/clock").json()["now"]
        pair.now = datetime.fromisoformat(clock)
        pair.both("the last 6 nights were deltas" if day == 6 else "")
    assert canvas_holds(pair.delta.document) == canvas_holds(pair.whole.document)


def change_a_name(pair: Pair) -> None:
    pair.put("users", "user", pair.rows("users")[5], givenName="Zoë")


def remove_a_seat(pair: Pair) -> None:
    pair.ask("DELETE", f"/focus/enrollments/{pair.rows('enrollments')[3]['sourcedId']}")


def move_a_seat(pair: Pair) -> None:
    """Move an enrollment to another class under its own id."""
    classes = pair.rows("classes")
    seat = next(each for each in pair.rows("enrollments") if each["role"] == "student")
    other = next(each for each in classes if each["sourcedId"] != seat["class"]["sourcedId"])
    there = {"sourcedId": other["sourcedId"], "type": "class"}
    pair.put("enrollments", "enrollment", seat, **{"class": there})


def let_a_person_leave(pair: Pair) -> None:
    student = next(each for each in pair.rows("users") if each["role"] == "student")
    pair.ask("DELETE", f"/focus/users/{student['sourcedId']}")


def blank_a_login(pair: Pair) -> None:
    """Give a student no login: the person is refused, and what stood stays."""
    student = next(each for each in pair.rows("users") if each["role"] == "student")
    pair.put("users", "user", student, username="")


def replace_a_teacher(pair: Pair) -> None:
    seats = [each for each in pair.rows("enrollments") if each["role"] == "teacher"]
    other = next(s for s in seats if s["user"]["sourcedId"] != seats[0]["user"]["sourcedId"])
    pair.put("enrollments", "enrollment", seats[0], user=other["user"])


def rename_a_course(pair: Pair) -> None:
    pair.put("courses", "course", pair.rows("courses")[0], title="Algebra, renamed")


def drop_a_class(pair: Pair) -> None:
    pair.ask("DELETE", f"/focus/classes/{pair.rows('classes')[0]['sourcedId']}")


def enroll_nobody(pair: Pair) -> None:
    """Enroll somebody whom the feed does not know."""
    ref = {"sourcedId": "nobody", "type": "user"}
    pair.put("enrollments", "enrollment", {**pair.rows("enrollments")[9], "user": ref})


CHANGES: list[Callable[[Pair], None]] = [
    change_a_name,
    remove_a_seat,
    move_a_seat,
    let_a_person_leave,
    blank_a_login,
    replace_a_teacher,
    rename_a_course,
    drop_a_class,
    enroll_nobody,
]


def test_each_change_and_the_night_after_it(pair: Pair) -> None:
    for change in CHANGES:
        change(pair)
        # Six deltas in a row, then everything is read.
        night = pair.both(None)
        assert night.plan.why_whole in {"", "the last 6 nights were deltas"}, change.__name__
        pair.sleep(days=1)
    assert canvas_holds(pair.delta.document) == canvas_holds(pair.whole.document)


def test_choices_do_not_matter(up: Up, tmp_path: Path) -> None:
    choices = (
        '[subject.choices]\nuser_id = "email"\nsection_moves = "follow"\nremoved = "inactive"\n'
        'departed_users = "deleted"\ncourse_key = "course+term"\n'
    )
    pair = Pair(up, tmp_path, choices)
    for change in (move_a_seat, replace_a_teacher, let_a_person_leave, blank_a_login):
        pair.sleep(days=1)
        change(pair)
        pair.both()
    student = next(each for each in pair.rows("users") if each["role"] == "student")
    pair.sleep(days=1)
    pair.put("users", "user", student, email="somebody.else@school.example")
    pair.both()
    assert canvas_holds(pair.delta.document) == canvas_holds(pair.whole.document)


def test_the_calendar_alone_ends_an_enrollment(pair: Pair) -> None:
    seat = next(each for each in pair.rows("enrollments") if each["role"] == "student")
    pair.put("enrollments", "enrollment", seat, endDate="2026-09-03")
    pair.both()
    pair.sleep(days=2)
    night = pair.both()
    assert [each["after"]["status"] for each in night.plan.changes] == ["inactive"]


def test_a_row_that_vanished_silently_is_missed_by_its_count(pair: Pair) -> None:
    pair.ask("DELETE", f"/focus/enrollments/{pair.rows('enrollments')[3]['sourcedId']}?gone=true")
    pair.both("enrollments, and")


def test_a_changed_session_is_much(pair: Pair) -> None:
    pair.put("academicSessions", "academicSession", pair.rows("academicSessions")[0], title="X")
    pair.both("academicSessions changed")


def test_other_settings_read_everything(pair: Pair) -> None:
    pair.delta.config.write_text(DELTA + 'move_sections = ["x"]\n')
    pair.both("settings are others")


def test_a_torn_store_is_put_aside(pair: Pair) -> None:
    kept = pair.delta.state / "provisioning" / "feed.sqlite"
    kept.write_bytes(b"torn" * 1000)
    pair.both("no feed of last night")
    assert kept.with_suffix(".unreadable").read_bytes().startswith(b"torn")
    pair.sleep(days=1)
    change_a_name(pair)
    pair.both()


@pytest.mark.parametrize("cut", [40, 4000])
def test_torn_rows_of_last_night_are_told_and_left_alone(pair: Pair, cut: int) -> None:
    (rows,) = pair.whole.state.glob("provisioning/runs/*/enrollments.rows")
    torn = rows.read_bytes()[:-cut]
    rows.write_bytes(torn)
    with pytest.raises(FatalError, match="left as they are"):
        pair.whole.night(pair.now)
    assert rows.read_bytes() == torn


def test_a_full_night_on_demand_reads_and_sends_everything(pair: Pair) -> None:
    night = pair.both("everything is sent", full=True)
    assert night.plan.counts["enrollments"].sent == night.plan.counts["enrollments"].after


def test_a_held_night_is_released_from_changes_alone(pair: Pair) -> None:
    class_id = pair.rows("classes")[0]["sourcedId"]
    for seat in pair.rows("enrollments"):
        if seat["class"]["sourcedId"] == class_id and seat["role"] == "student":
            pair.ask("DELETE", f"/focus/enrollments/{seat['sourcedId']}")
    held = pair.both()
    assert held.status == "held"
    assert pair.both(release=held.run).status == "completed"
    pair.sleep(days=1)
    change_a_name(pair)
    pair.both()


def test_what_canvas_refused_is_tried_again_by_a_delta(pair: Pair) -> None:
    users = [each for each in pair.rows("users") if each["role"] == "student"]
    pair.put("users", "user", users[0], username=users[1]["username"])
    assert len(pair.both().refused) == 1
    pair.sleep(days=1)
    assert len(pair.both().refused) == 1
    pair.put("users", "user", users[1], username="another")
    assert pair.both(None).plan.counts["users"].sent >= 1


@pytest.mark.parametrize(
    ("dies_at", "why"), [("current.json", ""), ("sent.json", "no feed of last night")]
)
def test_a_night_that_died_is_taken_up(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, dies_at: str, why: str
) -> None:
    """Once the feed is kept the next night is a delta; before that everything is read."""

    def write_or_die(path: Path, value: Any) -> None:
        if path.name == dies_at:
            raise KeyboardInterrupt
        write_json(path, value)

    remove_a_seat(pair)
    with monkeypatch.context() as patch:
        patch.setattr("homeroom.reference.workflows.night.write_json", write_or_die)
        for service in (pair.whole, pair.delta):
            with pytest.raises(KeyboardInterrupt):
                service.night(pair.now)
    pair.sleep(days=1)
    change_a_name(pair)
    assert pair.both(why).resumed is not None
    assert canvas_holds(pair.delta.document) == canvas_holds(pair.whole.document)


def test_a_plan_only_leaves_the_kept_feed_alone(pair: Pair) -> None:
    remove_a_seat(pair)
    pair.both(plan_only=True)
    assert pair.both().plan.counts["enrollments"].removed == 1


@pytest.mark.parametrize("seed", range(2))
def test_after_random_nights_delta_and_whole_reads_leave_the_same_canvas(
    up: Up, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - dice of a test
    pair = Pair(up, tmp_path)
    for _ in range(4):
        pair.sleep(days=1)
        for _ in range(4):
            shake(pair, dice)
        night = pair.both()
        if night.status == "held":
            pair.both(release=night.run)
    assert canvas_holds(pair.delta.document) == canvas_holds(pair.whole.document)


def shake(pair: Pair, dice: random.Random) -> None:
    """Let anything happen to any enrollment, person or class."""
    collection, one = dice.choice(
        [("enrollments", "enrollment"), ("users", "user"), ("classes", "class")]
    )
    row = dice.choice(pair.rows(collection))
    if dice.random() < 0.3:
        pair.ask("DELETE", f"/focus/{collection}/{row['sourcedId']}")
        return
    changed: Row = {"status": "active"}
    if collection == "enrollments":
        class_ = dice.choice(pair.rows("classes"))["sourcedId"]
        user = dice.choice(pair.rows("users"))["sourcedId"]
        changed |= dice.choice(
            [
                {"class": {"sourcedId": class_, "type": "class"}},
                {"user": {"sourcedId": user, "type": "user"}},
                {"role": dice.choice(["teacher", "student", "aide"])},
                {"endDate": f"2026-09-0{dice.randint(1, 9)}"},
                {"primary": dice.choice([True, False])},
            ]
        )
    elif collection == "users":
        changed |= dice.choice(
            [
                {"givenName": f"N{dice.random()}"},
                {"enabledUser": dice.choice([True, False])},
                {"username": ""},
                {"role": dice.choice(["teacher", "student", "parent"])},
            ]
        )
    else:
        course = dice.choice(pair.rows("courses"))["sourcedId"]
        ref = {"sourcedId": course, "type": "course"}
        changed |= dice.choice([{"title": f"T{dice.random()}"}, {"course": ref}, {"title": ""}])
    pair.put(collection, one, row, **changed)
