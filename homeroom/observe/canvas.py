"""Reads a Canvas root account: the roster always, the gradebook where it is asked for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from homeroom.observe.pages import ObservationError, Query, body, find, get, linked_pages, rows_of
from homeroom.oracle.canvas import (
    DELETED,
    Account,
    Assignment,
    CanvasWorld,
    Course,
    Enrollment,
    GradingPeriod,
    Override,
    Section,
    Submission,
    Term,
    User,
)
from homeroom.reference.transport import Transport

PER_PAGE = (("per_page", "100"),)
SEAT_STATES = ("active", "invited", "creation_pending", "rejected", "completed", "inactive")

AT_ONCE = 6
"""Requests under way at a time: Canvas answers one in a tenth of a second, and has patience."""

Row = Mapping[str, Any]
T = TypeVar("T")
R = TypeVar("R")


def observe_canvas(
    transport: Transport, account: int | str = 1, *, grades: bool = False
) -> CanvasWorld:
    """Read a root account through its REST API.

    Args:
        transport: Speaks to Canvas as an admin who may read SIS ids and grades.
        account: The root account.
        grades: Whether to read assignments, submissions and grading periods as well.
    """
    reader = _Reader(transport, f"/api/v1/accounts/{account}")
    root = reader.one(reader.account)
    courses = {row["id"]: _course(row) for row in reader.rows(f"{reader.account}/courses")}
    sections = {
        row["id"]: _section(row) for rows in _each(courses, reader.sections) for row in rows
    }
    seats = [row for rows in _each(courses, reader.seats) for row in rows]
    users = {
        row["id"]: row for row in reader.rows(f"{reader.account}/users", (("include[]", "email"),))
    }
    logins = reader.logins(users)
    return CanvasWorld(
        root=root["id"],
        accounts={row["id"]: _account(row) for row in (root, *reader.sub_accounts())},
        terms={row["id"]: _term(row) for row in reader.terms()},
        courses=courses,
        sections=sections,
        users={id_: _user(row, logins[id_]) for id_, row in users.items()},
        enrollments={row["id"]: _enrollment(row) for row in seats},
        **(_gradebook(reader, courses) if grades else {}),
    )


def _gradebook(reader: "_Reader", courses: Mapping[int, Course]) -> dict[str, Any]:
    assignments = {each.id: each for course in courses for each in reader.assignments(course)}
    published = {each.course for each in assignments.values() if each.published}
    return {
        "assignments": assignments,
        "submissions": tuple(each for course in published for each in reader.submissions(course)),
        "grading_periods": tuple(
            each for course in courses for each in reader.grading_periods(course)
        ),
    }


class _Reader:
    """The requests an observation is made of."""

    def __init__(self, transport: Transport, account: str) -> None:
        self._transport, self.account = transport, account

    def one(self, url: str) -> Row:
        row: Row = body(get(self._transport, url))
        return row

    def rows(self, url: str, query: Query = (), key: str | None = None) -> Iterator[Row]:
        for page in linked_pages(self._transport, url, (*query, *PER_PAGE)):
            yield from rows_of(page, key, url)

    def sub_accounts(self) -> Iterator[Row]:
        return self.rows(f"{self.account}/sub_accounts", (("recursive", "true"),))

    def terms(self) -> Iterator[Row]:
        return self.rows(f"{self.account}/terms", key="enrollment_terms")

    def sections(self, course: int) -> list[Row]:
        return list(self.rows(f"/api/v1/courses/{course}/sections"))

    def seats(self, course: int) -> list[Row]:
        query = tuple(("state[]", state) for state in SEAT_STATES)
        return list(self.rows(f"/api/v1/courses/{course}/enrollments", query))

    def logins(self, users: Iterable[int]) -> dict[int, list[Row]]:
        """Return each person's logins: the list of people tells none's state.

        The account's own list is asked first. Where it tells of the caller alone, as Instructure's
        Canvas does, or is not for this caller, people are asked for one by one.
        """
        of: defaultdict[int, list[Row]] = defaultdict(list)
        try:
            for row in self.rows(f"{self.account}/logins"):
                of[row["user_id"]].append(row)
        except ObservationError:
            of.clear()
        missing = [user for user in users if user not in of]
        for user, found in zip(missing, _each(missing, self._logins_of), strict=True):
            of[user] = found
        return of

    def _logins_of(self, user: int) -> list[Row]:
        return list(self.rows(f"/api/v1/users/{user}/logins"))

    def assignments(self, course: int) -> Iterator[Assignment]:
        base = f"/api/v1/courses/{course}"
        groups = {row["id"]: row for row in self.rows(f"{base}/assignment_groups")}
        query = (("include[]", "overrides"), ("override_assignment_dates", "false"))
        for row in self.rows(f"{base}/assignments", query):
            yield _assignment(row, course, groups.get(row["assignment_group_id"], {}))

    def submissions(self, course: int) -> Iterator[Submission]:
        query = (("student_ids[]", "all"),)
        for row in self.rows(f"/api/v1/courses/{course}/students/submissions", query):
            yield Submission(
                assignment=row["assignment_id"],
                user=row["user_id"],
                score=_points(row.get("score")),
                excused=bool(row.get("excused")),
                posted=row.get("posted_at") is not None,
            )

    def grading_periods(self, course: int) -> Iterator[GradingPeriod]:
        url = f"/api/v1/courses/{course}/grading_periods"
        if find(self._transport, url) is None:
            return
        for row in self.rows(url, key="grading_periods"):
            query = (("grading_period_id", str(row["id"])), ("type[]", "StudentEnrollment"))
            scores = self.rows(f"/api/v1/courses/{course}/enrollments", query)
            yield GradingPeriod(
                id=str(row["id"]),
                course=course,
                title=str(row["title"]),
                start=datetime.fromisoformat(row["start_date"]),
                end=datetime.fromisoformat(row["end_date"]),
                scores=tuple(_enrollment(each) for each in scores),
            )


def _each(items: Iterable[T], read: Callable[[T], R]) -> list[R]:
    """Read something of each item, a few at once, in the items' order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(read, items))


def _user(row: Row, logins: list[Row]) -> User:
    """Tell a person by their logins: the one with the SIS ID has login and state."""
    known = [each for each in logins if each.get("sis_user_id")] or logins
    login: Row = known[0] if known else {}
    return User(
        id=row["id"],
        sis_id=login.get("sis_user_id") or row.get("sis_user_id"),
        name=row["name"],
        login=login.get("unique_id") or row.get("login_id"),
        state=str(login.get("workflow_state") or ("active" if known else DELETED)),
        email=row.get("email") or None,
    )


def _account(row: Row) -> Account:
    return Account(
        id=row["id"],
        sis_id=row.get("sis_account_id"),
        name=row["name"],
        parent=row.get("parent_account_id"),
        state=str(row.get("workflow_state") or "active"),
    )


def _term(row: Row) -> Term:
    return Term(
        id=row["id"],
        sis_id=row.get("sis_term_id"),
        name=row["name"],
        start_at=_instant(row.get("start_at")),
        end_at=_instant(row.get("end_at")),
        state=str(row.get("workflow_state") or "active"),
        grading_period_group=row.get("grading_period_group_id"),
    )


def _course(row: Row) -> Course:
    return Course(
        id=row["id"],
        sis_id=row.get("sis_course_id"),
        name=row["name"],
        course_code=row.get("course_code"),
        account=row["account_id"],
        term=row["enrollment_term_id"],
        state=str(row["workflow_state"]),
    )


def _section(row: Row) -> Section:
    return Section(
        id=row["id"],
        sis_id=row.get("sis_section_id"),
        name=row["name"],
        course=row["course_id"],
        origin=row.get("nonxlist_course_id"),
    )


def _enrollment(row: Row) -> Enrollment:
    grades: Row = row.get("grades") or {}
    return Enrollment(
        id=row["id"],
        section=row["course_section_id"],
        user=row["user_id"],
        type=str(row["type"]),
        state=str(row["enrollment_state"]),
        start_at=_instant(row.get("start_at")),
        end_at=_instant(row.get("end_at")),
        final_score=_points(grades.get("final_score")),
        current_score=_points(grades.get("current_score")),
        unposted_final_score=_points(grades.get("unposted_final_score")),
        unposted_current_score=_points(grades.get("unposted_current_score")),
        override_score=_points(grades.get("override_score")),
    )


def _assignment(row: Row, course: int, group: Row) -> Assignment:
    return Assignment(
        id=row["id"],
        course=course,
        name=row["name"],
        group=str(group.get("name") or ""),
        group_id=group.get("id"),
        group_sis_id=group.get("sis_source_id") or None,
        points_possible=_points(row.get("points_possible")),
        due_at=_instant(row.get("due_at")),
        published=bool(row.get("published")),
        post_to_sis=bool(row.get("post_to_sis")),
        grading_type=str(row.get("grading_type") or "points"),
        submission_types=tuple(row.get("submission_types") or ()),
        only_visible_to_overrides=bool(row.get("only_visible_to_overrides")),
        overrides=tuple(_override(each) for each in row.get("overrides") or ()),
    )


def _override(row: Row) -> Override:
    return Override(
        section=row.get("course_section_id"),
        due_at=_instant(row.get("due_at")),
        sets_due_at="due_at" in row,
    )


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _points(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()
