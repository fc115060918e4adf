"""Enrollments in columns: a mega district has 1.7 million, and objects of them would fill memory.

The table holds a number for each field of each seat; `Enrollment` is a view of one, made whenever
somebody looks. Two views of one seat are equal. Instants and states are kept once and referred to.
"""

from array import array
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from homeroom.mocks.canvas.store.objects import Role
    from homeroom.mocks.canvas.store.tables import Table

Fields = frozenset[str]
STATES = (
    "active", "invited", "creation_pending", "completed", "inactive", "rejected", "deleted",
)  # fmt: skip
_CODES = {state: code for code, state in enumerate(STATES)}
_NOTHING: Fields = frozenset()


class NewEnrollment(msgspec.Struct, kw_only=True):
    """A seat to be added; its type is that of the role, its course that of the section."""

    user_id: int
    section_id: int
    role_id: int
    associated_user_id: int | None = None
    workflow_state: str = "active"
    start_at: datetime | None = None
    end_at: datetime | None = None
    completed_at: datetime | None = None
    limit_privileges_to_course_section: bool = False
    sis_batch_id: int | None = None
    sis_pseudonym_id: int | None = None
    created_at: datetime


class EnrollmentTable:
    """All seats, by id from 1. Columns have an unused place 0, so that ids are indices."""

    def __init__(self, roles: "Table[Role]") -> None:
        self.roles = roles
        self.course_of_section: array[int] = array("I", [0])
        """By section id: where its seats are now."""
        self.user: array[int] = array("I", [0])
        self.section: array[int] = array("I", [0])
        self.role: array[int] = array("H", [0])
        self.state: array[int] = array("B", [0])
        self.associated: array[int] = array("I", [0])
        self.batch: array[int] = array("I", [0])
        self.pseudonym: array[int] = array("I", [0])
        self.start: array[int] = array("I", [0])
        self.end: array[int] = array("I", [0])
        self.completed: array[int] = array("I", [0])
        self.created: array[int] = array("I", [0])
        self.updated: array[int] = array("I", [0])
        self.limited: set[int] = set()
        self.stuck: dict[int, Fields] = {}
        self._instants: list[datetime | None] = [None]
        self._instant_codes: dict[datetime | None, int] = {None: 0}

    def code_of(self, at: datetime | None) -> int:
        """Return the number that an instant is kept under."""
        code = self._instant_codes.get(at)
        if code is None:
            code = self._instant_codes[at] = len(self._instants)
            self._instants.append(at)
        return code

    def instant(self, code: int) -> datetime | None:
        """Return the instant kept under a number."""
        return self._instants[code]

    @property
    def next_id(self) -> int:
        """The id of the next seat."""
        return len(self.user)

    def add(self, new: NewEnrollment) -> "Enrollment":
        """Append a seat."""
        number = len(self.user)
        self.user.append(new.user_id)
        self.section.append(new.section_id)
        self.role.append(new.role_id)
        self.state.append(_CODES[new.workflow_state])
        self.associated.append(new.associated_user_id or 0)
        self.batch.append(new.sis_batch_id or 0)
        self.pseudonym.append(new.sis_pseudonym_id or 0)
        self.start.append(self.code_of(new.start_at))
        self.end.append(self.code_of(new.end_at))
        self.completed.append(self.code_of(new.completed_at))
        created = self.code_of(new.created_at)
        self.created.append(created)
        self.updated.append(created)
        if new.limit_privileges_to_course_section:
            self.limited.add(number)
        return Enrollment(self, number)

    def find(self, row_id: int) -> "Enrollment | None":
        """Return the seat of that id, in whatever state, or None."""
        return Enrollment(self, row_id) if 0 < row_id < len(self.user) else None

    def get(self, row_id: int) -> "Enrollment":
        """Return the seat of an id known to exist; raises KeyError."""
        found = self.find(row_id)
        if found is None:
            raise KeyError(row_id)
        return found

    def find_seat(
        self, ids: "array[int]", user_id: int, section_id: int, role_id: int, associated: int
    ) -> int:
        """Return the id of the seat among `ids` that is all of this, or 0."""
        for number in ids:
            if (
                self.section[number] == section_id
                and self.user[number] == user_id
                and self.role[number] == role_id
                and self.associated[number] == associated
            ):
                return number
        return 0

    def __iter__(self) -> Iterator["Enrollment"]:
        return (Enrollment(self, number) for number in range(1, len(self.user)))

    def __len__(self) -> int:
        return len(self.user) - 1


class Enrollment:
    """A user's seat in a section, in one role: a view of its row."""

    __slots__ = ("_table", "id")

    def __init__(self, table: EnrollmentTable, number: int) -> None:
        self._table, self.id = table, number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Enrollment) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return (
            f"Enrollment({self.id}, user {self.user_id}, section {self.section_id}, {self.type}, "
            f"{self.workflow_state})"
        )

    @property
    def user_id(self) -> int:
        """Who sits here."""
        return self._table.user[self.id]

    @property
    def section_id(self) -> int:
        """Where."""
        return self._table.section[self.id]

    @property
    def course_id(self) -> int:
        """The course that the section stands in now."""
        return self._table.course_of_section[self._table.section[self.id]]

    @property
    def role_id(self) -> int:
        """In which role."""
        return self._table.role[self.id]

    @property
    def type(self) -> str:
        """The role's base type, such as StudentEnrollment."""
        return self._table.roles.rows[self._table.role[self.id] - 1].base_role_type

    @property
    def associated_user_id(self) -> int | None:
        """Of an observer the student who is observed here."""
        return self._table.associated[self.id] or None

    @property
    def workflow_state(self) -> str:
        """active, invited, creation_pending, completed, inactive, rejected or deleted."""
        return STATES[self._table.state[self.id]]

    @workflow_state.setter
    def workflow_state(self, state: str) -> None:
        self._table.state[self.id] = _CODES[state]

    @property
    def sis_batch_id(self) -> int | None:
        """The last import that touched it."""
        return self._table.batch[self.id] or None

    @sis_batch_id.setter
    def sis_batch_id(self, batch_id: int | None) -> None:
        self._table.batch[self.id] = batch_id or 0

    @property
    def sis_pseudonym_id(self) -> int | None:
        """The login that the import named; its SIS id is the one shown."""
        return self._table.pseudonym[self.id] or None

    @sis_pseudonym_id.setter
    def sis_pseudonym_id(self, pseudonym_id: int | None) -> None:
        self._table.pseudonym[self.id] = pseudonym_id or 0

    @property
    def start_at(self) -> datetime | None:
        """First day, where it has dates of its own."""
        return self._table.instant(self._table.start[self.id])

    @start_at.setter
    def start_at(self, at: datetime | None) -> None:
        self._table.start[self.id] = self._table.code_of(at)

    @property
    def end_at(self) -> datetime | None:
        """Last day, where it has dates of its own."""
        return self._table.instant(self._table.end[self.id])

    @end_at.setter
    def end_at(self, at: datetime | None) -> None:
        self._table.end[self.id] = self._table.code_of(at)

    @property
    def completed_at(self) -> datetime | None:
        """When it was concluded."""
        return self._table.instant(self._table.completed[self.id])

    @completed_at.setter
    def completed_at(self, at: datetime | None) -> None:
        self._table.completed[self.id] = self._table.code_of(at)

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        at = self._table.instant(self._table.created[self.id])
        assert at is not None  # noqa: S101 -- every seat was made some time
        return at

    @property
    def updated_at(self) -> datetime:
        """When it last changed."""
        at = self._table.instant(self._table.updated[self.id])
        assert at is not None  # noqa: S101 -- as above
        return at

    @updated_at.setter
    def updated_at(self, at: datetime) -> None:
        self._table.updated[self.id] = self._table.code_of(at)

    @property
    def limit_privileges_to_course_section(self) -> bool:
        """Whether the person sees only their own section."""
        return self.id in self._table.limited

    @limit_privileges_to_course_section.setter
    def limit_privileges_to_course_section(self, limited: bool) -> None:
        if limited:
            self._table.limited.add(self.id)
        else:
            self._table.limited.discard(self.id)

    @property
    def stuck(self) -> Fields:
        """Sticky fields that people have changed."""
        return self._table.stuck.get(self.id, _NOTHING)

    @stuck.setter
    def stuck(self, fields: Fields) -> None:
        if fields:
            self._table.stuck[self.id] = fields
        else:
            self._table.stuck.pop(self.id, None)


class Seated(msgspec.Struct, gc=False, kw_only=True):
    """What users and sections have in common: they hold seats."""

    seat_ids: "array[int]" = msgspec.field(default_factory=lambda: _NO_SEATS)
    """Ids of the enrollments in every state, oldest first; the empty one is shared."""
    seat_table: EnrollmentTable | None = None
    """Set when the object is added to its store."""

    @property
    def enrollments(self) -> list[Enrollment]:
        """The enrollments in every state, oldest first."""
        table = self.seat_table
        return [] if table is None else [Enrollment(table, number) for number in self.seat_ids]

    def seat(self, number: int) -> None:
        """Note one more enrollment."""
        if not self.seat_ids:
            # Never the shared one, nor what a snapshot made of it.
            self.seat_ids = array("I")
        self.seat_ids.append(number)


_NO_SEATS: "array[int]" = array("I")
