"""Tables of users: who must have an account, and what becomes of who leaves."""

from dataclasses import replace

import pytest

from homeroom.config import Choices, LoginId, UserId
from homeroom.oracle.feed import User
from homeroom.oracle.nights import Act, ActKind
from homeroom.oracle.obligations import OneOf
from homeroom.oracle.people import nameless
from homeroom.oracle.tests.samples import class_, feed, night, obliged, person, row, states


def test_a_pupil_has_an_account_with_exactly_these_names() -> None:
    zoe = person(
        "0042", given_name="Zoë-Li", family_name="van der Berg", middle_name="Q",
        username="Zoe.B", email="zoe@x.example",
    )  # fmt: skip
    found = obliged(night(feed(users=(zoe,)))).of("user", "0042")

    assert found is not None
    assert found.states == {"active"}
    assert found.fields == {
        "name": OneOf.of("Zoë-Li van der Berg", "Zoë-Li Q van der Berg"),
        "login": OneOf.of("Zoe.B"),
        "email": OneOf.of("zoe@x.example"),
    }


@pytest.mark.parametrize(
    ("role", "permitted"),
    [
        ("student", {"active"}),
        ("teacher", {"active"}),
        ("administrator", {"active", "deleted"}),
        ("aide", {"active", "deleted"}),
        ("parent", {"deleted"}),
        ("guardian", {"deleted"}),
    ],
)
def test_the_role_decides_who_must_have_an_account(role: str, permitted: set[str]) -> None:
    after = obliged(night(feed(users=(person("p", role),))))

    assert states(after, "user", "p") == permitted


@pytest.mark.parametrize(
    ("choices", "email", "told"),
    [
        (Choices(), None, False),
        (Choices(login_id=LoginId.EMAIL), None, True),
        (Choices(login_id=LoginId.EMAIL), "ana@x.example", False),
        (Choices(user_id=UserId.EMAIL), " ", True),
    ],
)
def test_whom_the_choices_leave_without_a_name_is_known(
    choices: Choices, email: str | None, told: bool
) -> None:
    served = feed(users=(person("ana", email=email, username="ana"),))

    assert nameless(served, choices) is told


def test_families_without_a_student_may_have_accounts_where_observers_are_declared() -> None:
    after = obliged(night(feed(users=(person("p", "parent"),))), observers=True)

    assert states(after, "user", "p") == {"active", "deleted"}


KIM, EDITED = person("kim", username="ktran"), person("kim-2", username="KTran")


def test_an_edited_id_may_be_carried_on_or_refused() -> None:
    after = obliged(night(feed(users=(KIM,))), night(feed(users=(EDITED,)), 1))

    assert states(after, "user", "kim") == {"active", "suspended", "deleted"}
    assert states(after, "user", "kim-2") == {"active", "deleted"}
    assert after.one_person == {"kim-2": ["kim"]}


def test_a_changed_field_is_a_changed_id_only_where_ids_are_made_of_it() -> None:
    nights = [night(feed(users=(person("kim", username=login),)), number)
              for number, login in enumerate(("ktran", "kimtran"))]  # fmt: skip

    assert obliged(*nights).one_person == {}
    assert obliged(*nights, user_id="username").one_person == {"kimtran": ["ktran"]}


@pytest.mark.parametrize(
    "other",
    [
        person("kim-2", username="someone else"),
        person("kim-2", "teacher", username="ktran"),
        person("kim-2", username="ktran", identifier="another number"),
    ],
    ids=["login", "role", "number"],
)
def test_a_newcomer_is_not_taken_for_somebody_who_left(other: User) -> None:
    after = obliged(night(feed(users=(KIM,))), night(feed(users=(other,)), 1))

    assert after.one_person == {}
    assert states(after, "user", "kim") == {"suspended"}
    assert states(after, "user", "kim-2") == {"active"}


def test_an_id_that_somebody_took_over_is_theirs() -> None:
    ana, ben = person("a", username="one"), person("b", username="two")
    swapped = [replace(ana, username="two"), replace(ben, username="one")]
    after = obliged(
        night(feed(users=(ana, ben))), night(feed(users=swapped), 1), user_id="username"
    )

    assert after.one_person == {}
    assert states(after, "user", "one") == states(after, "user", "two") == {"active"}


def test_an_administrator_who_teaches_must_have_an_account() -> None:
    served = feed(row("p", "a1", "teacher"), users=(person("p", "administrator"),),
                  classes=(class_("a1"),))  # fmt: skip

    assert states(obliged(night(served)), "user", "p") == {"active"}


@pytest.mark.parametrize(
    "left",
    [(person("ana", status="tobedeleted"),), (person("ana", enabled=False),), ()],
    ids=["tobedeleted", "locked out", "gone"],
)
@pytest.mark.parametrize(
    ("chosen", "permitted"),
    [("suspended", {"suspended"}), ("deleted", {"deleted"}), ("kept", {"active"})],
)
def test_who_left_is_what_the_district_chose(
    left: tuple[User, ...], chosen: str, permitted: set[str]
) -> None:
    after = obliged(
        night(feed(users=(person("ana"),))), night(feed(users=left), 1), departed_users=chosen
    )

    assert states(after, "user", "ana") == permitted


def test_who_arrives_locked_out_may_have_no_account_at_all() -> None:
    after = obliged(night(feed(users=(person("ana", enabled=False),))))

    assert states(after, "user", "ana") == {"suspended", "deleted"}


def test_who_returns_is_active_again() -> None:
    present, absent = feed(users=(person("ana"),)), feed()
    after = obliged(night(present), night(absent, 1), night(present, 2))

    assert states(after, "user", "ana") == {"active"}


def test_of_two_owners_of_a_login_either_may_be_refused() -> None:
    twins = (person("a", username="same"), person("b", username="SAME"))
    after = obliged(night(feed(users=twins)))

    assert states(after, "user", "a") == {"active", "deleted"}
    assert states(after, "user", "b") == {"active", "deleted"}


@pytest.mark.parametrize(
    ("choice", "key"),
    [("identifier", "00471"), ("username", "ana.login"), ("email", "a@x.example")],
)
def test_the_sis_id_is_the_declared_field(choice: str, key: str) -> None:
    ana = person("ana", identifier="00471", email="a@x.example")
    after = obliged(night(feed(users=(ana,))), user_id=choice)

    assert states(after, "user", key) == {"active"}
    assert states(after, "user", "ana") is None


def test_the_login_is_the_declared_field() -> None:
    ana = person("ana", identifier="00471", email="a@x.example")

    found = obliged(night(feed(users=(ana,))), login_id="email").of("user", "ana")

    assert found is not None
    assert found.fields["login"] == OneOf.of("a@x.example")


def test_a_name_given_by_hand_stays() -> None:
    act = Act(act=ActKind.SET, kind="user", id=("ana",), field="name", value="Anita Ruiz")
    after = obliged(
        night(feed(users=(person("ana"),))),
        night(feed(users=(person("ana", family_name="Ruiz-Castillo"),)), 1, acts=(act,)),
    )

    found = after.of("user", "ana")
    assert found is not None
    assert found.fields["name"] == OneOf.of("Anita Ruiz")


def test_the_owner_of_a_claimed_login_may_be_refused_and_so_may_their_seats() -> None:
    act = Act(act=ActKind.CLAIMED, kind="login", id=("ana.login",))
    served = feed(row("ana", "a1"), users=(person("ana"),), classes=(class_("a1"),))
    after = obliged(night(served, acts=(act,)))

    assert states(after, "user", "ana") == {"active", "deleted"}
    assert states(after, "enrollment", "a1", "ana", "StudentEnrollment") == {"active", "deleted"}
