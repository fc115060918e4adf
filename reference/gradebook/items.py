"""What a course has for the SIS gradebook: its assignments, and its grades by grading period."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from homeroom.reference.errors import RecordError
from homeroom.reference.gradebook import mapping
from homeroom.reference.gradebook.book import Book, Item, Outcome, Scores, Tools
from homeroom.reference.gradebook.match import Categories, Sessions, find_period
from homeroom.reference.gradebook.snapshot import Assignment, Seat, Snapshot, Submission
from homeroom.reference.oneroster.records import AcademicSession

Submissions = Mapping[tuple[int, int], Submission]


class Items:
    """Makes line items, with their scores, of what Canvas holds."""

    def __init__(self, tools: Tools, snapshot: Snapshot, sections: Collection[str]) -> None:
        self._snapshot, self._sections = snapshot, sections
        self._settings, self._service = tools.settings, tools.settings.service
        self._categories = Categories(tools.client.get_categories())

    def chosen(self, canvas_id: int, sis_id: str | None) -> bool:
        """Whether a section of the SIS is one to sync."""
        return bool(sis_id) and (not self._sections or str(canvas_id) in self._sections)

    def of_assignments(
        self, course: int, assignments: Iterable[Assignment], book: Book, outcomes: list[Outcome]
    ) -> Iterator[Item]:
        """Yield the course's assignments, each once for every class it is given to."""
        seats: defaultdict[str | None, list[Seat]] = defaultdict(list)
        for seat in self._snapshot.get_seats(course):
            seats[seat.sis_section_id].append(seat)
        submissions = self._snapshot.get_submissions(course)
        for assignment in assignments:
            for section in assignment.sections:
                if not self.chosen(section.id, section.sis_id):
                    continue
                class_id, group = section.sis_id or "", assignment.assignment_group
                outcome = Outcome(course=course, section=class_id, title=assignment.name)
                outcome.assignment, outcome.section_name = assignment.id, section.name
                outcomes.append(outcome)
                tied = f"{group.id}/{class_id}"
                try:
                    due_at = mapping.due_date(assignment, section, self._service.title_limit)
                    known = book.stored.categories.get(tied)
                    category = self._categories.find(group, class_id, known)
                except RecordError as error:
                    outcome.refuse(error)
                    continue
                book.stored.categories[tied] = category
                opens = assignment.unlock_at or assignment.created_at or due_at
                maximum = assignment.points_possible or Decimal(0)
                about = assignment.name, class_id, category
                body = mapping.to_line_item(*about, opens, due_at, maximum)
                scores = self._scores(assignment.id, seats[class_id], submissions, outcome)
                key = f"{course}/{assignment.id}/{class_id}"
                yield Item(key, body, maximum, scores, outcome)

    def _scores(
        self, assignment: int, seats: list[Seat], submissions: Submissions, outcome: Outcome
    ) -> Scores:
        scores: dict[str, mapping.Score | None] = {}
        marked = self._service.late_marks == "comment"
        for seat in seats:
            submission = submissions.get((assignment, seat.user_id))
            found = mapping.to_score(submission, self._settings.choices, marked=marked)
            if not seat.sis_user_id or not seat.sis_import_id:
                found = "students whom the SIS did not put in this class"
            who = seat.sis_user_id or f"Canvas user {seat.user_id}"
            if isinstance(found, str):
                outcome.skipped.setdefault(found, []).append(who)
            else:
                scores[who] = found
        return scores

    def of_course_grades(
        self, course: Mapping[str, Any], sessions: Sessions, term: str, outcomes: list[Outcome]
    ) -> Iterator[Item]:
        """Yield a course's grades in each grading period that has begun, once for every class."""
        for period in self._snapshot.get_grading_periods(course["id"]):
            if period.start_date > self._settings.now:
                continue
            classes: defaultdict[str, dict[str, mapping.Score | None]] = defaultdict(dict)
            for seat in self._snapshot.get_seats(course["id"], period.id):
                ours = self.chosen(seat.course_section_id, seat.sis_section_id)
                if ours and seat.sis_user_id and seat.sis_import_id:
                    score = mapping.to_course_score(seat.grades, self._settings.choices)
                    classes[seat.sis_section_id or ""][seat.sis_user_id] = score
            for class_id, scores in classes.items():
                if not any(scores.values()):
                    continue
                title = f"Course grade {period.title}"
                outcome = Outcome(course=course["id"], section=class_id, title=title)
                outcomes.append(outcome)
                try:
                    starts = period.start_date.astimezone(self._service.zone).date()
                    session = find_period(period, starts, term, sessions)
                    body = self._course_grade(class_id, title, session)
                except RecordError as error:
                    outcome.refuse(error)
                    continue
                key = f"course grade/{class_id}/{session.sourced_id}"
                yield Item(key, body, Decimal(100), scores, outcome)

    def _course_grade(self, class_id: str, title: str, session: AcademicSession) -> dict[str, Any]:
        """Put a course grade in a class's gradebook: worth 100, due on the period's last day."""
        wanted, usable = self._service.course_grade_category, self._categories.usable(class_id)
        category = next((c.sourced_id for c in usable if wanted in {"", c.title}), None)
        if category is None:
            told = f"of course grades ({wanted or 'any'}) is not in the SIS for this class"
            raise RecordError(class_id, "category", told, "add it in the SIS")
        if not session.end_date:
            raise RecordError(session.sourced_id, "grading period", "has no last day in the SIS")
        last = datetime.fromisoformat(session.end_date[:10]).replace(tzinfo=UTC)
        body = mapping.to_line_item(title, class_id, category, last, last, Decimal(100))
        period = {"sourcedId": session.sourced_id, "type": "academicSession"}
        return {**body, "gradingPeriod": period}
