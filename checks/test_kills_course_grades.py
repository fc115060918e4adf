"""R1 for the report card: killed anywhere, a sync of course grades leaves each of them once.

Course grades are line items of their own, one for each class and grading period, and their ids are
made by us, or in Modified mode by the SIS: then nothing but the SIS itself knows of one whose
answer was lost. The syncs that are killed: the first of a grading period, and one after a teacher
has graded on and overridden a course grade.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.kill_stage import CLASSES, PEOPLE, Stage, Undisturbed
from checks.killing import Kill
from checks.support import Up
from checks.worlds import focus
from homeroom.features.histories.calendar import PERIODS, QUARTER_1, QUARTER_2

SYNCS = ("first sync", "second sync")
TITLE = f"Course grade {QUARTER_1}"
MODIFIED = '[subject.choices]\ngradebook_mode = "modified"\n'


class ReportCard(Stage):
    """The small school with quarters in Canvas, under one mode of the gradebook."""

    def __init__(self, up: Up, folder: Path, mode: str) -> None:
        self.mode = mode
        super().__init__(up, folder)
        self.undisturbed = self.report_card()

    def _plant(self) -> None:
        super()._plant()
        self.space.focus_settings(gradebook_mode=self.mode)

    def _grade(self) -> None:
        found = self.room.call("GET", "accounts/1/terms?per_page=100")["enrollment_terms"]
        periods = [
            {
                "title": title,
                "start_date": f"{self.calendar.day(PERIODS[title].first)}T04:00:00Z",
                "end_date": f"{self.calendar.day(PERIODS[title].last + 1)}T03:59:00Z",
                "close_date": f"{self.calendar.day(PERIODS[title].last + 6)}T03:59:00Z",
            }
            for title in (QUARTER_1, QUARTER_2)
        ]
        terms = [term["id"] for term in found if term.get("sis_term_id")]
        self.space.grading_periods(periods, title="Quarters", terms=terms)
        super()._grade()
        # A second course, taught by somebody else.
        course = self.room.course_of(self.school.id("classes", CLASSES[2]))
        self.room.publish(course)
        due = datetime(2026, 9, 4, 15, tzinfo=UTC)
        self.work["Cells"] = (course, self.room.assignment(course, "Cells", due_at=due, points=10))
        self._scores("Cells", 6.5)

    def _grade_on(self) -> None:
        super()._grade_on()
        class_ = self.school.id("classes", CLASSES[0])
        course = self.work["Chapter 1"][0]
        periods = self.room.call("GET", f"courses/{course}/grading_periods")["grading_periods"]
        (quarter,) = (str(each["id"]) for each in periods if each["title"] == QUARTER_1)
        ben = self.school.id("users", PEOPLE[1])
        self.room.override_course_grade(class_, ben, 99, quarter)

    def report_card(self) -> dict[tuple[str, str], list[float]]:
        """Return every course grade in the SIS by class and student, each as often as it stands."""
        document = self.space.document
        items = focus(document, "/lineItems?limit=1000").json()["lineItems"]
        ours = {
            each["sourcedId"]: each["class"]["sourcedId"]
            for each in items
            if each["title"] == TITLE and each["status"] == "active"
        }
        assert len(ours) == len(set(ours.values())), "a class has two"
        found: dict[tuple[str, str], list[float]] = {}
        for row in focus(document, "/results?limit=1000").json()["results"]:
            class_ = ours.get(row["lineItem"]["sourcedId"])
            if class_ is not None and row["status"] == "active":
                found.setdefault((class_, row["student"]["sourcedId"]), []).append(row["score"])
        return found


# In Standard mode a retry is the same write by its id; test_kills has that for assignments.
MODES = [pytest.param("standard", marks=pytest.mark.long), "modified"]


@pytest.fixture(scope="module", params=MODES)
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ReportCard]:
    folder = tmp_path_factory.mktemp(f"report card {request.param}")
    with pytest.MonkeyPatch.context() as patch, Up("--district", "empty") as up:
        if request.param == "modified":
            (folder / "homeroom.toml").write_text(MODIFIED, encoding="utf-8")
        patch.chdir(folder)
        made = ReportCard(up, folder, request.param)
        yield made
        made.close()


def _of_course_grades(was: Undisturbed) -> list[int]:
    """Tell which requests are writes of course grades: in each course they come last."""
    begin = max(n for n, each in enumerate(was.requests, 1) if "academicSessions" in each)
    return [number for number in was.writes if number > begin]


def test_the_syncs_that_are_killed_do_send_course_grades(stage: ReportCard) -> None:
    """What the others rest on: left alone, each class has one and each student's is right."""
    school, found = stage.school, stage.undisturbed
    for class_, person, score in (
        (CLASSES[0], PEOPLE[0], 96.67),
        (CLASSES[0], PEOPLE[1], 99.0),  # her teacher's own word
        (CLASSES[2], PEOPLE[0], 65.0),
    ):
        assert found[school.id("classes", class_), school.id("users", person)] == [score]
    assert all(len(scores) == 1 for scores in found.values())
    for name in SYNCS:
        assert len(_of_course_grades(stage.runs[name])) >= 2


@pytest.mark.parametrize("sync", SYNCS)
def test_killed_around_course_grades_a_sync_starts_again_and_none_is_lost_or_doubled(
    stage: ReportCard, sync: str
) -> None:
    writes = _of_course_grades(stage.runs[sync])
    for kill in (Kill(after_request=writes[0]), Kill(after_request=writes[-1])):
        stage.kill(sync, kill)
    if sync == SYNCS[-1]:
        assert stage.report_card() == stage.undisturbed


@pytest.mark.long
@pytest.mark.parametrize("sync", SYNCS)
def test_killed_before_and_after_every_request_no_course_grade_is_lost_or_doubled(
    stage: ReportCard, sync: str
) -> None:
    for number in range(1, len(stage.runs[sync].requests) + 1):
        stage.kill(sync, Kill(before_request=number))
        stage.kill(sync, Kill(after_request=number))
