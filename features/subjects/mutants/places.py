"""Mutants about places and periods: accounts, terms, courses, sections."""

from collections.abc import Callable

from homeroom.features.subjects.mutants.wire import Body, Files, Row, Wire, rows_of
from homeroom.reference.transport import Response


class ForgetsSchools(Wire):
    """Makes no sub-accounts; every course hangs in the root account."""

    kills = ("PRV-ORG-01", "PRV-CRS-03")

    def files(self, files: Files) -> Files:
        files = rows_of(files, "accounts", lambda _: None)
        return rows_of(files, "courses", lambda row: row | {"account_id": ""})


class HangsSchoolsUnderEachOther(Wire):
    """Puts each school below the one that came before it."""

    kills = ("PRV-ORG-01",)

    def files(self, files: Files) -> Files:
        rows = files.get("accounts", [])
        above = [row["account_id"] for row in rows]
        hung = [
            row | {"parent_account_id": above[at - 1]} if at else row for at, row in enumerate(rows)
        ]
        return {**files, "accounts": hung} if rows else files


class NeverRenamesSchools(Wire):
    """Sends each school once and never again."""

    kills = ("PRV-ORG-02",)

    def files(self, files: Files) -> Files:
        return rows_of(
            files,
            "accounts",
            lambda row: row if self.is_new("account", row["account_id"]) else None,
        )


class ForgetsTermDates(Wire):
    """Makes terms without dates."""

    kills = ("PRV-TRM-02",)

    def files(self, files: Files) -> Files:
        return rows_of(files, "terms", lambda row: row | {"start_date": "", "end_date": ""})


class NamesTermsByTheirIds(Wire):
    """Gives terms their ids for names."""

    kills = ("PRV-TRM-01",)

    def files(self, files: Files) -> Files:
        return rows_of(files, "terms", lambda row: row | {"name": row["term_id"]})


class NeverCorrectsTerms(Wire):
    """Sends each term once and never again."""

    kills = ("PRV-TRM-04",)

    def files(self, files: Files) -> Files:
        return rows_of(
            files, "terms", lambda row: row if self.is_new("term", row["term_id"]) else None
        )


class ForgetsTerms(Wire):
    """Places courses in the default term."""

    kills = ("PRV-CRS-03", "PRV-TRM-03")

    def files(self, files: Files) -> Files:
        return rows_of(files, "courses", lambda row: row | {"term_id": ""})


class OneCourseForEachClass(Wire):
    """Gives every class a course of its own, against its word."""

    kills = ("PRV-CRS-01",)

    def files(self, files: Files) -> Files:
        by_section = {row["section_id"]: row["course_id"] for row in files.get("sections", ())}
        courses = {row["course_id"]: row for row in files.get("courses", ())}
        made = [
            courses[course] | {"course_id": section}
            for section, course in by_section.items()
            if course in courses
        ]
        files = rows_of(files, "sections", lambda row: row | {"course_id": row["section_id"]})
        return {**files, "courses": made} if "courses" in files else files


class OneCourseForAllTeachers(Wire):
    """Forgets the teacher in the course key, so that teachers share a course."""

    kills = ("PRV-CRS-01", "PRV-CRS-02")

    def files(self, files: Files) -> Files:
        def shorten(row: Row) -> Row:
            parts = row["course_id"].split(":")
            return row | {"course_id": f"{parts[0]}:{parts[-1]}" if len(parts) == 3 else parts[0]}

        files = rows_of(rows_of(files, "sections", shorten), "courses", shorten)
        if "courses" in files:
            once = {row["course_id"]: row for row in files["courses"]}
            files = {**files, "courses": list(once.values())}
        return files


class OneCourseForTheUnstaffed(Wire):
    """Takes "no teacher" for a teacher, so that all such classes share a course."""

    kills = ("PRV-CRS-04",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._course_of: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "classes":
            self._course_of[record["sourcedId"]] = (record.get("course") or {}).get("sourcedId", "")
        return record

    def files(self, files: Files) -> Files:
        def together(row: Row) -> Row:
            course = self._course_of.get(row["course_id"])  # a class's id: it has no teacher
            return row | {"course_id": f"{course}:nobody"} if course else row

        files = rows_of(rows_of(files, "sections", together), "courses", together)
        if "courses" in files:
            once = {row["course_id"]: row for row in files["courses"]}
            files = {**files, "courses": list(once.values())}
        return files


class TakesAnyTeacherForPrimary(Wire):
    """Groups classes by a co-teacher instead of the primary one."""

    kills = ("PRV-CRS-02",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and record.get("role") == "teacher":
            turned = "false" if str(record.get("primary")).lower() == "true" else "true"
            return record | {"primary": turned}
        return record


class NeverRenamesSections(Wire):
    """Sends each section once, except to delete it."""

    kills = ("PRV-SEC-02",)

    def files(self, files: Files) -> Files:
        def once(row: Row) -> Row | None:
            new = self.is_new("section", row["section_id"])
            return row if new or row["status"] == "deleted" else None

        return rows_of(files, "sections", once)


class NamesSectionsByCourse(Wire):
    """Gives every section the name of its course."""

    kills = ("PRV-SEC-01", "PRV-SEC-02")

    def files(self, files: Files) -> Files:
        names = {row["course_id"]: row["long_name"] for row in files.get("courses", ())}
        return rows_of(
            files, "sections", lambda row: row | {"name": names.get(row["course_id"], row["name"])}
        )


class KeepsDeadSections(Wire):
    """Never deletes a section."""

    kills = ("PRV-SEC-03",)

    def files(self, files: Files) -> Files:
        return rows_of(files, "sections", lambda row: row if row["status"] == "active" else None)


class LosesASection(Wire):
    """Leaves out the last class of the file, as an off-by-one does."""

    kills = ("PRV-SEC-01", "PRV-ENR-01")

    def files(self, files: Files) -> Files:
        return {**files, "sections": files["sections"][:-1]} if "sections" in files else files


class _FollowsPrimaryRows(Wire):
    """Sends each section to the course of whoever a primary row names, wherever it was before."""

    of_status = "active"
    """Of which status the rows are that decide."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._primary: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        primary = str(record.get("primary")).lower() == "true"
        if collection == "enrollments" and primary and record["status"] == self.of_status:
            self._primary[record["class"]["sourcedId"]] = record["user"]["sourcedId"]
        return record

    def files(self, files: Files) -> Files:
        moved: list[Row] = []
        courses = {row["course_id"]: row for row in files.get("courses", ())}
        for row in files.get("sections", ()):
            old, teacher = row["course_id"], self._primary.get(row["section_id"])
            parts = old.split(":")
            new = f"{parts[0]}:{teacher}:{parts[2]}" if len(parts) == 3 and teacher else old
            moved.append(row | {"course_id": new})
            if old in courses:
                courses.setdefault(new, courses[old] | {"course_id": new})
        return {**files, "sections": moved, "courses": list(courses.values())} if moved else files


class MovesSectionsSilently(_FollowsPrimaryRows):
    """Follows every change of a course's key, against its word."""

    kills = ("PRV-CRS-06", "PRV-CRS-07")
    toml = '[subject.choices]\nrules = "homeroom-safe"\n[service]\nfull_every = 1\n'


class MovesWhatItPromisedNothingOf(_FollowsPrimaryRows):
    """Has a key of its own for courses, holds sections by its word, and moves them all the same."""

    kills = ("PRV-CRS-06",)
    toml = (
        '[subject.choices]\nrules = "homeroom-safe"\ncourse_key = "any"\n'
        "[service]\nfull_every = 1\n"
    )


class MovesTheWrongSections(_FollowsPrimaryRows):
    """Sends those sections of a course to a new teacher that the old one goes on teaching."""

    kills = ("PRV-CRS-07",)
    toml = "[service]\nfull_every = 1\n"

    def files(self, files: Files) -> Files:
        held = {row["section_id"]: row["course_id"] for row in files.get("sections", ())}
        moved = super().files(files)
        new = {
            held[row["section_id"]]: row["course_id"]
            for row in moved.get("sections", ())
            if held[row["section_id"]] != row["course_id"]
        }

        def wrongly(row: Row) -> Row:
            old = held[row["section_id"]]
            return row | {"course_id": new.get(old, old) if row["course_id"] == old else old}

        return rows_of(moved, "sections", wrongly)


class KeysByTheFormerTeacher(_FollowsPrimaryRows):
    """Groups a class by a primary teacher whose row is deleted."""

    kills = ("PRV-CRS-02",)
    of_status = "tobedeleted"


class KeysCoursesByTitle(Wire):
    """Makes the course key of the course's title, so that a correction moves its sections."""

    kills = ("PRV-CRS-05",)
    toml = "[service]\nfull_every = 1\n"

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._titles: dict[str, str] = {}

    def record(self, collection: str, record: Body) -> Body:
        if collection == "courses":
            self._titles[record["sourcedId"]] = record["title"]
        return record

    def files(self, files: Files) -> Files:
        def titled(row: Row) -> Row:
            course, *rest = row["course_id"].split(":")
            return row | {"course_id": ":".join([self._titles.get(course, course), *rest])}

        return rows_of(rows_of(files, "sections", titled), "courses", titled)


class ForgetsTheTerm(Wire):
    """Makes the course key of course and teacher alone, for whatever year."""

    kills = ("PRV-CRS-09",)

    def files(self, files: Files) -> Files:
        def shorter(row: Row) -> Row:
            return row | {"course_id": ":".join(row["course_id"].split(":")[:2])}

        return rows_of(rows_of(files, "courses", shorter), "sections", shorter)


class SkipsHomerooms(Wire):
    """Takes classes of type `scheduled` alone."""

    kills = ("PRV-SEC-01",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "classes" and record.get("classType") == "homeroom":
            return record | {"status": "tobedeleted"}
        return record


class SkipsClassesWithoutPupils(Wire):
    """Sends a class once somebody is in it, and not while its teacher prepares it."""

    kills = ("PRV-SEC-01",)

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self._filled: set[str] = set()

    def record(self, collection: str, record: Body) -> Body:
        if collection == "enrollments" and record.get("role") == "student" and record.get("class"):
            self._filled.add(record["class"]["sourcedId"])
        return record

    def files(self, files: Files) -> Files:
        def filled(row: Row) -> Row | None:
            return row if row["status"] != "active" or row["section_id"] in self._filled else None

        return rows_of(rows_of(files, "sections", filled), "enrollments", filled)


class SkipsClassesWithoutTerm(Wire):
    """Leaves classes out that name no term, and tells nobody."""

    kills = ("PRV-TRM-03",)

    def record(self, collection: str, record: Body) -> Body:
        if collection == "classes" and not record.get("terms"):
            return record | {"status": "tobedeleted"}
        return record

    def finish(self, command: str, exit_code: int, send: Callable[..., Response]) -> int:
        return 0 if exit_code == 1 else exit_code


class DeletesSharedCourses(Wire):
    """Deletes the course of a class that closed, whoever else is taught in it."""

    kills = ("PRV-SEC-03",)

    def files(self, files: Files) -> Files:
        closed = {
            row["course_id"] for row in files.get("sections", ()) if row["status"] == "deleted"
        }
        gone = [
            {
                "course_id": id_, "short_name": id_, "long_name": id_, "account_id": "",
                "term_id": "", "status": "deleted",
            }
            for id_ in sorted(closed)
        ]  # fmt: skip
        kept = [row for row in files.get("courses", ()) if row["course_id"] not in closed]
        return {**files, "courses": [*kept, *gone]} if gone else files
