"""A small school, written into Focus record by record, as through its own screens."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeroom.certify.control import SpaceHandle
from homeroom.features.histories.calendar import FALL, PERIODS, Calendar

NAMESPACE = uuid.UUID("6ba3f2de-1f1c-4c59-9d7c-5a6f0c0f7a11")
TYPES = {"orgs": "org", "academicSessions": "academicSession", "users": "user"}


class PlantError(AssertionError):
    """A history or scenario names something that was never planted: a fault of the kit."""


def sourced_id(kind: str, name: str) -> str:
    """Return the GUID that a planted thing has unless its history says otherwise."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}:{name}"))


def to(kind: str, target: str) -> dict[str, str]:
    """Return a OneRoster reference."""
    return {"sourcedId": target, "type": kind}


@dataclass
class School:
    """Plants records and remembers them by the names that scenarios use."""

    space: SpaceHandle
    calendar: Calendar
    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def id(self, collection: str, name: str) -> str:
        """Return the sourcedId of a planted thing."""
        try:
            return self.names[collection, name]
        except KeyError:
            known = ", ".join(sorted(each for kind, each in self.names if kind == collection))
            raise PlantError(f"no {collection} named {name!r} was planted: {known}") from None

    def plant(
        self, collection: str, name: str, fields: Mapping[str, Any], sourced: str | None = None
    ) -> str:
        """Write one record and remember its name."""
        id_ = sourced or sourced_id(collection, name)
        record = {"sourcedId": id_, **fields}
        self.names[collection, name] = id_
        self.records[collection, id_] = record
        self.space.put_record(collection, record)
        return id_

    def know(self, collection: str, name: str, fields: Mapping[str, Any]) -> None:
        """Remember a record that was there already by a name that scenarios use."""
        id_ = str(fields["sourcedId"])
        self.names[collection, name] = id_
        self.records[collection, id_] = dict(fields)

    def change(self, collection: str, known_as: str, /, **fields: Any) -> None:
        """Change some fields of a planted record; None takes a field away."""
        id_ = self.id(collection, known_as)
        record = {**self.records[collection, id_], **fields}
        record = {key: value for key, value in record.items() if value is not None}
        self.records[collection, id_] = record
        self.space.put_record(collection, record)

    def remove(self, collection: str, name: str) -> None:
        """Mark a record tobedeleted, as Focus does with what was deleted."""
        self.space.delete_record(collection, self.id(collection, name))

    def vanish(self, collection: str, name: str) -> None:
        """Let a record disappear without a word."""
        self.space.delete_record(collection, self.id(collection, name), gone=True)

    # The district and its year

    def open(self, *schools: str, district: str = "Lakeside County") -> None:
        """Plant a district, its schools and its year."""
        self.plant("orgs", district, {"name": district, "type": "district", "identifier": "99"})
        for number, school in enumerate(schools, start=1):
            self.school(school, district, identifier=f"{number:04}")
        for title, period in PERIODS.items():
            self.session(
                title,
                type=period.type,
                startDate=self.calendar.day(period.first).isoformat(),
                endDate=self.calendar.day(period.last).isoformat(),
                **({"parent": to("academicSession", self.id("academicSessions", period.parent))}
                   if period.parent else {}),
            )  # fmt: skip
        for title in ("Homework", "Tests"):
            self.category(title)

    def school(self, name: str, district: str, identifier: str) -> None:
        """Plant one school."""
        self.plant(
            "orgs",
            name,
            {
                "name": name,
                "type": "school",
                "identifier": identifier,
                "parent": to("org", self.id("orgs", district)),
            },
        )

    def session(self, title: str, **fields: Any) -> None:
        """Plant one academic session; the school year is named by the year it ends in."""
        ends = self.calendar.day(PERIODS["2026-2027"].last).year
        self.plant("academicSessions", title, {"title": title, "schoolYear": str(ends), **fields})

    def category(
        self,
        title: str,
        *,
        class_: str | None = None,
        name: str | None = None,
        sourced: str | None = None,
    ) -> None:
        """Plant a grading category: everybody's, or of one class."""
        fields: dict[str, Any] = {"title": title}
        if class_ is not None:
            fields["metadata"] = {"classId": self.id("classes", class_)}
        self.plant("categories", name or title, fields, sourced)

    # What is taught

    def course(self, title: str, code: str, school: str) -> None:
        """Plant one course of a school."""
        self.plant(
            "courses",
            title,
            {"title": title, "courseCode": code, "org": to("org", self.id("orgs", school))},
        )

    def class_(
        self,
        title: str,
        /,
        *,
        course: str,
        school: str,
        terms: Sequence[str] = (FALL,),
        code: str | None = None,
        sourced: str | None = None,
        **more: Any,
    ) -> None:
        """Plant one class, known by its title, unless `title` gives it another."""
        self.plant(
            "classes",
            title,
            {
                "title": title,
                "classType": "scheduled",
                "classCode": code or f"{course[:4].upper().strip()}-{len(self.records):03}",
                "course": to("course", self.id("courses", course)),
                "school": to("org", self.id("orgs", school)),
                "terms": [
                    to("academicSession", self.id("academicSessions", term)) for term in terms
                ],
                **more,
            },
            sourced,
        )

    # People

    def person(
        self,
        name: str,
        role: str,
        *,
        school: str,
        username: str | None = None,
        sourced: str | None = None,
        **more: Any,
    ) -> None:
        """Plant one person; the last word of the name is the family name unless given."""
        given, _, family = name.rpartition(" ")
        known = self.records.get(("users", sourced or sourced_id("users", name)), {})
        login = username or f"{given[:1]}{family}".casefold().replace(" ", "").replace("'", "")
        fields: dict[str, Any] = {
            "username": login,
            "enabledUser": "true",
            "givenName": given,
            "familyName": family,
            "role": role,
            # Who is planted again is the same person, by every number that the SIS has for them.
            "identifier": known.get("identifier", f"00{len(self.records):05}"),
            "email": f"{login}@lakeside.example",
            "orgs": [to("org", self.id("orgs", school))],
            **more,
        }
        if role == "student":
            fields.setdefault("grades", ["09"])
        kept = {key: value for key, value in fields.items() if value is not None}
        self.plant("users", name, kept, sourced)

    def edit_id(self, name: str) -> None:
        """Edit the id that other systems know a person by, as Focus's user screen lets one do."""
        old = self.id("users", name)
        fields = {key: value for key, value in self.records["users", old].items()
                  if key != "sourcedId"}  # fmt: skip
        self.vanish("users", name)
        self.plant("users", name, fields, sourced_id("users", f"{name}, edited"))
        person = to("user", self.id("users", name))
        rows = [
            known_as
            for (collection, known_as), id_ in self.names.items()
            if collection == "enrollments"
            if self.records["enrollments", id_]["user"]["sourcedId"] == old
        ]
        for row in rows:
            self.change("enrollments", row, user=person)

    def relate(self, parent: str, child: str) -> None:
        """Make somebody a parent of a student; Focus tells of it at both ends."""
        for one, other in ((parent, child), (child, parent)):
            self.change("users", one, agents=[to("user", self.id("users", other))])

    def students(self, *names: str, school: str) -> None:
        """Plant several students."""
        for name in names:
            self.person(name, "student", school=school)

    def pupils(self, count: int, *, school: str) -> list[str]:
        """Plant so many students without stories of their own and return their names."""
        names = [f"Pupil{number:02} Example" for number in range(count)]
        for number, name in enumerate(names):
            self.person(name, "student", school=school, username=f"pupil{number:02}")
        return names

    def teachers(self, *names: str, school: str) -> None:
        """Plant several teachers."""
        for name in names:
            self.person(name, "teacher", school=school)

    # Seats

    def seat(
        self,
        person: str,
        class_: str,
        role: str = "student",
        *,
        name: str | None = None,
        primary: bool | None = None,
        first: int | None = None,
        last: int | None = None,
        sourced: str | None = None,
        **more: Any,
    ) -> None:
        """Plant one enrollment, by default for all of the class's terms.

        Args:
            person: Who; also part of the row's name unless `name` is given.
            class_: Where.
            role: OneRoster's role of the seat.
            name: What scenarios and changes call the row: `PERSON in CLASS` by default.
            primary: For teachers: whether they are the class's primary one.
            first: First day, from the first night.
            last: Last day, from the first night.
            sourced: The row's sourcedId, where it matters.
            **more: Fields instead of or beside the usual; None leaves one out.
        """
        record = self.records["classes", self.id("classes", class_)]
        spans = [
            PERIODS[title]
            for title in PERIODS
            for term in record["terms"]
            if self.names.get(("academicSessions", title)) == term["sourcedId"]
        ]
        begins = min((span.first for span in spans), default=-7) if first is None else first
        ends = max((span.last for span in spans), default=123) if last is None else last
        fields: dict[str, Any] = {
            "user": to("user", self.id("users", person)),
            "class": to("class", self.id("classes", class_)),
            "school": record["school"],
            "role": role,
            "beginDate": self.calendar.day(begins).isoformat(),
            "endDate": self.calendar.day(ends).isoformat(),
            **more,
        }
        if role == "teacher":
            fields["primary"] = "true" if primary else "false"
        kept = {key: value for key, value in fields.items() if value is not None}
        self.plant("enrollments", name or f"{person} in {class_}", kept, sourced)

    def teach(self, teacher: str, *classes: str, co: Sequence[str] = ()) -> None:
        """Seat a primary teacher, and co-teachers, in classes."""
        for class_ in classes:
            self.seat(teacher, class_, "teacher", primary=True)
            for other in co:
                self.seat(other, class_, "teacher", primary=False)

    def fill(self, class_: str, *students: str) -> None:
        """Seat students in a class."""
        for student in students:
            self.seat(student, class_)

    # The SIS's own gradebook

    def line_item(
        self,
        name: str,
        class_: str,
        *,
        due: int,
        title: str | None = None,
        category: str = "Homework",
        maximum: float = 100,
        sourced: str | None = None,
    ) -> None:
        """Plant an assignment that a teacher made in Focus."""
        day = self.calendar.day(due).isoformat()
        self.plant(
            "lineItems",
            name,
            {
                "title": title or name,
                "assignDate": f"{self.calendar.day(0).isoformat()}T00:00:00.000Z",
                # Noon in UTC is this day read as a date and read as an instant; the vendors do not
                # say which of the two the midnight of a day without a time is.
                "dueDate": f"{day}T12:00:00.000Z",
                "class": to("class", self.id("classes", class_)),
                "category": to("category", self.id("categories", category)),
                "resultValueMin": 0,
                "resultValueMax": maximum,
            },
            sourced,
        )

    def result(self, name: str, line_item: str, student: str, score: float) -> None:
        """Plant a grade that a teacher entered in Focus."""
        self.plant(
            "results",
            name,
            {
                "lineItem": to("lineItem", self.id("lineItems", line_item)),
                "student": to("user", self.id("users", student)),
                "scoreStatus": "fully graded",
                "score": score,
                "scoreDate": self.calendar.day(1).isoformat(),
            },
        )
