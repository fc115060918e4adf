"""Tables of accounts, terms, sections, and of which sections share a course."""

from dataclasses import replace

import pytest

from homeroom.oracle.feed import Class, Enrollment, Org
from homeroom.oracle.judge import judge_placements
from homeroom.oracle.nights import Act, ActKind
from homeroom.oracle.obligations import OneOf
from homeroom.oracle.places import ROOT
from homeroom.oracle.tests.samples import (
    FALL,
    SPRING,
    YEAR,
    class_,
    feed,
    night,
    obliged,
    person,
    row,
    states,
    world,
)

STAFF = (person("maria", "teacher"), person("tom", "teacher"))


def test_a_school_is_an_account_below_the_root_or_its_district() -> None:
    found = obliged(night(feed())).of("account", "s1")

    assert found is not None
    assert found.states == {"active"}
    assert found.fields == {"name": OneOf.of("High"), "parent": OneOf.of(ROOT, "d")}


@pytest.mark.parametrize("type_", ["district", "department", "local"])
def test_other_orgs_may_be_accounts(type_: str) -> None:
    served = feed(orgs=(Org(sourced_id="o", name="O", type=type_),))

    assert states(obliged(night(served)), "account", "o") == {"active", "deleted"}


def test_only_sessions_that_classes_use_must_be_terms() -> None:
    after = obliged(night(feed(classes=(class_("a1"),))))

    assert states(after, "term", "t1") == {"active"}
    assert states(after, "term", "t2") == {"active", "deleted"}
    assert states(after, "term", "y") == {"active", "deleted"}


@pytest.mark.parametrize(
    ("terms", "choice", "permitted"),
    [
        (("t1",), "first-term", {"t1"}),
        (("y",), "first-term", {"y"}),
        (("y", "t2"), "first-term", {"t2"}),
        (("t1", "t2"), "first-term", {"t1", "y"}),
        ((), "first-term", {"y"}),
        (("t1",), "school-year", {"y"}),
    ],
    ids=["one", "year", "year and term", "all terms", "none", "declared year"],
)
def test_a_class_is_in_the_term_that_the_choice_gives(
    terms: tuple[str, ...], choice: str, permitted: set[str]
) -> None:
    after = obliged(night(feed(classes=(class_("a1", terms=terms),))), term=choice)

    assert after.placements["a1"].terms == permitted


def test_a_common_id_may_be_the_term_s_sis_id() -> None:
    here = replace(FALL, sourced_id="h1-s1-2026F", parent="y")
    there = replace(FALL, sourced_id="h2-s2-2026F", parent="y")
    served = feed(classes=(class_("a1", terms=("h1-s1-2026F",)),), sessions=(YEAR, here, there))

    after = obliged(night(served), term="common-id")

    assert after.placements["a1"].terms == {"2026F", "h1-s1-2026F", "h2-s2-2026F"}


@pytest.mark.parametrize(
    ("class_fields", "name", "right"),
    [
        ({"title": "Algebra 1"}, "Algebra 1", True),
        ({"title": "Algebra 1", "class_code": "ALG-01"}, "ALG-01", True),
        ({"title": "Algebra 1", "class_code": "ALG-01"}, "Algebra 1 (ALG-01) Delgado", True),
        ({"title": "Algebra 1"}, "algebra 1", False),
        ({"title": "Álgebra 1"}, "Algebra 1", False),
        ({"title": "Algebra 1 Honors"}, "Algebra 1", False),
    ],
)
def test_a_section_is_named_by_title_or_code_unaltered(
    class_fields: dict[str, str], name: str, *, right: bool
) -> None:
    found = obliged(night(feed(classes=(class_("a1", **class_fields),)))).of("section", "a1")

    assert found is not None
    assert found.fields["name"].permits(name) is right


@pytest.mark.parametrize(
    "later",
    [(class_("a1", status="tobedeleted"),), ()],
    ids=["tobedeleted", "gone"],
)
def test_a_class_that_is_gone_is_no_section(later: tuple[Class, ...]) -> None:
    after = obliged(night(feed(classes=(class_("a1"),))), night(feed(classes=later), 1))

    assert states(after, "section", "a1") == {"deleted"}


def test_a_class_without_a_term_may_be_refused_or_placed_in_the_year() -> None:
    after = obliged(night(feed(classes=(class_("a1", terms=()),))))

    assert states(after, "section", "a1") == {"active", "deleted"}
    assert after.placements["a1"].terms == {"y"}


def teaching(*pairs: tuple[str, str, bool]) -> list[Enrollment]:
    return [
        row(teacher, title, "teacher", primary=primary, sourced_id=f"{teacher}-{title}")
        for teacher, title, primary in pairs
    ]


@pytest.mark.parametrize(
    ("key", "together", "apart"),
    [
        ("course+teacher+term", True, True),
        ("course+term", True, False),
        ("class", False, True),
        ("any", True, True),
    ],
)
def test_the_declared_key_decides_what_may_share_a_course(
    key: str, *, together: bool, apart: bool
) -> None:
    rows = teaching(("maria", "a1", True), ("tom", "a2", True))
    served = feed(*rows, users=STAFF, classes=(class_("a1"), class_("a2")))
    placements = obliged(night(served), course_key=key).placements

    shared = judge_placements(placements, world({"a1": 1, "a2": 1})) == []
    split = judge_placements(placements, world({"a1": 1, "a2": 2})) == []

    if key == "course+teacher+term":
        together = False
    assert (shared, split) == (together, apart)


def test_one_teacher_s_sections_of_a_course_share_it() -> None:
    rows = teaching(("maria", "a1", True), ("maria", "a2", True), ("tom", "a2", False))
    served = feed(*rows, users=STAFF, classes=(class_("a1"), class_("a2")))
    placements = obliged(night(served)).placements

    assert judge_placements(placements, world({"a1": 1, "a2": 1})) == []
    (found,) = judge_placements(placements, world({"a1": 1, "a2": 2}))
    assert (found.field, found.expected, found.received) == (
        "sections", "one course", "two courses",
    )  # fmt: skip


def test_the_next_term_s_section_is_another_course() -> None:
    rows = teaching(("maria", "a1", True), ("maria", "a2", True))
    served = feed(*rows, users=STAFF, classes=(class_("a1"), class_("a2", terms=("t2",))))
    placements = obliged(night(served)).placements

    fields = [each.field for each in judge_placements(placements, world({"a1": 1, "a2": 1}))]
    assert fields == ["sections"]


@pytest.mark.parametrize(
    ("teachers", "alone", "with_maria"),
    [
        ([], True, False),
        ([("tom", "a2", True), ("maria", "a2", True)], False, True),
        ([("tom", "a2", False), ("maria", "a2", False)], True, True),
    ],
    ids=["nobody", "two primaries", "nobody primary"],
)
def test_where_the_documents_leave_the_teacher_open_so_does_the_oracle(
    teachers: list[tuple[str, str, bool]], *, alone: bool, with_maria: bool
) -> None:
    rows = teaching(("maria", "a1", True), *teachers)
    served = feed(*rows, users=STAFF, classes=(class_("a1"), class_("a2")))
    placement = obliged(night(served)).placements

    assert (("class", "a2") in placement["a2"].keys) is alone
    shares = bool(placement["a1"].keys & placement["a2"].keys)
    assert shares is with_maria


@pytest.mark.parametrize(
    ("choices", "course", "right"),
    [
        ({"section_moves": "held"}, 1, True),
        ({"section_moves": "held"}, 2, True),
        ({"section_moves": "held", "rules": "homeroom-safe"}, 1, True),
        ({"section_moves": "held", "rules": "homeroom-safe"}, 2, False),
        ({"section_moves": "follow"}, 2, True),
        ({"section_moves": "follow"}, 1, False),
    ],
)
def test_after_a_change_of_teacher_a_section_stays_or_follows(
    choices: dict[str, str], course: int, *, right: bool
) -> None:
    classes = (class_("a1"), class_("a2"))
    both = teaching(("maria", "a1", True), ("maria", "a2", True))
    changed = teaching(("tom", "a1", True), ("maria", "a2", True))
    placements = obliged(
        night(feed(*both, users=STAFF, classes=classes)),
        night(feed(*changed, users=STAFF, classes=classes), 1, before=world({"a1": 1, "a2": 1})),
        **choices,
    ).placements

    assert (judge_placements(placements, world({"a1": course, "a2": 1})) == []) is right


def test_a_corrected_title_or_code_leaves_a_section_where_it_is() -> None:
    rows = teaching(("maria", "a1", True))
    first = feed(*rows, users=STAFF, classes=(class_("a1"),))
    second = feed(*rows, users=STAFF, classes=(class_("a1", title="Algebra I", class_code="X"),))
    placements = obliged(
        night(first), night(second, 1, before=world({"a1": 1})), section_moves="follow"
    ).placements

    assert judge_placements(placements, world({"a1": 1})) == []
    (found,) = judge_placements(placements, world({"a1": 2}))
    assert (found.field, found.requirement) == ("stays", "PRV-CRS-05")


def test_a_section_cross_listed_by_hand_stays_there() -> None:
    act = Act(act=ActKind.CROSS_LISTED, kind="section", id=("a1",), value="9")
    served = feed(users=STAFF, classes=(class_("a1"),))
    placements = obliged(
        night(served), night(served, 1, acts=(act,), before=world({"a1": 9}))
    ).placements

    assert judge_placements(placements, world({"a1": 9})) == []
    assert [each.field for each in judge_placements(placements, world({"a1": 1}))] == ["stays"]


def test_a_course_in_the_wrong_term_is_found() -> None:
    served = feed(classes=(class_("a1", terms=("t2",)),), sessions=(YEAR, FALL, SPRING))
    placements = obliged(night(served)).placements

    (found,) = judge_placements(placements, world({"a1": 1}, term="t1"))
    assert (found.field, found.expected, found.received) == ("term", "t2", "'t1'")
