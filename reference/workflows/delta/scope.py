"""What a night has to look at again: all that hangs on what changed, and no more."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import msgspec

from homeroom.config import Choices, UserId
from homeroom.reference.oneroster import records as oneroster
from homeroom.reference.oneroster.records import FAMILY, RoleType, ref_id
from homeroom.reference.roster.mapping import has_account, id_of
from homeroom.reference.roster.shelves import SHELVES, shelf_of
from homeroom.reference.workflows.delta.store import Store

Allows = Callable[[Iterable[str | None]], bool]


class Scope:
    """The users and the places in classes that tonight's rows are made anew for.

    A class is looked at whole (None), or for some of its people; its teachers always count among
    them, since the Canvas course of a class hangs on who teaches it.
    """

    def __init__(self, store: Store, choices: Choices, allows: Allows) -> None:
        self._store, self._choices, self._allows = store, choices, allows
        # By sourcedId a place's row is found again; under another SIS ID whole classes are taken.
        self._whole = choices.user_id is not UserId.SOURCED_ID
        self.keys: set[str] = set()
        self.classes: dict[str, set[str] | None] = {}
        # Canvas courses; those whose classes say something else now join them.
        self.courses: set[str] = set()
        self.seats = 0

    def add(self, kind: str, before: Any, now: Any) -> None:
        """Take in what a changed record touches.

        Args:
            kind: Its collection.
            before: The record as it was, or None.
            now: As it is; the store does not hold it yet.
        """
        each = [record for record in (before, now) if record is not None]
        if kind == "users":
            self._user(each)
        elif kind == "classes":
            self.add_class(now.sourced_id)
        elif kind == "courses":
            for class_ in self._store.classes.where("course = ?", now.sourced_id):
                self.add_class(class_.sourced_id)
        else:
            for seat in each:
                self.add_seat(ref_id(seat.class_) or "", ref_id(seat.user) or "")

    def add_class(self, sourced_id: str) -> None:
        """Take in a class with everybody in it."""
        self.classes[sourced_id] = None

    def add_seat(self, class_id: str, user: str) -> None:
        """Take in one person's place in a class."""
        self.seats += 1
        users = self.classes.setdefault(class_id, None if self._whole else set())
        if users is not None:
            users.add(user)

    def add_seats_of(self, user: str) -> None:
        """Take in all of a person's places."""
        for place in self._store.iter_pairs("user = ?", user):
            self.add_seat(*place)

    def _user(self, each: Sequence[oneroster.User]) -> None:
        keys = {id_of(user, self._choices.user_id) for user in each}
        self.keys |= keys
        if len(each) == 1 or self._account(each[0]) != self._account(each[1]):
            self.add_seats_of(each[0].sourced_id)
        for key in keys if self._whole else ():
            # Two people of one SIS ID: whose it is may have changed.
            for user in self._store.users.where("key = ?", key):
                self.add_seats_of(user.sourced_id)

    def _account(self, user: oneroster.User) -> tuple[object, ...]:
        """Give all of a person that their places hang on."""
        ids = [id_of(user, choice) for choice in (self._choices.user_id, self._choices.login_id)]
        allowed = self._allows(ref_id(ref) for ref in user.orgs or ())
        return has_account(user, self._choices), user.role in FAMILY, allowed, ids[0], bool(ids[1])

    def add_dates(self, since: str, today: str) -> None:
        """Take in the places that begin or end between two days: nothing else says so."""
        for place in self._store.iter_pairs(
            "begins > ? AND begins <= ? UNION SELECT class, user FROM enrollments "
            "WHERE ends >= ? AND ends < ? AND ends <> ''",
            *(since, today) * 2,
        ):
            self.add_seat(*place)

    def holds(self, sourced_id: str) -> bool:
        """Whether the record of a sourcedId, of whatever kind, is looked at tonight."""
        if sourced_id in self.classes:
            return True
        user, seat = self._store.users.find(sourced_id), self._store.seats.find(sourced_id)
        if user is not None and id_of(user, self._choices.user_id) in self.keys:
            return True
        class_id = (ref_id(seat.class_) or "") if seat else ""
        if seat is None or class_id not in self.classes:
            return False
        users = self._of_class(class_id)
        return users is None or (ref_id(seat.user) or "") in users

    def _of_class(self, class_id: str) -> set[str] | None:
        users = self.classes[class_id]
        if users is None:
            return None
        taught = "class = ? AND role = ?"
        teachers = self._store.iter_pairs(taught, class_id, RoleType.TEACHER.value)
        return users | {user for _, user in teachers}

    @cached_property
    def _class_shelves(self) -> list[list[str]]:
        return _dealt(self.classes)

    @cached_property
    def course_shelves(self) -> list[list[str]]:
        """The Canvas courses of each shelf, once all are known."""
        return _dealt(self.courses)

    @cached_property
    def _key_shelves(self) -> list[list[str]]:
        return _dealt(self.keys)

    def iter_users(self, shelf: int) -> Iterator[oneroster.User]:
        """Yield the users of a shelf."""
        for key in self._key_shelves[shelf]:
            yield from self._store.users.where("key = ?", key)

    def iter_classes(self, shelf: int) -> Iterator[oneroster.Class]:
        """Yield the classes of a shelf."""
        for class_id in self._class_shelves[shelf]:
            yield from self._store.classes.where("sourced_id = ?", class_id)

    def iter_seats(self, shelf: int) -> Iterator[oneroster.Enrollment]:
        """Yield the enrollments of a shelf."""
        for class_id in self._class_shelves[shelf]:
            users = self._of_class(class_id)
            if users is None:
                yield from self._store.seats.where("class = ?", class_id)
            elif users:
                marks = ", ".join("?" * len(users))
                condition = f"class = ? AND user IN ({marks})"
                yield from self._store.seats.where(condition, class_id, *users)

    def starts(self, kind: str, shelf: int) -> list[bytes]:
        """Give how the rows of a kind begin, as written down, that are made anew on a shelf."""
        if kind == "courses":
            return [_start(course) for course in self.course_shelves[shelf]]
        if kind == "users":
            return [_start(key) for key in self._key_shelves[shelf]]
        if kind == "sections":
            return [_start(class_id) for class_id in self._class_shelves[shelf]]
        found: list[bytes] = []
        for class_id in self._class_shelves[shelf]:
            users = self._of_class(class_id)
            if users is None:
                found.append(_start(class_id))
            else:
                # A SIS ID is a sourcedId without blanks around it.
                found += {_start(class_id, user.strip()) for user in users}
        return found


def _dealt(keys: Iterable[str]) -> list[list[str]]:
    shelves: list[list[str]] = [[] for _ in range(SHELVES)]
    for key in keys:
        shelves[shelf_of(key)].append(key)
    return shelves


def _start(*cells: str) -> bytes:
    return msgspec.json.encode(cells)[:-1] + b","
