"""Mutants about people: accounts, names, logins, comings and goings."""

import unicodedata
from typing import ClassVar
from urllib.parse import quote

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, rows_of


class DropsAccents(Wire):
    """Writes names in plain ASCII."""

    kills = ("PRV-USR-03",)

    def files(self, files: Files) -> Files:
        def plain(text: str) -> str:
            return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()

        return rows_of(
            files,
            "users",
            lambda row: (
                row | {"first_name": plain(row["first_name"]), "last_name": plain(row["last_name"])}
            ),
        )


class ShoutsNames(Wire):
    """Title-cases names, so that McDonald becomes Mcdonald."""

    kills = ("PRV-USR-03",)

    def files(self, files: Files) -> Files:
        return rows_of(files, "users", lambda row: row | {"last_name": row["last_name"].title()})


class SwapsNames(Wire):
    """Puts the family name first."""

    kills = ("PRV-USR-03",)

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "users",
            lambda row: row | {"first_name": row["last_name"], "last_name": row["first_name"]},
        )


class LogsInByEmail(Wire):
    """Uses the e-mail address as login, against its word."""

    kills = ("PRV-USR-04",)

    def files(self, files: Files) -> Files:
        return rows_of(
            files, "users", lambda row: row | {"login_id": row["email"] or row["login_id"]}
        )


class ForgetsEmail(Wire):
    """Leaves e-mail addresses out."""

    kills = ("PRV-USR-05",)

    def files(self, files: Files) -> Files:
        return rows_of(files, "users", lambda row: row | {"email": ""})


class LosesLeadingZeros(Wire):
    """Reads ids as numbers."""

    kills = ("PRV-USR-10", "PRV-USR-01", "PRV-ENR-01")

    def files(self, files: Files) -> Files:
        def number(row: Row) -> Row:
            id_ = row["user_id"]
            return row | {"user_id": str(int(id_)) if id_.isdigit() else id_}

        return rows_of(rows_of(files, "users", number), "enrollments", number)


class KeepsLeavers(Wire):
    """Never closes the account of somebody who left."""

    kills = ("PRV-USR-06", "PRV-USR-07")

    def files(self, files: Files) -> Files:
        return rows_of(files, "users", lambda row: row | {"status": "active"})


class DeletesLeavers(Wire):
    """Deletes the accounts it said it would suspend."""

    kills = ("PRV-USR-06", "PRV-USR-07")

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "users",
            lambda row: row | {"status": "deleted"} if row["status"] == "suspended" else row,
        )


class IgnoresEnabledUser(Wire):
    """Does not read enabledUser."""

    kills = ("PRV-USR-08",)

    def record(self, collection: str, record: Body) -> Body:
        return record | {"enabledUser": "true"} if collection == "users" else record


class IgnoresCorrectionsOfPeople(Wire):
    """Sends each person once and never again."""

    kills = ("PRV-USR-12", "PRV-USR-09")

    def files(self, files: Files) -> Files:
        def once(row: Row) -> Row | None:
            return row if row["status"] != "active" or self.is_new("user", row["user_id"]) else None

        return rows_of(files, "users", once)


class IgnoresCorrectionsOfThoseWhoStay(Wire):
    """Sends a person again when they come or go, and no correction in between."""

    kills = ("PRV-USR-12",)

    def files(self, files: Files) -> Files:
        def comings(row: Row) -> Row | None:
            user = row["user_id"]
            if row["status"] != "active":
                self.is_new("left", user)
                return row
            return row if self.is_new("user", user) or self.seen("left", user) else None

        return rows_of(files, "users", comings)


class NeverOpensAnAccountAgain(Wire):
    """Leaves the account of somebody who returns as it was closed."""

    kills = ("PRV-USR-09",)

    def files(self, files: Files) -> Files:
        def closed(row: Row) -> Row | None:
            if row["status"] != "active":
                self.is_new("left", row["user_id"])
                return row
            return None if self.seen("left", row["user_id"]) else row

        return rows_of(files, "users", closed)


class OverridesPeople(Wire):
    """Imports with override_sis_stickiness, over what people changed by hand."""

    kills = ("PRV-USR-13", "PRV-SEC-05")

    def form(self, fields: dict[str, str]) -> dict[str, str]:
        return fields | {"override_sis_stickiness": "true"}

    toml = "[service]\nfull_every = 1\n"


class _Overrides(Wire):
    """Imports with override_sis_stickiness, and leaves out what people named of one kind."""

    spared: tuple[str, str, str]
    """That kind's file, its column of ids, and its words in a Canvas address."""

    def form(self, fields: dict[str, str]) -> dict[str, str]:
        return fields | {"override_sis_stickiness": "true"}

    def files(self, files: Files) -> Files:
        kind, column, address = self.spared

        def unless_named(row: Row) -> Row | None:
            name = row.get("name") or f"{row['first_name']} {row['last_name']}"
            sent = self.remembered(row[column])
            now = self.ask_canvas(f"{address}:{quote(row[column])}").get("name") if sent else None
            self.is_new(row[column], name)
            return row if now is None or now in sent else None

        return rows_of(files, kind, unless_named)


class OverridesSections(_Overrides):
    """Asks Canvas to override names that people gave, and spares those of people."""

    kills = ("PRV-SEC-05",)
    spared = ("users", "user_id", "users/sis_user_id")


class OverridesPeopleAndNoSections(_Overrides):
    """Asks Canvas to override names that people gave, and spares those of sections."""

    kills = ("PRV-USR-13",)
    spared = ("sections", "section_id", "sections/sis_section_id")


class BringsFamilies(Wire):
    """Takes guardians for pupils."""

    kills = ("PRV-USR-11",)

    def record(self, collection: str, record: Body) -> Body:
        family = {"guardian", "parent", "relative"}
        return record | {"role": "student"} if record.get("role") in family else record


class FollowsTobedeletedOnly(Wire):
    """Does not notice people and seats that vanish without being marked."""

    kills: ClassVar[tuple[str, ...]] = ("PRV-ENR-08", "PRV-USR-07")
    kinds: ClassVar[tuple[str, ...]] = ("users", "enrollments")
    """What it does not notice the end of."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._marked: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        if record["status"] == "tobedeleted" or record.get("enabledUser") == "false":
            self._marked.add(record["sourcedId"])
            if collection == "enrollments":
                self._marked.add(f"{record['class']['sourcedId']}/{record['user']['sourcedId']}")
        return record

    def files(self, files: Files) -> Files:
        def told(row: Row) -> Row | None:
            about = f"{row['section_id']}/" if "section_id" in row else ""
            ends = row["status"] != "active" if not about else row["status"] == "deleted"
            return row if not ends or about + row["user_id"] in self._marked else None

        for kind in self.kinds:
            files = rows_of(files, kind, told)
        return files


class FollowsTobedeletedPeopleOnly(FollowsTobedeletedOnly):
    """Does not notice people who vanish without being marked."""

    kills = ("PRV-USR-07",)
    kinds = ("users",)


class FollowsTobedeletedSeatsOnly(FollowsTobedeletedOnly):
    """Does not notice seats that vanish without being marked."""

    kills = ("PRV-ENR-08",)
    kinds = ("enrollments",)


class ForgetsTeachers(Wire):
    """Makes accounts for pupils only."""

    kills = ("PRV-USR-02",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users" and record.get("role") == "teacher":
            return record | {"status": "tobedeleted"}
        return record


class MakesUpLogins(Wire):
    """Puts a number behind a login that somebody has already."""

    kills = ("PRV-USR-14",)

    def files(self, files: Files) -> Files:
        def own(row: Row) -> Row:
            login, user = row["login_id"], row["user_id"]
            if self.is_new("login", login):
                self.is_new(login, user)
            return row if user in self.remembered(login) else row | {"login_id": f"{login}1"}

        return rows_of(files, "users", own)


class LinksNobody(Wire):
    """Makes accounts for families and links them with nobody."""

    kills = ("PRV-USR-15",)
    toml = "[subject.choices]\nobservers = true\n"

    def files(self, files: Files) -> Files:
        return rows_of(files, "user_observers", lambda row: None)


class KeepsFormerParents(Wire):
    """Never parts a parent from a child."""

    kills = ("PRV-USR-15",)
    toml = "[subject.choices]\nobservers = true\n"

    def files(self, files: Files) -> Files:
        return rows_of(
            files, "user_observers", lambda row: row if row["status"] == "active" else None
        )


class WritesCsvByHand(Wire):
    """Joins values with commas and quotes none, so that a comma ends a value."""

    kills = ("PRV-USR-03", "PRV-SEC-01", "PRV-USR-01")

    def files(self, files: Files) -> Files:
        def cut(row: Row) -> Row:
            return {name: value.split(",")[0] for name, value in row.items()}

        return {kind: [cut(row) for row in rows] for kind, rows in files.items()}


class SkipsPupilsWithoutGrade(Wire):
    """Takes only pupils whose grade level it knows."""

    kills = ("PRV-USR-01",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users" and record["role"] == "student" and not record.get("grades"):
            return record | {"status": "tobedeleted"}
        return record


class KnowsPeopleByTheirFirstSchool(Wire):
    """Seats people only in classes of the first school that Focus names for them."""

    kills: ClassVar[tuple[str, ...]] = ("PRV-ENR-02", "PRV-ENR-12")
    roles: ClassVar[frozenset[str]] = frozenset({"student", "teacher", "ta"})
    """Whom it knows so."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._schools: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users" and record.get("orgs"):
            self._schools[record["sourcedId"]] = record["orgs"][0]["sourcedId"]
        if collection == "classes":
            self._schools[record["sourcedId"]] = (record.get("school") or {}).get("sourcedId", "")
        return record

    def files(self, files: Files) -> Files:
        def at_home(row: Row) -> Row | None:
            ends = (self._schools.get(row["user_id"]), self._schools.get(row["section_id"]))
            free = row["status"] != "active" or row["role"] not in self.roles
            return row if free or ends[0] == ends[1] else None

        return rows_of(files, "enrollments", at_home)


class KnowsTeachersByTheirFirstSchool(KnowsPeopleByTheirFirstSchool):
    """Lets teachers teach only in the first school that Focus names for them."""

    kills = ("PRV-ENR-02",)
    roles = frozenset({"teacher"})
