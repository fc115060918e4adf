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
    "SEC": "Security",
    "PRI": "Privacy",
    "PRF": "Patience",
    "LOAD": "Under load",
}
NOT_DONE: Mapping[str, str] = {"LIM-RST": "Rostering", "LIM-GPB": "Grade passback"}
SURE: Mapping[Evidence, str] = {
    Evidence.DOCUMENTED: "documented",
    Evidence.FROM_SOURCE: "read from program source",
    Evidence.REPORTED: "reported by districts",
    Evidence.INFERRED: "our inference",
}
WIDTH = 100
BEFOREHAND = (
    (
        "For an administrator to read before asking for the integration: what it will not do for "
        "you, what you must decide, and what it does."
    ),
    (
        "Each line says in brackets how sure we are of it and by which number it is known. What "
        "the integration does is what `homeroom certify` demands of a sync service; "
        "`homeroom judge` shows it of your own."
    ),
)
WORDS: Mapping[str, str] = {
    "provider, SIS": "Focus, which serves rosters and keeps the official gradebook",
    "feed": "everything that Focus serves on a night",
    "sourcedId": "the id that Focus gives a record; it must never change",
    "tobedeleted": "how Focus says that a record no longer counts",
    "org, session, class": "Focus's school, year or term, and taught group; in Canvas a "
    "sub-account, a term and a section",
    "enrollment, seat": "a person's place in a class, in one role",
    "line item, result": "an assignment and a grade in Focus's gradebook",
    "category": "Focus's kind of graded work; in Canvas an assignment group",
    "remaster": "a grade sync that sends everything again and clears what was cleared in Canvas",
    "declared": "as your district decided, see below",
}
DECIDED = (
    "Correct services differ here. Ask what yours does, or will do, before the first night: most "
    "of it is hard to change later."
)
DECISIONS: Mapping[str, str] = {
    "course_key": "Which classes share one Canvas course: those of a course, teacher and term; of "
    "a course and term; or none?",
    "section_moves": "Does a section stay in its course when its teacher changes, or follow?",
    "user_id": "Which field identifies a person in Canvas? It can never change.",
    "login_id": "Which field is the login? It must be what your single sign-on sends.",
    "ended_students": "What becomes of a pupil's seat after its end date: inactive (hidden, grades "
    "kept), completed (readable) or deleted?",
    "ended_teachers": "And of a teacher's?",
    "removed": "What becomes of a seat that Focus removes?",
    "departed_users": "What becomes of a person who left: suspended, deleted or kept?",
    "brake": "Does a night wait for a person when it would remove very much?",
    "term": "Which session becomes a class's Canvas term?",
    "observers": "Do parents and guardians get accounts?",
    "unposted_grades": "Are grades passed back that pupils may not see yet?",
    "course_grade": "Which course grade is passed back: final, current or none?",
}


def render_limitations(requirement_set: RequirementSet) -> str:
    """Return the document as Markdown, the same bytes for the same set."""
    return "\n".join(_lines(requirement_set)) + "\n"


def _lines(requirement_set: RequirementSet) -> Iterator[str]:
    every = list(requirement_set.requirements.values())
    yield "# What the Focus-Canvas integration does, and what it does not"
    yield ""
    for paragraph in (*BEFOREHAND, (f"Made from the requirement set {requirement_set.id} "
                      f"{requirement_set.version}; do not edit by hand.")):  # fmt: skip
        yield from wrap(paragraph, WIDTH, break_on_hyphens=False)
        yield ""
    yield "## Words"
    yield ""
    for word, meaning in WORDS.items():
        yield from _item(f"**{word}**: {meaning}.")
    yield ""
    yield "## What your district decides"
    yield ""
    yield from wrap(DECIDED, WIDTH, break_on_hyphens=False)
    yield ""
    for name, question in DECISIONS.items():
        yield from _item(f"{question} (`{name}`)")
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
