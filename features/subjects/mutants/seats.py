"""Mutants about seats: who sits in which section, in what role, from when to when."""

import json
from collections.abc import Callable
from datetime import datetime

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, rows_of
from homeroom.reference.transport import Response


class LosesASeat(Wire):
    """Leaves out the last person of the enrollments, as an off-by-one does."""

    kills = ("PRV-ENR-01", "PRV-ENR-02")

    def files(self, files: Files) -> Files:
        last = max((row["user_id"] for row in files.get("enrollments", ())), default="")
        return rows_of(files, "enrollments", lambda row: None if row["user_id"] == last else row)


class MakesTeachersAides(Wire):
    """Seats teachers as teaching assistants."""

    kills = ("PRV-ENR-02", "PRV-ENR-17")

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "enrollments",
            lambda row: row | {"role": "ta"} if row["role"] == "teacher" else row,
        )


class SeatsByAccountRole(Wire):
    """Takes the role of the account for the role of the seat."""

    kills = ("PRV-ENR-17",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._roles: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users":
            self._roles[record["sourcedId"]] = record.get("role") or ""
        return record

    def files(self, files: Files) -> Files:
        known = {"student": "student", "teacher": "teacher", "aide": "ta"}
        return rows_of(
            files,
            "enrollments",
            lambda row: row | {"role": known.get(self._roles.get(row["user_id"], ""), row["role"])},
        )


class ForgetsCoTeachers(Wire):
    """Seats one teacher a section."""

    kills = ("PRV-ENR-03",)

    def record(self, collection: str, record: Body) -> Body:
        other = record.get("role") == "teacher" and str(record.get("primary")).lower() != "true"
        if collection == "enrollments" and other:
            return record | {"status": "tobedeleted"}
        return record


class ForgetsDates(Wire):
    """Seats everybody for the whole term."""

    kills = ("PRV-ENR-04", "PRV-RUN-05")

    def files(self, files: Files) -> Files:
        return rows_of(files, "enrollments", lambda row: row | {"start_date": "", "end_date": ""})


class ForgetsWhenHelpersLeave(Wire):
    """Gives the seats of aides a first day and no last."""

    kills = ("PRV-RUN-05",)

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "enrollments",
            lambda row: row | {"end_date": ""} if row["role"] == "ta" else row,
        )


class SwapsDayAndMonth(Wire):
    """Reads the fifth of August as the eighth of May."""

    kills = ("PRV-ENR-04", "PRV-RUN-05")

    def files(self, files: Files) -> Files:
        def swapped(text: str) -> str:
            at = datetime.fromisoformat(text) if text else None
            turned = at.replace(month=at.day, day=at.month) if at and at.day <= 12 else at
            return turned.isoformat() if turned else ""

        def change(row: Row) -> Row:
            return row | {
                "start_date": swapped(row["start_date"]),
                "end_date": swapped(row["end_date"]),
            }

        return rows_of(files, "enrollments", change)


class WantsAnEndDate(Wire):
    """Leaves out seats whose end is open."""

    kills = ("PRV-ENR-05",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and not record.get("endDate"):
            return record | {"status": "tobedeleted"}
        return record


class KeepsEndedSeats(Wire):
    """Leaves seats active when they end."""

    kills = ("PRV-ENR-06", "PRV-ENR-14")

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "enrollments",
            lambda row: row | {"status": "active"} if row["status"] == "inactive" else row,
        )


class DeletesEndedSeats(Wire):
    """Deletes seats that ended, and with them the way to their grades, against its word."""

    kills = ("PRV-ENR-06", "PRV-ENR-14")

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "enrollments",
            lambda row: row | {"status": "deleted"} if row["status"] == "inactive" else row,
        )


class KeepsRemovedSeats(Wire):
    """Never takes a seat away."""

    kills = ("PRV-ENR-07", "PRV-ENR-18")

    def files(self, files: Files) -> Files:
        return rows_of(
            files, "enrollments", lambda row: None if row["status"] == "deleted" else row
        )


class ConcludesRemovedSeats(Wire):
    """Concludes the seats it said it would delete."""

    kills = ("PRV-ENR-07",)

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "enrollments",
            lambda row: row | {"status": "completed"} if row["status"] == "deleted" else row,
        )


class ReadsNoStatus(Wire):
    """Takes rows marked tobedeleted for live ones."""

    kills = ("PRV-ENR-07", "PRV-ENR-15", "PRV-USR-06")

    def record(self, collection: str, record: Body) -> Body:
        return record | {"status": "active"}


class ReadsNoStatusAtFirst(Wire):
    """Takes a pupil's row that arrives tobedeleted for a live one, until it comes again."""

    kills = ("PRV-ENR-15",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and record.get("role") == "student":
            return record | {"status": "active"} if self.is_new(record["sourcedId"]) else record
        return record


class LeavesMoversInBoth(Wire):
    """Takes one change of a person a night: who moves gets the new seat and keeps the old."""

    kills = ("PRV-ENR-18",)

    def files(self, files: Files) -> Files:
        comes = {
            row["user_id"] for row in files.get("enrollments", ()) if row["status"] == "active"
        }
        return rows_of(
            files,
            "enrollments",
            lambda row: None if row["status"] == "deleted" and row["user_id"] in comes else row,
        )


class KnowsRowsByTheirIds(Wire):
    """Compares rows by their own id, so that one edited to name another class leaves a seat."""

    kills = ("PRV-ENR-18",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._rows = self._memory.with_name("rows.json")
        self._before = json.loads(self._rows.read_text()) if self._rows.exists() else {}
        self._now: dict[str, list[str]] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and record.get("class") and record.get("user"):
            place = [record["class"]["sourcedId"], record["user"]["sourcedId"]]
            self._now[record["sourcedId"]] = place
        return record

    def files(self, files: Files) -> Files:
        left = [place for id_, place in self._before.items() if self._now.get(id_, place) != place]

        def is_left(row: Row) -> bool:
            return row["status"] == "deleted" and [row["section_id"], row["user_id"]] in left

        return rows_of(files, "enrollments", lambda row: None if is_left(row) else row)

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        if self._now:
            self._rows.write_text(json.dumps({**self._before, **self._now}))
        return exit_code


class KeepsTheFormerRole(Wire):
    """Gives a person the new role in a class and leaves them the old one."""

    kills = ("PRV-ENR-17",)

    def files(self, files: Files) -> Files:
        rows = files.get("enrollments", ())
        seated = {(row["section_id"], row["user_id"]) for row in rows if row["status"] == "active"}

        def is_former(row: Row) -> bool:
            return row["status"] == "deleted" and (row["section_id"], row["user_id"]) in seated

        return rows_of(files, "enrollments", lambda row: None if is_former(row) else row)


class WaitsForTheFirstDay(Wire):
    """Leaves out seats that begin in the future."""

    kills = ("PRV-ENR-13",)

    def files(self, files: Files) -> Files:
        now = datetime.fromisoformat(self.now)

        def begun(row: Row) -> bool:
            return not row["start_date"] or datetime.fromisoformat(row["start_date"]) <= now

        return rows_of(files, "enrollments", lambda row: row if begun(row) else None)


class NeverSeatsAgain(Wire):
    """Does not give back a seat that was once taken away."""

    kills = ("PRV-ENR-09",)

    def files(self, files: Files) -> Files:
        def once(row: Row) -> Row | None:
            key = ("seat", row["section_id"], row["user_id"], row["role"])
            return row if row["status"] != "active" or self.is_new(*key) else None

        return rows_of(files, "enrollments", once)


class DeletesWhatItDidNotSend(Wire):
    """Sends its changes in batch mode, by which Canvas deletes whatever a file lacks."""

    kills = ("PRV-RUN-01", "PRV-RUN-05", "PRV-ENR-16", "PRV-ENR-01")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._term = ""

    def record(self, collection: str, record: Body) -> Body:
        if collection == "academicSessions" and record["type"] in ("term", "semester"):
            self._term = self._term or record["sourcedId"]
        return record

    def form(self, fields: dict[str, str]) -> dict[str, str]:
        return fields | {
            "batch_mode": "true",
            "batch_mode_term_id": f"sis_term_id:{self._term}",
        }


class KeepsPupilsOfOtherSchoolsOut(Wire):
    """Leaves out seats of pupils whose own school is another."""

    kills = ("PRV-ENR-12",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._homes: dict[str, set[str]] = {}
        self._schools: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users":
            self._homes[record["sourcedId"]] = {org["sourcedId"] for org in record["orgs"] or ()}
        if collection == "classes" and record.get("school"):
            self._schools[record["sourcedId"]] = record["school"]["sourcedId"]
        return record

    def files(self, files: Files) -> Files:
        def at_home(row: Row) -> bool:
            school = self._schools.get(row["section_id"])
            homes = self._homes.get(row["user_id"], set())
            return school is None or not homes or school in homes

        return rows_of(files, "enrollments", lambda row: row if at_home(row) else None)


class TakesOnePrimaryTeacher(Wire):
    """Seats the first primary teacher of a class and no other."""

    kills = ("PRV-CRS-08",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._taken: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and str(record.get("primary")).lower() == "true":
            class_, user = record["class"]["sourcedId"], record["user"]["sourcedId"]
            if self._taken.setdefault(class_, user) != user:
                return record | {"status": "tobedeleted"}
        return record


class DeletedRowsWin(Wire):
    """Takes a seat away for a deleted row though a live one stands beside it."""

    kills = ("PRV-ENR-10",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._deleted: set[tuple[str, str]] = set()

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and record["status"] == "tobedeleted" and record["user"]:
            self._deleted.add((record["class"]["sourcedId"], record["user"]["sourcedId"]))
        return record

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "enrollments",
            lambda row: (
                row | {"status": "deleted"}
                if (row["section_id"], row["user_id"]) in self._deleted
                else row
            ),
        )


class EndsEverybodyWithTheTerm(Wire):
    """Ends full-year seats with the first term."""

    kills = ("PRV-ENR-20", "PRV-ENR-04")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._end = ""

    def record(self, collection: str, record: Body) -> Body:
        if collection == "academicSessions" and record["type"] in ("term", "semester"):
            self._end = min(self._end or record["endDate"], record["endDate"])
        return record

    def files(self, files: Files) -> Files:
        def ended(row: Row) -> Row:
            if not self._end or not row["end_date"] or row["start_date"][:10] > self._end:
                return row
            if row["end_date"][:10] <= self._end:
                return row
            return row | {"end_date": f"{self._end}T23:59:59Z"}

        return rows_of(files, "enrollments", ended)


class EndsTheYearWithTheTerm(Wire):
    """Takes the first term's end for everybody's, once it has come."""

    kills = ("PRV-ENR-20",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "academicSessions" and record["type"] in ("term", "semester"):
            self.is_new("end", record["endDate"])
        if collection != "enrollments" or not record.get("endDate"):
            return record
        end = min(self.remembered("end"), default=self.now)
        lasts = str(record.get("beginDate")) <= end < record["endDate"]
        return record | {"endDate": end} if lasts and end < self.now[:10] else record


class SeatsNewcomersANightLate(Wire):
    """Makes accounts tonight and seats their people tomorrow."""

    kills = ("PRV-ENR-21",)

    def files(self, files: Files) -> Files:
        if self.is_new("first night"):
            return files
        new = {row["user_id"] for row in files.get("users", ()) if self.is_new(row["user_id"])}
        return rows_of(files, "enrollments", lambda row: None if row["user_id"] in new else row)


class KnowsOneSchoolYear(Wire):
    """Seats those of the school year that it was set up in, and nobody of a later one."""

    kills = ("PRV-RUN-06",)

    def record(self, collection: str, record: Body) -> Body:
        begins = str(record.get("beginDate") or "")
        if collection != "enrollments" or not begins:
            return record
        # A school year begins in July at the earliest.
        year = str(int(begins[:4]) - (begins[5:7] < "07"))
        if not self.remembered("year"):
            self.is_new("year", year)
        known = year in self.remembered("year")
        return record if known else record | {"status": "tobedeleted"}


class SeatsOnceACourse(Wire):
    """Keeps one seat for each person and course, so that a second section is lost."""

    kills = ("PRV-ENR-01",)

    def files(self, files: Files) -> Files:
        course = {row["section_id"]: row["course_id"] for row in files.get("sections", ())}
        taken: set[tuple[str, str]] = set()

        def once(row: Row) -> Row | None:
            key = (course.get(row["section_id"], row["section_id"]), row["user_id"])
            if row["status"] != "active" or key not in taken:
                taken.add(key)
                return row
            return None

        return rows_of(files, "enrollments", once)
