"""What an operator reads of a night, before and after it."""

from io import StringIO

from rich.console import Console

from homeroom.cli.provision import SHOWN, render
from homeroom.reference.roster.plan import Counts, Plan
from homeroom.reference.workflows import Night


def shown(plan: Plan, status: str = "planned", rows: int = SHOWN) -> str:
    """Return what is printed of a night with this plan."""
    console = Console(file=StringIO(), width=120)
    render(Night(run=plan.run, plan=plan, status=status), console, rows)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def section(id_: str, name: str) -> dict[str, str]:
    return {
        "section_id": id_,
        "course_id": "k",
        "name": name,
        "status": "active",
        "source": id_,
    }


def test_a_plan_lists_what_comes_changes_and_goes() -> None:
    plan = Plan(run="1", now="", counts={"sections": Counts(added=1, changed=1, removed=1)})
    plan.changes = [
        {"kind": "sections", "act": "added", "before": None, "after": section("a", "Art")},
        {
            "kind": "sections",
            "act": "changed",
            "before": section("b", "Maths"),
            "after": section("b", "Algebra"),
        },
        {"kind": "sections", "act": "removed", "before": section("c", "Choir"), "after": None},
    ]
    lines = [line.strip() for line in shown(plan).splitlines()]
    begin = lines.index("In sections (3)")
    assert lines[begin + 1 : begin + 4] == [
        "add     section_id a, course_id k, name Art, status active",
        "change  b: name Maths -> Algebra",
        "remove  section_id c, course_id k, name Choir, status active",
    ]


def test_of_many_changes_the_first_are_shown_and_the_rest_counted() -> None:
    plan = Plan(run="1", now="", counts={"sections": Counts(added=1500)})
    plan.changes = [
        {"kind": "sections", "act": "added", "before": None, "after": section(f"{n}", "Art")}
        for n in range(1000)
    ]
    told = shown(plan)
    assert told.count("add     section_id") == SHOWN
    assert "In sections (1,500)" in told
    assert "and 1,480 more; --rows 0 lists all" in told
    assert "and 500 more; --rows 0 lists all" in shown(plan, rows=1200)
    assert Night(run="1", plan=plan).as_dict()["left_out"] == {"sections": 500}


def test_what_was_applied_is_counted_only() -> None:
    plan = Plan(run="1", now="", counts={"sections": Counts(added=1)})
    plan.changes = [
        {"kind": "sections", "act": "added", "before": None, "after": section("a", "Art")}
    ]
    assert "In sections" not in shown(plan, "completed")
