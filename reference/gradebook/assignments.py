"""Steps 2 to 9 for one course: assignments and their scores."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from homeroom.reference.canvas.client import CanvasClient
from homeroom.reference.errors import RecordError, SyncError
from homeroom.reference.gradebook import mapping
from homeroom.reference.gradebook.book import Bond, Book, Outcome, Tools
from homeroom.reference.gradebook.match import Categories, line_item_id
from homeroom.reference.gradebook.snapshot import (
    Assignment,
    Seat,
    Section,
    Submission,
    get_seats,
    get_submissions,
    matches,
)

Pair = tuple[Assignment, Section, Outcome]
ONE = Decimal(1)


class CourseSync:
    """One course's assignments on their way into the SIS gradebook."""

    def __init__(
        self,
        tools: Tools,
        canvas: CanvasClient,
        categories: Categories,
        book: Book,
        sections: Collection[str],
    ) -> None:
        self._tools, self._canvas, self._categories, self._book = tools, canvas, categories, book
        self._sections = sections

    def run(self, course: int, assignments: list[Assignment]) -> list[Outcome]:
        """Pass a course's assignments back; what fails stops nothing else."""
        pairs = list(self._pairs(course, assignments))
        outcomes = [outcome for _, _, outcome in pairs]
        eligible = [pair for pair in pairs if pair[2].status != "failed"]
        if not eligible:
            return outcomes
        seats: defaultdict[str, list[Seat]] = defaultdict(list)
        for seat in get_seats(self._canvas, course):
            seats[seat.sis_section_id or ""].append(seat)
        submissions = get_submissions(self._canvas, course)
        bound: list[tuple[Pair, Bond]] = []
        for pair in eligible:
            bond = self._line_item(*pair)
            if bond is not None:
                bound.append((pair, bond))
        self._book.save()
        for (assignment, section, outcome), bond in bound:
            theirs = submissions.get(assignment.id, {})
            self._results(assignment, bond, seats[section.sis_id or ""], theirs, outcome)
            self._book.save()
        self._tell_canvas(assignments, pairs, bound)
        return outcomes

    def _pairs(self, course: int, assignments: list[Assignment]) -> Iterator[Pair]:
        for assignment in assignments:
            for section in assignment.sections:
                if not section.sis_id or not matches(self._sections, section.id, section.sis_id):
                    continue
                outcome = Outcome(
                    course=course,
                    section=section.sis_id,
                    title=assignment.name,
                    assignment=assignment.id,
                )
                try:
                    mapping.refuse_ineligible(assignment, self._tools.settings.service.title_limit)
                    mapping.due_date(assignment, section)
                except RecordError as error:
                    outcome.refuse(error)
                yield assignment, section, outcome

    def _line_item(self, assignment: Assignment, section: Section, outcome: Outcome) -> Bond | None:
        class_id = section.sis_id or ""
        stored = self._book.stored
        tied = f"{assignment.assignment_group.id}/{class_id}"
        try:
            category = self._categories.find(
                assignment.assignment_group, class_id, stored.categories.get(tied)
            )
            due_at = mapping.due_date(assignment, section)
            id_ = line_item_id(assignment, section)
            mode = self._tools.settings.choices.gradebook_mode
            body = mapping.to_line_item(id_, assignment, section, category, due_at, mode)
            day = due_at.astimezone(self._tools.settings.service.zone).date()
            bond = self._book.put_line_item(f"{assignment.id}/{class_id}", id_, body, day)
        except SyncError as error:
            outcome.refuse(error)
            return None
        stored.categories[tied] = category
        return bond

    def _results(
        self,
        assignment: Assignment,
        bond: Bond,
        seats: list[Seat],
        submissions: Mapping[int, Submission],
        outcome: Outcome,
    ) -> None:
        skipped: Counter[str] = Counter()
        points = assignment.points_possible
        scale = bond.maximum / points if points and bond.maximum else ONE
        unposted = self._tools.settings.choices.unposted_grades
        scores = {}
        for seat in seats:
            if not seat.counts:
                skipped["students whom the SIS did not put in this class"] += 1
                continue
            submission = submissions.get(seat.user_id)
            before = skipped.total()
            score = mapping.to_score(submission, scale, unposted, skipped)
            if score is not None or skipped.total() == before:
                scores[seat.sis_user_id or ""] = score
        outcome.skipped = dict(skipped)
        self._book.put_results(bond, outcome.section, scores, outcome)
        if outcome.status != "failed" and (outcome.sent or outcome.cleared):
            outcome.status = "synced"

    def _tell_canvas(
        self, assignments: list[Assignment], pairs: list[Pair], bound: list[tuple[Pair, Bond]]
    ) -> None:
        """Step 9, Update Sync Time: for what went through whole, and only when something did."""
        for assignment in assignments:
            outcomes = [outcome for each, _, outcome in pairs if each.id == assignment.id]
            data = assignment.integration_data or {}
            news = any(outcome.status == "synced" for outcome in outcomes) or "sis_sync" not in data
            if not outcomes or not news or any(each.status == "failed" for each in outcomes):
                continue
            items = {
                pair[2].section: bond.line_item
                for pair, bond in bound
                if pair[0].id == assignment.id
            }
            synced = {"synced_at": mapping.wire(self._tools.settings.now), "line_items": items}
            try:
                self._canvas.put_integration_data(
                    assignment.course_id, assignment.id, {**data, "sis_sync": synced}
                )
            except SyncError as error:
                outcomes[0].refuse(error)
