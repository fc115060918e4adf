"""Weeks in which peers stumble for a moment: busy, moving while read, gone in mid-write."""

from collections.abc import Sequence

from homeroom.features.histories.gradeweeks import HIGH, Gradebook
from homeroom.features.histories.story import Fault, Story

CLASS = "Algebra 1 Period 1"
PAGE = 5
"""Rows of a page: every collection of people has several."""
READS = [
    "getAllEnrollments", "getEnrollmentsForSchool", "getEnrollmentsForClassInSchool",
]  # fmt: skip
"""By which of these a subject reads enrollments is its own choice."""
UNWELL = (
    ("the night without a list", "missing_envelope"),
    ("the night that broke off", "cut_off_pages"),
)
"""Nights on which no answer is whole, and the quirk of the fake that makes them so."""


def _on(operations: Sequence[str], act: Fault, nth: int = 2) -> list[Fault]:
    """Return rules that strike the nth page of what is read by any of some operations."""
    return [
        {"when": {"fake": "focus", "operation": operation, "nth": nth}, "act": act, "times": 1}
        for operation in operations
    ]


def roster(story: Story) -> None:
    """Live a good night, seven with a hiccup and a newcomer each, and one more good one."""
    school = story.school
    school.open(HIGH)
    school.teachers("Maria Delgado", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_(CLASS, course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", CLASS)
    school.fill(CLASS, *school.pupils(14, school=HIGH))
    story.space.focus_settings(limit_cap=PAGE)
    story.night("the good night", day=0)
    busy: Fault = {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}}
    too_many: Fault = {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}}
    hiccups: Sequence[tuple[str, list[Fault]]] = (
        ("the night Focus was busy", _on(READS, busy) + _on(READS, too_many, nth=4)),
        ("the night the token was revoked", _on(READS, {"kind": "revoke_token"})),
        ("the night a page came twice", _on(READS, {"kind": "repeat_page", "pages": 1})),
        ("the night the rows moved", _on(READS, {"kind": "shift_rows", "by": 2})),
        (
            "the night Canvas gave up the import",
            [{
                "when": {"fake": "canvas", "operation": "createSisImport"},
                "act": {"kind": "abort_import"},
            }],
        ),
    )  # fmt: skip
    for number, (label, faults) in enumerate(hiccups, start=1):
        _newcomer(story, number)
        story.night(label, day=number, faults=faults)
    for number, (label, quirk) in enumerate(UNWELL, start=len(hiccups) + 1):
        _newcomer(story, number)
        story.unwell(label, day=number, **{quirk: READS})
    # The last one is lived with pages told of in bodies alone, as Focus may do.
    story.space.focus_settings(total_count_header=False, link_header=False)
    story.night("the night after", day=len(hiccups) + len(UNWELL) + 1)


def _newcomer(story: Story, number: int) -> None:
    name = f"Newcomer{number} Example"
    story.school.person(name, "student", school=HIGH, username=f"newcomer{number}")
    story.school.seat(name, CLASS)


def grades(story: Story) -> None:
    """Live one night, a sync whose line breaks, a slow one whose grade is refused, and one more."""
    school, canvas = story.school, story.classroom
    if story.choices.gradebook_mode.value == "modified":
        story.space.focus_settings(gradebook_mode="modified")
    school.open(HIGH)
    school.teachers("Maria Delgado", school=HIGH)
    school.students("Ana Ruiz", "Ben Okafor", "Chloé Dubois", school=HIGH)
    school.course("Algebra 1", "1200310", HIGH)
    school.class_(CLASS, course="Algebra 1", school=HIGH)
    school.teach("Maria Delgado", CLASS)
    school.fill(CLASS, "Ana Ruiz", "Ben Okafor", "Chloé Dubois")
    story.night("the night before school", day=0)
    book = Gradebook(story)
    book.courses[CLASS] = canvas.course_of(school.id("classes", CLASS))
    canvas.publish(book.courses[CLASS])
    book.add(CLASS, "Chapter 1", book.due(10), points=10)
    book.grade("Chapter 1", Ana=9, Ben=8, Chloé=7)
    gone: Fault = {"kind": "reset_after"}
    story.sync(
        "the sync whose line broke",
        day=20,
        faults=[
            {"when": {"fake": "focus", "operation": "putLineItem"}, "act": gone, "times": 1},
            {
                "when": {"fake": "focus", "operation": "putResult", "nth": 2},
                "act": gone,
                "times": 1,
            },
        ],
    )
    book.add(CLASS, "Chapter 2", book.due(17), points=10)
    book.grade("Chapter 2", Ana=6, Ben=5, Chloé=4)
    refused: Fault = {"kind": "status", "status": 409}
    story.sync(
        "the sync with a refused grade",
        day=21,
        faults=[
            {
                "when": {"fake": "focus", "operation": "putResult", "nth": 2},
                "act": refused,
                "times": 1,
            },
            # Canvas has no time, in its old dialect and in its new one.
            *(
                {
                    "when": {"fake": "canvas", "nth": nth},
                    "act": {"kind": "throttle", "dialect": dialect},
                    "times": 1,
                }
                for nth, dialect in ((1, "403"), (3, "429"), (5, "403"))
            ),
        ],
    )
    story.sync("the sync after", day=22)
