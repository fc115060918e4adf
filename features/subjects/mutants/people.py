"""Mutants about people: accounts, names, logins, comings and goings."""

import unicodedata

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


class OverridesPeople(Wire):
    """Imports with override_sis_stickiness, over what people changed by hand."""

    kills = ("PRV-USR-13", "PRV-SEC-05")

    def form(self, fields: dict[str, str]) -> dict[str, str]:
        return fields | {"override_sis_stickiness": "true"}

    toml = "[service]\nfull_every = 1\n"


class BringsFamilies(Wire):
    """Takes guardians for pupils."""

    kills = ("PRV-USR-11",)

    def record(self, collection: str, record: Body) -> Body:
        family = {"guardian", "parent", "relative"}
        return record | {"role": "student"} if record.get("role") in family else record


class FollowsTobedeletedOnly(Wire):
    """Does not notice people and seats that vanish without being marked."""

    kills = ("PRV-ENR-08", "PRV-USR-07")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._marked: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        if record["status"] == "tobedeleted":
            self._marked.add(record["sourcedId"])
            if collection == "enrollments":
                self._marked.add(f"{record['class']['sourcedId']}/{record['user']['sourcedId']}")
        return record

    def files(self, files: Files) -> Files:
        files = rows_of(
            files,
            "users",
            lambda row: (
                row if row["status"] == "active" or row["user_id"] in self._marked else None
            ),
        )
        return rows_of(
            files,
            "enrollments",
            lambda row: (
                row
                if row["status"] != "deleted"
                or f"{row['section_id']}/{row['user_id']}" in self._marked
                else None
            ),
        )


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

    kills = ("PRV-ENR-02", "PRV-ENR-12")

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
            return row if ends[0] == ends[1] or row["status"] != "active" else None

        return rows_of(files, "enrollments", at_home)
