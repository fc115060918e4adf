"""students/submissions: the submissions of several students to several assignments.

Source: canvas-rest-api.md 7.3. Grouped lists page by student, others by submission.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from homeroom.mocks.canvas import auth, errors, ids, params
from homeroom.mocks.canvas.gradebook.seats import state_by_date
from homeroom.mocks.canvas.operations.submissions import Room
from homeroom.mocks.canvas.pagination import bookmarked, paged
from homeroom.mocks.canvas.shapes.common import number, when
from homeroom.mocks.canvas.store import Assignment, Enrollment, GradingPeriod, Submission
from homeroom.mocks.harness.request import Answer, VendorError

_STATES = {"active": "active", "concluded": "completed"}
# Without enrollment_state it is everybody who is not deleted.
_ALL_STATES = frozenset({"active", "invited", "creation_pending", "completed", "inactive"})
_SeatTest = Callable[[Enrollment], bool]
_Test = Callable[[Assignment, Submission], bool]


async def list_course_student_submissions(course_id: str) -> Answer:
    """Answer listCourseStudentSubmissions."""
    return _answer(Room(course_id=course_id))


async def list_section_student_submissions(section_id: str) -> Answer:
    """Answer listSectionStudentSubmissions."""
    return _answer(Room(section_id=section_id))


def _answer(room: Room) -> Answer:
    since = {name: _since(name) for name in ("submitted_since", "graded_since")}
    only_sis = params.flag("post_to_sis")
    students = _students(room, only_sis=only_sis)
    assignments = _assignments(room, only_sis=only_sis)
    tests = _tests(room, since)
    if params.text("grouped") is not None:
        return _grouped(room, students, assignments, tests)
    return _ungrouped(room, students, assignments, tests)


def _since(name: str) -> datetime | None:
    text = params.text(name)
    if text is None:
        return None
    at = params.to_whole_instant(text)
    if at is None:
        raise VendorError(400, {"errors": {name: f"Invalid datetime for {name}"}})
    return at


# -- who and what ---------------------------------------------------------------------------------


def _students(room: Room, *, only_sis: bool) -> dict[int, Enrollment]:
    wanted_seat = _seat_test(room)
    named = params.texts("student_ids")
    limit: int = room.world.settings["per_page_max"]
    everybody = "all" in named
    if not everybody and len(named) > limit:
        raise errors.bad_error("too many students")
    if not room.sees.all_grades:
        own = room.own_students()
        named = [one for one in named if one != "all"]
        if not _found(room, named) <= own:
            raise auth.not_permitted()
        if everybody:
            named = [str(one) for one in room.students(_ALL_STATES) if one in own]
        everybody = False
    found = _seated(room, wanted_seat)
    if not everybody:
        wanted = _named_students(room, named)
        found = {user_id: seat for user_id, seat in found.items() if user_id in wanted}
    if only_sis:
        # Students whom no import enrolled are not the SIS's: they vanish.
        found = {
            user_id: seat
            for user_id, seat in found.items()
            if any(
                one.sis_batch_id is not None and wanted_seat(one)
                for one in room.book.seats(user_id)
            )
        }
    return found


def _seat_test(room: Room) -> _SeatTest:
    """Return which seats count by `enrollment_state`, in effect by date unless told otherwise."""
    asked = params.text("enrollment_state")
    if asked is None:
        return lambda seat: seat.workflow_state in _ALL_STATES
    if asked not in _STATES:
        raise errors.bad_error("invalid enrollment_state")
    wanted = _STATES[asked]
    if not params.flag("state_based_on_date", default=True):
        return lambda seat: seat.workflow_state == wanted
    store, now = room.world.store, room.world.now()
    return lambda seat: state_by_date(store, seat, now) == wanted


def _seated(room: Room, wanted: _SeatTest) -> dict[int, Enrollment]:
    """Return the room's students with a seat that counts, each with the best of these."""
    found: dict[int, Enrollment] = {}
    for user_id in room.students(_ALL_STATES):
        seat = next((one for one in room.seats(user_id) if wanted(one)), None)
        if seat is not None:
            found[user_id] = seat
    return found


def _named_students(room: Room, named: list[str]) -> set[int]:
    wanted = _found(room, named) or _found(room, ["self"])
    if not wanted <= room.students(_ALL_STATES).keys():
        raise auth.not_permitted()
    return wanted


def _found(room: Room, named: list[str]) -> set[int]:
    """Return the users of ids; an SIS id that finds nobody is left out, a number is not."""
    found = {one: ids.user_of(room.world, one) for one in named}
    return {
        user.id if user is not None else 0
        for one, user in found.items()
        if user is not None or one.isdecimal()
    }


def _assignments(room: Room, *, only_sis: bool) -> list[Assignment]:
    # What is not flagged for the SIS is as unknown to a request for flagged ones as what is none.
    published = [
        one
        for one in room.course.assignments
        if one.workflow_state == "published" and (one.post_to_sis or not only_sis)
    ]
    named = params.texts("assignment_ids")
    if named:
        wanted = [ids.assignment_of(room.world, one, room.course) for one in named]
        known = {one.id for one in published}
        if any(one is None or one.id not in known for one in wanted):
            raise errors.bad_error("invalid assignment ids requested", 403)
        wanted_ids = {one.id for one in wanted if one is not None}
        published = [one for one in published if one.id in wanted_ids]
    return sorted(published, key=lambda one: one.id)


def _tests(room: Room, since: dict[str, datetime | None]) -> list[_Test]:
    tests: list[_Test] = []
    submitted, graded = since["submitted_since"], since["graded_since"]
    if submitted is not None:
        tests.append(lambda _, one: one.submitted_at is not None and one.submitted_at > submitted)
    if graded is not None:
        tests.append(lambda _, one: one.graded_at is not None and one.graded_at > graded)
    state = params.text("workflow_state")
    if state is not None:
        tests.append(lambda _, one: one.workflow_state == state)
    period = _period(room)
    if period is not None:
        tests.append(lambda assignment, one: room.book.period(assignment, one.user_id) is period)
    return tests


def _period(room: Room) -> GradingPeriod | None:
    asked = params.text("grading_period_id")
    if asked is None or asked == "0":
        return None
    for period in room.book.periods:
        if str(period.id) == asked:
            return period
    raise errors.not_found()


def _submission(room: Room, assignment: Assignment, user_id: int) -> Submission | None:
    if not room.book.dates(assignment, user_id).assigned:
        return None
    return room.book.find_submission(assignment, user_id)


def _matching(
    room: Room, user_id: int, assignments: list[Assignment], tests: list[_Test]
) -> list[tuple[Assignment, Submission]]:
    found: list[tuple[Assignment, Submission]] = []
    for assignment in assignments:
        submission = _submission(room, assignment, user_id)
        if submission is not None and all(test(assignment, submission) for test in tests):
            found.append((assignment, submission))
    return found


# -- the two forms --------------------------------------------------------------------------------


def _grouped(
    room: Room,
    students: dict[int, Enrollment],
    assignments: list[Assignment],
    tests: list[_Test],
) -> Answer:
    include = {*params.texts("include"), "has_postable_comments"}

    def show(user_id: int) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "user_id": user_id,
            "section_id": students[user_id].section_id,
            "submissions": [
                room.json(assignment, submission, include)
                for assignment, submission in _matching(room, user_id, assignments, tests)
            ],
        }
        if room.sees.reads_sis:
            login = room.world.store.pseudonym_of(room.world.store.users.get(user_id))
            shown["integration_id"] = None if login is None else login.integration_id
            shown["sis_user_id"] = None if login is None else login.sis_user_id
        if "total_scores" in include:
            scores = room.book.scores(user_id, _period(room))
            shown |= {
                "computed_final_score": number(scores.final),
                "computed_current_score": number(scores.current),
                "unposted_final_score": number(scores.unposted_final),
                "unposted_current_score": number(scores.unposted_current),
            }
        return shown

    return paged(list(students), show)


def _ungrouped(
    room: Room,
    students: dict[int, Enrollment],
    assignments: list[Assignment],
    tests: list[_Test],
) -> Answer:
    include = params.texts("include")
    by_time = params.text("order") == "graded_at"
    descending = params.text("order_direction") == "descending"
    if not tests and not by_time:
        # Ids grow with assignment, then student: rows are made for the page alone.
        pairs = [(one, user_id) for one in assignments for user_id in students
                 if room.book.dates(one, user_id).assigned]  # fmt: skip

        def show_pair(pair: tuple[Assignment, int]) -> dict[str, Any]:
            submission = room.book.find_submission(*pair)
            assert submission is not None  # noqa: S101 -- it is assigned
            return room.json(pair[0], submission, include)

        if descending:
            return paged(pairs[::-1], show_pair, counted=False)
        sid = room.world.store.submission_id
        return bookmarked(pairs, show_pair, key=lambda pair: (sid(pair[0].id, pair[1]),))

    rows = [row for user_id in students for row in _matching(room, user_id, assignments, tests)]

    def key(row: tuple[Assignment, Submission]) -> tuple[Any, ...]:
        graded_at = when(row[1].graded_at) or ""
        return (graded_at, row[1].id) if by_time else (row[1].id,)

    def show(row: tuple[Assignment, Submission]) -> dict[str, Any]:
        return room.json(row[0], row[1], include)

    rows.sort(key=key, reverse=descending)
    if descending:
        return paged(rows, show, counted=False)
    return bookmarked(rows, show, key=key)
