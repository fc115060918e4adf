"""Tables of observers: who must look on, who may, and who must not any more."""

import pytest

from homeroom.oracle.feed import Feed, User
from homeroom.oracle.tests.samples import class_, feed, night, obliged, person, row, states

ENDED = {"completed", "inactive", "deleted"}
SEAT = ("enrollment", "a1", "rosa", "ObserverEnrollment")


def family(*, at_parent: bool = True, at_child: bool = False, enabled: bool = True) -> Feed:
    """Return a feed of a student in a class, and a parent who is linked with them at some ends."""
    people: list[User] = [
        person("ana", agents=("rosa",) if at_child else (), enabled=enabled),
        person("rosa", "parent", agents=("ana",) if at_parent else ()),
    ]
    return feed(row("ana", "a1"), users=people, classes=(class_("a1"),))


@pytest.mark.parametrize(("at_parent", "at_child"), [(True, False), (False, True), (True, True)])
def test_a_link_at_either_end_lets_a_parent_look_on(*, at_parent: bool, at_child: bool) -> None:
    after = obliged(night(family(at_parent=at_parent, at_child=at_child)), observers=True)

    assert states(after, *SEAT) == {"active"}


def test_a_parent_of_a_present_student_must_have_an_account() -> None:
    after = obliged(night(family()), observers=True)

    assert states(after, "user", "rosa") == {"active"}


def test_without_observers_nothing_is_asked_of_families_but_that_they_are_not_there() -> None:
    after = obliged(night(family()))

    assert states(after, "user", "rosa") == {"deleted"}
    assert states(after, *SEAT) is None


def test_who_is_parted_from_a_child_must_not_look_on() -> None:
    after = obliged(
        night(family()), night(family(at_parent=False, at_child=False), 1), observers=True
    )

    assert states(after, *SEAT) == ENDED


def test_where_a_child_has_left_it_is_canvas_that_parts_them_or_does_not() -> None:
    after = obliged(night(family()), night(family(enabled=False), 1), observers=True)

    assert states(after, *SEAT) == ENDED | {"active"}


def test_one_child_of_two_in_a_class_is_enough() -> None:
    two = (person("ana"), person("ben"), person("rosa", "parent", agents=("ana", "ben")))
    parted = (*two[:2], person("rosa", "parent", agents=("ben",)))
    rows, classes = (row("ana", "a1"), row("ben", "a1")), (class_("a1"),)
    after = obliged(
        night(feed(*rows, users=two, classes=classes)),
        night(feed(*rows, users=parted, classes=classes), 1),
        observers=True,
    )

    assert states(after, *SEAT) == {"active"}


def test_a_parent_who_left_is_as_the_district_chose() -> None:
    gone = feed(row("ana", "a1"), users=(person("ana"),), classes=(class_("a1"),))
    after = obliged(night(family()), night(gone, 1), observers=True)

    assert states(after, "user", "rosa") == {"suspended", "deleted"}
