"""Course grades: one line item for each class and grading period, worth 100."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid5

from homeroom.config import GradebookMode
from homeroom.reference.canvas.client import CanvasClient
from homeroom.reference.errors import RecordError, SyncError
from homeroom.reference.gradebook import mapping
from homeroom.reference.gradebook.book import Book, Outcome, Tools
from homeroom.reference.gradebook.mapping import GRADED, Score
from homeroom.reference.gradebook.match import NAMESPACE, Categories
from homeroom.reference.gradebook.snapshot import (
    GradingPeriod,
    Seat,
    get_grading_periods,
    get_seats,
    matches,
)
from homeroom.reference.oneroster.records import AcademicSession, ref_id

MAXIMUM = Decimal(100)


class Sessions:
    """The SIS's academic sessions, to find the grading period that one of Canvas's stands for."""

    def __init__(self, sessions: Iterable[AcademicSession]) -> None:
        self._sessions = {each.sourced_id: each for each in sessions if each.live}

    def find(self, term: str, period: GradingPeriod, starts: date) -> AcademicSession | None:
        """Find it by title, or by its first day, among those of a term; else of its school year."""
        alike = [
            each
            for _, each in sorted(self._sessions.items())
            if each.type == "gradingPeriod"
            and (each.title == period.title or (each.start_date or "")[:10] == starts.isoformat())
        ]
        around = set(self._lineage(term))
        for wanted in ({term}, around):
            for each in alike:
                if wanted & set(self._lineage(each.sourced_id)):
                    return each
        return None

    def _lineage(self, sourced_id: str) -> Iterator[str]:
        here = self._sessions.get(sourced_id)
        for _ in range(len(self._sessions)):
            if here is None:
                return
            yield here.sourced_id
            here = self._sessions.get(ref_id(here.parent) or "")


class CourseGrades:
    """Passes one course's grades back, for each grading period that has begun."""

    def __init__(
        self,
        tools: Tools,
        canvas: CanvasClient,
        categories: Categories,
        sessions: Sessions,
        terms: Mapping[str, str],
    ) -> None:
        self._tools, self._canvas, self._categories = tools, canvas, categories
        self._sessions, self._terms = sessions, terms
        self._zone = tools.settings.service.zone

    def run(self, course: Mapping[str, Any], book: Book, sections: Iterable[str]) -> list[Outcome]:
        """Pass a course's grades back; a grading period the SIS does not know is told."""
        chosen = list(sections)
        outcomes: list[Outcome] = []
        sis_term = str((course.get("term") or {}).get("sis_term_id") or "")
        for period in get_grading_periods(self._canvas, course["id"]):
            if period.start_date > self._tools.settings.now:
                continue
            starts = period.start_date.astimezone(self._zone).date()
            session = self._sessions.find(self._terms.get(sis_term, sis_term), period, starts)
            classes: defaultdict[str, list[Seat]] = defaultdict(list)
            for seat in get_seats(self._canvas, course["id"], str(period.id)):
                wanted = matches(chosen, seat.course_section_id, seat.sis_section_id)
                if seat.counts and seat.sis_section_id and wanted:
                    classes[seat.sis_section_id].append(seat)
            for class_id, seats in classes.items():
                outcomes += self._class(course["id"], class_id, period, session, seats, book)
            if classes:
                book.save()
        return outcomes

    def _class(
        self,
        course: int,
        class_id: str,
        period: GradingPeriod,
        session: AcademicSession | None,
        seats: list[Seat],
        book: Book,
    ) -> Iterator[Outcome]:
        choices = self._tools.settings.choices
        scores: dict[str, Score | None] = {}
        for seat in seats:
            points = mapping.to_course_score(
                seat.grades, choices.course_grade, choices.unposted_grades
            )
            if points is not None:
                scores[seat.sis_user_id or ""] = Score(points, GRADED, None)
        if not scores:
            return
        outcome = Outcome(course=course, section=class_id, title=f"Course grade {period.title}")
        yield outcome
        try:
            body, day = self._line_item(class_id, period, session)
            key = f"course grade/{class_id}/{body['gradingPeriod']['sourcedId']}"
            id_ = str(uuid5(NAMESPACE, key))
            if choices.gradebook_mode is not GradebookMode.MODIFIED:
                body = {"sourcedId": id_, **body}
            bond = book.put_line_item(key, id_, body, day)
        except SyncError as error:
            outcome.refuse(error)
            return
        book.put_results(bond, class_id, scores, outcome)
        if outcome.status != "failed" and (outcome.sent or outcome.cleared):
            outcome.status = "synced"

    def _line_item(
        self, class_id: str, period: GradingPeriod, session: AcademicSession | None
    ) -> tuple[dict[str, Any], date]:
        if session is None or not session.end_date:
            raise RecordError(
                class_id,
                "gradingPeriod",
                f"the SIS has no grading period that is called {period.title} or begins that day",
                "name the grading periods alike on both sides",
            )
        wanted = self._tools.settings.service.course_grade_category
        usable = [each for each in self._categories.usable(class_id) if wanted in {"", each.title}]
        if not usable:
            raise RecordError(
                class_id, "category", f"none fits course grades ({wanted or 'any'})", "add one"
            )
        day = date.fromisoformat(session.end_date[:10])
        at = f"{day}T00:00:00.000Z"
        body = {
            "status": "active",
            "title": f"Course grade {period.title}",
            "assignDate": f"{(session.start_date or session.end_date)[:10]}T00:00:00.000Z",
            "dueDate": at,
            "class": {"sourcedId": class_id, "type": "class"},
            "category": {"sourcedId": usable[0].sourced_id, "type": "category"},
            "gradingPeriod": {"sourcedId": session.sourced_id, "type": "academicSession"},
            "resultValueMin": 0,
            "resultValueMax": mapping.number(MAXIMUM),
        }
        return body, day
