"""Mutants about time: stints in a class, dates that move, rows that are written anew."""

import json
from collections import defaultdict
from datetime import date, timedelta

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, rows_of


def seat_of(record: Body) -> tuple[str, str] | None:
    """Return class and person of an enrollment that names both."""
    if record.get("class") and record.get("user"):
        return record["class"]["sourcedId"], record["user"]["sourcedId"]
    return None


class _Reading(Wire):
    """Remembers tonight's standing rows by class and person."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._rows: defaultdict[tuple[str, str], list[Body]] = defaultdict(list)

    def record(self, collection: str, record: Body) -> Body:
        seat = seat_of(record) if collection == "enrollments" else None
        if seat and record["status"] == "active":
            self._rows[seat].append(record)
        return record


class DeletesByRow(_Reading):
    """Compares rows by their own id, so that a row written anew takes its seat away."""

    kills = ("PRV-ENR-10",)

    def files(self, files: Files) -> Files:
        tonight = {row["sourcedId"]: seat for seat, rows in self._rows.items() for row in rows}
        known = {key[1]: (key[2], key[3]) for key in self._known() if key[0] == "row"}
        for id_, seat in tonight.items():
            self.is_new("row", id_, *seat)
        gone = {
            seat for id_, seat in known.items() if id_ not in tonight and self.is_new("gone", id_)
        }
        rows = files.get("enrollments", [])
        rows = [row for row in rows if (row["section_id"], row["user_id"]) not in gone]
        deleted = [
            {
                "section_id": section, "user_id": user, "role": "student", "status": "deleted",
                "start_date": "", "end_date": "",
            }
            for section, user in sorted(gone)
        ]  # fmt: skip
        return {**files, "enrollments": [*rows, *deleted]} if "enrollments" in files else files


class TakesTheLatestStint(_Reading):
    """Of two stints in a class takes the later, though the first still runs."""

    kills = ("PRV-ENR-10",)

    def files(self, files: Files) -> Files:
        def latest(row: Row) -> Row:
            rows = self._rows[row["section_id"], row["user_id"]]
            if len(rows) < 2 or row["status"] != "active":
                return row
            last = max(rows, key=lambda each: str(each.get("beginDate")))
            dates = (f"{last.get('beginDate')}T04:00:00Z", f"{last.get('endDate')}T23:59:59Z")
            return row | {"start_date": dates[0], "end_date": dates[1]}

        return rows_of(files, "enrollments", latest)


class NeverMovesDates(Wire):
    """Gives a seat its dates once, and never others."""

    kills = ("PRV-ENR-04",)

    def files(self, files: Files) -> Files:
        def as_first(row: Row) -> Row:
            if row["status"] != "active":
                return row
            seat = f"dates {row['section_id']} {row['user_id']} {row['role']}"
            dates = [row["start_date"], row["end_date"]]
            if not self.remembered(seat):
                self.is_new(seat, json.dumps(dates))
            start, end = json.loads(self.remembered(seat)[0])
            return row | {"start_date": start, "end_date": end}

        return rows_of(files, "enrollments", as_first)


class NeverRevivesEndedSeats(Wire):
    """Does not open a seat again whose end was moved into the future."""

    kills = ("PRV-ENR-09", "PRV-ENR-06")

    def files(self, files: Files) -> Files:
        ended = self.remembered("ended")
        for row in files.get("enrollments", ()):
            if row["status"] == "inactive":
                self.is_new("ended", f"{row['section_id']} {row['user_id']}")

        def stays(row: Row) -> bool:
            return f"{row['section_id']} {row['user_id']}" in ended

        return rows_of(files, "enrollments", lambda row: None if stays(row) else row)


class NoticesEndsOfChangedRowsAlone(Wire):
    """Looks at changed rows only, so that the calendar ends nothing."""

    kills = ("PRV-ENR-14",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._changed: set[tuple[str, str]] = set()

    def record(self, collection: str, record: Body) -> Body:
        seat = seat_of(record) if collection == "enrollments" else None
        if seat and self.is_new("row", record["sourcedId"], str(record.get("endDate"))):
            self._changed.add(seat)
        return record

    def files(self, files: Files) -> Files:
        def noticed(row: Row) -> bool:
            ends = row["status"] in ("inactive", "deleted") and row["end_date"]
            return not ends or (row["section_id"], row["user_id"]) in self._changed

        return rows_of(files, "enrollments", lambda row: row if noticed(row) else None)


class KeepsEndedTeachers(_Reading):
    """Leaves teachers in a class when their time in it is over."""

    kills = ("PRV-ENR-06", "PRV-ENR-14")

    def files(self, files: Files) -> Files:
        def over(row: Row) -> bool:
            ended = self._rows.get((row["section_id"], row["user_id"]))
            return row["role"] == "teacher" and row["status"] == "deleted" and bool(ended)

        return rows_of(files, "enrollments", lambda row: None if over(row) else row)


class ForgetsThatAnImportFailed(Wire):
    """Compares with what it sent last, whatever became of it."""

    kills = ("RES-FEED-03",)

    def files(self, files: Files) -> Files:
        last = {key[1]: key[2] for key in self._known() if key[0] == "sent"}

        def news(row: Row) -> Row | None:
            about = " ".join(row[name] for name in ("section_id", "user_id", "role") if name in row)
            text = json.dumps(row)
            if last.get(about) == text:
                return None
            self.is_new("sent", about, text, self.now)
            return row

        return rows_of(rows_of(files, "users", news), "enrollments", news)


class EndsSeatsADayLate(_Reading):
    """Ends a seat on the second night after its last day."""

    kills = ("PRV-ENR-06",)

    def files(self, files: Files) -> Files:
        yesterday = (date.fromisoformat(self.now[:10]) - timedelta(days=1)).isoformat()

        def late(row: Row) -> Row:
            rows = self._rows.get((row["section_id"], row["user_id"]), [])
            ended = any(str(each.get("endDate")) >= yesterday for each in rows)
            return row | {"status": "active"} if row["status"] == "inactive" and ended else row

        return rows_of(files, "enrollments", late)
