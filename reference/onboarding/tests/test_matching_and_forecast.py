from typing import Any

from homeroom.reference.onboarding.concerns import find_concerns
from homeroom.reference.onboarding.evaluation import Rekey, draft
from homeroom.reference.onboarding.forecast import KindForecast, forecast
from homeroom.reference.onboarding.holdings import KINDS, Holding
from homeroom.reference.onboarding.matching import Pair, Standing, Wanted, course_hints, match


def user(sis_id: str, **more: Any) -> Wanted:
    return Wanted(kind="users", sis_id=sis_id, source=sis_id, **more)


def held(id_: int, kind: str = "users", **more: Any) -> Holding:
    return Holding(kind=kind, id=id_, **more)


def told(pairs: list[Pair]) -> list[tuple[str | None, int | None, str, str]]:
    return [
        (
            pair.wanted.sis_id if pair.wanted else None,
            pair.held.id if pair.held else None,
            pair.standing.value,
            pair.key,
        )
        for pair in pairs
    ]


def all_kinds(**pairs: list[Pair]) -> dict[str, list[Pair]]:
    return {kind: pairs.get(kind, []) for kind in KINDS}


def test_keys_are_tried_in_the_order_of_trust() -> None:
    wanted = [
        user("a", login="ana"),
        user("b", login="ben"),
        user("c", email="C@x.example"),
        user("d", others=("d-old",)),
        user("e", others=("e-int",)),
        user("f"),
    ]
    there = [
        held(1, sis_id="a", login="ana"),
        held(2, sis_id="ben@x.example", login="BEN"),
        held(3, sis_id="c@old.example", email="c@x.example"),
        held(4, sis_id="d-old"),
        held(5, integration_id="e-int"),
        held(6, name="By hand"),
    ]
    assert told(match("users", wanted, there)) == [
        ("a", 1, "matched", "sis_id"),
        ("b", 2, "changed", "login"),
        ("c", 3, "changed", "email"),
        ("d", 4, "changed", "other_id"),
        ("e", 5, "changed", "integration_id"),
        ("f", None, "new", ""),
        (None, 6, "orphaned", ""),
    ]


def test_a_sibling_with_the_same_email_is_new_where_the_other_is_known_by_id() -> None:
    wanted = [user("a", email="family@x.example"), user("b", email="family@x.example")]
    there = [held(1, sis_id="a", email="family@x.example")]
    assert told(match("users", wanted, there)) == [
        ("a", 1, "matched", "sis_id"),
        ("b", None, "new", ""),
    ]


def test_two_of_the_feed_for_one_of_canvas_are_left_to_a_person() -> None:
    wanted = [user("a", email="family@x.example"), user("b", email="family@x.example")]
    pairs = match("users", wanted, [held(1, sis_id="old", email="family@x.example")])
    assert told(pairs) == [("a", None, "ambiguous", "email"), ("b", None, "ambiguous", "email")]
    assert pairs[0].candidates == (1,)
    assert draft(all_kinds(users=pairs)) == []


def test_namesakes_are_never_taken_for_one_person_but_schools_are() -> None:
    people = match("users", [user("a", name="Ana Ruiz")], [held(1, name="ana  ruiz")])
    assert told(people) == [("a", None, "ambiguous", "name")]
    school = Wanted(kind="accounts", sis_id="s", name="Oak School")
    schools = match("accounts", [school], [held(1, "accounts", sis_id="017", name="Oak School")])
    assert told(schools) == [("s", 1, "changed", "name")]


def test_sections_say_which_course_is_which() -> None:
    sections = match(
        "sections",
        [Wanted(kind="sections", sis_id=id_, course="new") for id_ in ("s1", "s2")],
        [held(number, "sections", sis_id=f"s{number}", course=7) for number in (1, 2)],
    )
    hints = course_hints(sections)
    assert hints == {"new": {7}}
    courses = match(
        "courses",
        [Wanted(kind="courses", sis_id="new", name="Algebra 1")],
        [held(7, "courses", sis_id="old", name="Ms Ruiz's algebra"), held(8, "courses")],
        hints,
    )
    assert told(courses)[0] == ("new", 7, "changed", "sections")


def test_the_draft_rekeys_what_is_certain_and_has_an_old_id() -> None:
    wanted = [user("a", login="ana"), user("b", login="ben"), user("c", login="cy")]
    there = [held(1, sis_id="a@x", login="ana"), held(2, login="ben"), held(3, sis_id="c")]
    pairs = match("users", wanted, there)
    assert draft(all_kinds(users=pairs)) == [Rekey(old_id="a@x", new_id="a", type="user")]


def test_the_first_night_is_told_with_and_without_the_draft() -> None:
    wanted = [
        user("a", login="ana"),
        user("b", login="ben"),
        user("c", login="cy", email="cy@x"),
        user("d", login="dee"),
        user("e", login="eve", name="Eve"),
    ]
    there = [
        held(1, sis_id="a@x", login="ana"),
        held(2, login="ben"),
        held(3, sis_id="c@x", login="cyrus", email="cy@x"),
        held(5, sis_id="e", login="eve", name="Eva"),
    ]
    pairs = all_kinds(users=match("users", wanted, there))
    seats = {"a": 6, "b": 6, "d": 6}
    now = forecast(pairs, seats, rekeyed=frozenset())
    assert now.kinds["users"] == KindForecast(
        refused=1, adopted=1, duplicated=1, created=1, updated=1
    )
    assert (now.enrollments, now.enrollments_refused) == (18, 6)
    after = forecast(pairs, seats, rekeyed=frozenset({("user", "a"), ("user", "c")}))
    assert after.kinds["users"] == KindForecast(unchanged=1, adopted=1, updated=2, created=1)
    assert after.enrollments_refused == 0


def test_a_section_that_would_leave_its_course_is_counted_as_moved() -> None:
    section = Wanted(kind="sections", sis_id="s", course="new")
    sections = match("sections", [section], [held(1, "sections", sis_id="s", course=7)])
    wanted = [Wanted(kind="courses", sis_id="new")]
    there = [held(7, "courses", sis_id="old")]
    courses = match("courses", wanted, there, course_hints(sections))
    pairs = all_kinds(sections=sections, courses=courses)
    assert forecast(pairs, {}, rekeyed=frozenset()).kinds["sections"].moved == 1
    rekeyed = frozenset({("course", "new")})
    assert forecast(pairs, {}, rekeyed=rekeyed).kinds["sections"].moved == 0


def test_concerns_come_worst_first_and_name_sourced_ids() -> None:
    wanted = [user("a", login="ana", name="Ana"), user("b", name="Ben")]
    there = [held(1, sis_id="a@x", login="ana", name="Anna"), held(2, name="Ben"), held(3)]
    pairs = all_kinds(users=match("users", wanted, there))
    found = find_concerns(pairs, [{"sourcedId": "z", "field": "username", "reason": "is blank"}])
    assert [(one.severity, one.kind, one.count, one.samples) for one in found] == [
        ("critical", "users", 1, ["a"]),
        ("warning", "users", 1, ["b"]),
        ("warning", "records", 1, ["z"]),
        ("note", "users", 1, ["canvas 3"]),
        ("note", "users", 1, ["a"]),
    ]
    assert Standing.AMBIGUOUS in {pair.standing for pair in pairs["users"]}
