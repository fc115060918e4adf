"""Mutants that take one for another: namesakes, siblings, classes of one title."""

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, rows_of


class MergesNamesakes(Wire):
    """Takes two people of one name for one person, and leaves the second out."""

    kills = ("PRV-USR-01",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._first: dict[object, str] = {}

    def trait(self, user: Body) -> object:
        """Say by what people are told apart; nothing tells nobody apart."""
        return user["givenName"], user["familyName"]

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users" and (trait := self.trait(record)):
            known = self._first.setdefault(trait, record["sourcedId"])
            if known != record["sourcedId"]:
                return record | {"status": "tobedeleted"}
        return record


class MergesSiblings(MergesNamesakes):
    """Takes two people with one e-mail address for one person, and leaves the second out."""

    kills = ("PRV-USR-01",)

    def trait(self, user: Body) -> object:
        return user.get("email")


class MergesClassesOfOneTitle(Wire):
    """Takes two classes of one title for one class."""

    kills = ("PRV-SEC-01", "PRV-ENR-01")
    field = "title"

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._first: dict[str, str] = {}
        self._named: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "classes" and record["status"] == "active":
            name = self._named[record["sourcedId"]] = record[self.field]
            # Threads read pages as they like: the lowest id is the first.
            self._first[name] = min(self._first.get(name, "~"), record["sourcedId"])
        return record

    def files(self, files: Files) -> Files:
        def first(row: Row) -> Row:
            id_ = row["section_id"]
            return row | {"section_id": self._first.get(self._named.get(id_, ""), id_)}

        def is_first(row: Row) -> Row | None:
            return row if first(row) == row else None

        return rows_of(rows_of(files, "sections", is_first), "enrollments", first)


class MergesClassesOfOneCode(MergesClassesOfOneTitle):
    """Takes two classes of one code for one class."""

    field = "classCode"


class TakesAllSchoolsForOne(Wire):
    """Opens every course under the principal of the first school it read of."""

    kills = ("PRV-CRS-03",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._schools: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        if collection == "orgs" and record["type"] == "school":
            self._schools.add(record["sourcedId"])
        return record

    def files(self, files: Files) -> Files:
        first = min(self._schools)
        return rows_of(files, "courses", lambda row: row | {"account_id": first})


class MirrorsTheFeed(Wire):
    """Suspends everybody with a SIS ID whom Focus does not have, whoever brought them."""

    kills = ("PRV-ENR-16",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._served: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users":
            self._served.add(record["sourcedId"])
        return record

    def files(self, files: Files) -> Files:
        rows = files.get("users", [])
        blank = dict.fromkeys(rows[0], "") if rows else {}
        found = self.ask_canvas("accounts/1/users?per_page=100") if rows else []
        strangers = [
            blank
            | {
                "user_id": user["sis_user_id"],
                "login_id": user["login_id"],
                "first_name": user["name"].split()[0],
                "last_name": user["name"].split()[-1],
                "status": "suspended",
            }
            for user in found
            if user.get("sis_user_id") and user["sis_user_id"] not in self._served
        ]
        return {**files, "users": [*rows, *strangers]} if strangers else files


class MakesAccountsForTheSeatedAlone(Wire):
    """Makes accounts for those who have a class already."""

    kills = ("PRV-USR-01", "PRV-USR-02")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._seated: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and record.get("user"):
            self._seated.add(record["user"]["sourcedId"])
        return record

    def files(self, files: Files) -> Files:
        return rows_of(files, "users", lambda row: row if row["user_id"] in self._seated else None)


class KeepsLeaversWithSeats(Wire):
    """Leaves an account open as long as a row of a class names its owner."""

    kills = ("PRV-USR-06", "PRV-USR-07")

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._seated: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        live = record["status"] == "active"
        if collection == "enrollments" and record.get("user") and live:
            self._seated.add(record["user"]["sourcedId"])
        return record

    def files(self, files: Files) -> Files:
        def kept(row: Row) -> bool:
            return row["status"] == "suspended" and row["user_id"] in self._seated

        return rows_of(files, "users", lambda row: None if kept(row) else row)


class ReadsPupilsAndTeachersAlone(Wire):
    """Knows two roles of people, so that an administrator cannot teach."""

    kills = ("PRV-USR-02", "PRV-ENR-17")

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users" and record["role"] not in ("student", "teacher"):
            return record | {"status": "tobedeleted"}
        return record


class KnowsTermsAlone(Wire):
    """Reads terms and no school years."""

    kills = ("PRV-TRM-03",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "academicSessions" and record["type"] == "schoolYear":
            return record | {"status": "tobedeleted"}
        return record


class KeepsSectionsWithSeats(Wire):
    """Keeps the section of a class that is gone as long as a row seats somebody in it."""

    kills = ("PRV-SEC-03",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._seated: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        live = record["status"] == "active"
        if collection == "enrollments" and record.get("class") and live:
            self._seated.add(record["class"]["sourcedId"])
        return record

    def files(self, files: Files) -> Files:
        def kept(row: Row) -> bool:
            return row["status"] == "deleted" and row["section_id"] in self._seated

        return rows_of(files, "sections", lambda row: None if kept(row) else row)


class NeverReopensSections(Wire):
    """Does not give a class back that was gone and is there again."""

    kills = ("PRV-SEC-01",)

    def files(self, files: Files) -> Files:
        gone = self.remembered("gone")
        for row in files.get("sections", ()):
            if row["status"] == "deleted":
                self.is_new("gone", row["section_id"])
        return rows_of(files, "sections", lambda row: None if row["section_id"] in gone else row)


class WritesLatin1(Wire):
    """Writes its files in Latin-1, which has no letter for half of the world's names."""

    kills = ("PRV-USR-03",)

    def files(self, files: Files) -> Files:
        def western(text: str) -> str:
            return text.encode("latin-1", "replace").decode("latin-1")

        return rows_of(
            files, "users", lambda row: {name: western(value) for name, value in row.items()}
        )


class CutsLongNames(Wire):
    """Cuts names off after twenty-five letters, as a column of its own does."""

    kills = ("PRV-USR-03",)

    def files(self, files: Files) -> Files:
        return rows_of(files, "users", lambda row: row | {"last_name": row["last_name"][:25]})


class SeatsProctors(Wire):
    """Seats those who watch over a class's tests as its teachers."""

    kills = ("PRV-ENR-17",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and record["role"] == "proctor":
            return record | {"role": "teacher"}
        return record


class LinksTheFirstChildAlone(Wire):
    """Links a parent of several children with the first of them."""

    kills = ("PRV-USR-15",)
    toml = "[subject.choices]\nobservers = true\n"

    def files(self, files: Files) -> Files:
        first: dict[str, str] = {}

        def alone(row: Row) -> Row | None:
            child = first.setdefault(row["observer_id"], row["student_id"])
            return row if child == row["student_id"] else None

        return rows_of(files, "user_observers", alone)


class KnowsParentsAlone(Wire):
    """Takes parents for family, and neither guardians nor relatives."""

    kills = ("PRV-USR-15",)
    toml = "[subject.choices]\nobservers = true\n"

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users" and record["role"] in ("guardian", "relative"):
            return record | {"status": "tobedeleted"}
        return record


class AsksChildrenAlone(Wire):
    """Reads who belongs to whom in the records of children, and not in those of parents."""

    kills = ("PRV-USR-15",)
    toml = "[subject.choices]\nobservers = true\n"

    def record(self, collection: str, record: Body) -> Body:
        if collection == "users" and record["role"] != "student":
            return {name: value for name, value in record.items() if name != "agents"}
        return record


class LinksTheWrongChild(Wire):
    """Links every parent with the child of the next."""

    kills = ("PRV-USR-15",)
    toml = "[subject.choices]\nobservers = true\n"

    def files(self, files: Files) -> Files:
        rows = files.get("user_observers", [])
        shifted = [row["student_id"] for row in (*rows[1:], *rows[:1])]
        swapped = [row | {"student_id": child} for row, child in zip(rows, shifted, strict=True)]
        return {**files, "user_observers": swapped} if rows else files
