"""docs/limitations.md: what the integration does and does not do, told from the requirement set.

`python -m homeroom.features.limitations` prints it.
"""

import sys
from collections.abc import Iterator, Mapping
from textwrap import wrap

from homeroom.certify.requirement_set import (
    Evidence,
    Requirement,
    RequirementSet,
    read_requirement_set,
)
from homeroom.config import Rules

LIMITATION = "LIM-"
AREAS: Mapping[str, str] = {
    "PRV-ORG": "Schools",
    "PRV-TRM": "Terms",
    "PRV-CRS": "Courses",
    "PRV-SEC": "Sections",
    "PRV-USR": "People",
    "PRV-ENR": "Enrollments",
    "PRV-RUN": "Every night",
    "GPB-ELG": "Grade passback: what is passed",
    "GPB-LIN": "Grade passback: assignments",
    "GPB-RES": "Grade passback: grades",
    "GPB-CRS": "Grade passback: course grades",
    "GPB-RUN": "Grade passback: every sync",
    "ONB": "Connecting",
    "RES": "When something goes wrong",
}
NOT_DONE: Mapping[str, str] = {"LIM-RST": "Rostering", "LIM-GPB": "Grade passback"}
SURE: Mapping[Evidence, str] = {
    Evidence.DOCUMENTED: "documented",
    Evidence.FROM_SOURCE: "read from program source",
    Evidence.REPORTED: "reported by districts",
    Evidence.INFERRED: "our inference",
}
WIDTH = 100


def render_limitations(requirement_set: RequirementSet) -> str:
    """Return the document as Markdown, the same bytes for the same set."""
    return "\n".join(_lines(requirement_set)) + "\n"


def _lines(requirement_set: RequirementSet) -> Iterator[str]:
    every = list(requirement_set.requirements.values())
    yield "# What the Focus-Canvas integration does, and what it does not"
    yield ""
    yield from wrap(
        "For an administrator to read before asking for it. Each line says how sure we are of it; "
        "what is required of a service is proven by `homeroom certify`. Made from the requirement "
        f"set {requirement_set.id} {requirement_set.version}; do not edit by hand.",
        WIDTH,
    )
    yield ""
    yield "## What it does not do"
    for prefix, area in NOT_DONE.items():
        yield from ("", f"### {area}", "")
        for each in every:
            if each.id.startswith(prefix):
                yield from _limitation(each)
    yield ""
    yield "## What it does"
    for prefix, area in AREAS.items():
        yield from ("", f"### {area}", "")
        for each in every:
            if each.id.startswith(f"{prefix}-"):
                yield from _promise(each)


def _limitation(each: Requirement) -> Iterator[str]:
    yield from _item(
        f"**{each.title}.** {each.text} *{each.consequence}* What helps: {_low(each.remedy)} "
        f"({SURE[each.evidence]}; {each.id})"
    )


def _promise(each: Requirement) -> Iterator[str]:
    only = " Only for services that took on `homeroom-safe` rules." * (
        each.rules is Rules.HOMEROOM_SAFE
    )
    yield from _item(f"**{each.title}.** {each.text}{only} ({SURE[each.evidence]}; {each.id})")


def _item(text: str) -> Iterator[str]:
    first, *rest = wrap(text, WIDTH - 2, break_on_hyphens=False)
    yield f"- {first}"
    yield from (f"  {line}" for line in rest)


def _low(text: str) -> str:
    return text[:1].lower() + text[1:]


if __name__ == "__main__":
    sys.stdout.write(render_limitations(read_requirement_set()))
