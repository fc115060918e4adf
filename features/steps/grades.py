"""The SIS gradebook: which assignments reached it, and each pupil's grade."""

from decimal import Decimal

from pytest_bdd import parsers, then

from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.config import CourseGrade, UnpostedGrades
from homeroom.features.histories.story import LivedSync, Story
from homeroom.features.steps.asserting import disagreement, met
from homeroom.oracle.grade_obligations import EXEMPT, LineItemObligation, Presence, matches
from homeroom.oracle.judge_grades import (
    judge_gradebook,
    judge_line_item,
    judge_result,
    losses,
)

OF_GRADES = frozenset({"result", "score", "status"})
"""What findings about a pupil's grade are about, not about the line item that holds it."""


def _item(story: Story, lived: LivedSync, assignment: str, title: str) -> LineItemObligation:
    found = lived.obligations.of(story.school.id("classes", title), assignment)
    if found is None:
        raise disagreement(lived, f"the oracle knows no assignment {assignment!r} in {title}")
    return found


def _course_grade(story: Story, lived: LivedSync, period: str, title: str) -> LineItemObligation:
    if story.choices.course_grade is CourseGrade.OFF:
        raise NotApplicable('the subject declares course_grade = "off"')
    session = story.school.id("academicSessions", period)
    found = lived.obligations.course_grade(story.school.id("classes", title), session)
    if found is None:
        raise disagreement(lived, f"the oracle knows no course grade of {title} in {period}")
    return found


def _require(lived: LivedSync, item: LineItemObligation, presence: Presence) -> None:
    if item.presence is not presence:
        raise disagreement(lived, f"{item.name}: the oracle says {item.presence}, since {item.why}")


def _judge_pupil(
    story: Story, lived: LivedSync, item: LineItemObligation, name: str, reason: str
) -> None:
    student = story.school.id("users", name)
    found = judge_result(lived.obligations, item, student, lived.after.gradebook)
    met(found, reason)


@then(parsers.parse('Focus has "{assignment}" for "{title}", once'))
def focus_has(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """One line item with title, class, category, due date and maximum as they must be."""
    item = _item(story, lived, assignment, title)
    _require(lived, item, Presence.REQUIRED)
    judged = judge_line_item(lived.obligations, item, lived.after.gradebook)
    # A wrong grade is no wrong line item: other scenarios, and that of the whole, are about grades.
    found = [each for each in judged if each.field not in OF_GRADES]
    met(found, f"{assignment} is not in Focus's gradebook of {title} as it must be")


@then(parsers.parse('only pupils of "{title}" have grades for "{assignment}"'))
def only_its_pupils(story: Story, lived: LivedSync, title: str, assignment: str) -> None:
    """Nobody whom the SIS has not put in the class has a result in it."""
    item = _item(story, lived, assignment, title)
    _require(lived, item, Presence.REQUIRED)
    book, pupils = lived.after.gradebook, {each.student for each in item.results}
    strangers = [
        str(result)
        for line_item in matches(item, book, lived.obligations.zone)
        for result in book.live_results(line_item.sourced_id)
        if result.student not in pupils
    ]
    if strangers:
        told = f"{assignment} of {title} has grades of somebody who is not in the class"
        raise Unmet(told, expected="grades of its pupils", received="\n".join(strangers))


@then(
    parsers.parse(
        'Focus has {count:d} assignments "{assignment}" for "{title}", each with its own grades'
    )
)
def focus_has_several(
    story: Story, lived: LivedSync, count: int, assignment: str, title: str
) -> None:
    """As many line items as there are assignments of that title, told apart by their due dates."""
    class_ = story.school.id("classes", title)
    items = [
        each
        for each in lived.obligations.line_items
        if (each.class_, each.title) == (class_, assignment)
    ]
    if len(items) != count:
        raise disagreement(lived, f"the oracle knows {len(items)} assignments {assignment!r}")
    for item in items:
        _require(lived, item, Presence.REQUIRED)
        found = judge_line_item(lived.obligations, item, lived.after.gradebook)
        met(found, f"{assignment} is not in Focus's gradebook of {title} as often as in Canvas")


@then(parsers.parse('"{name}" has {score} of {maximum} for "{assignment}" in "{title}"'))
def has_score(
    story: Story, lived: LivedSync, name: str, score: str, maximum: str, assignment: str, title: str
) -> None:
    """One result, with exactly this number."""
    item = _item(story, lived, assignment, title)
    _require(lived, item, Presence.REQUIRED)
    student = story.school.id("users", name)
    wanted = next((each for each in item.results if each.student == student), None)
    if wanted is None or wanted.score != Decimal(score) or item.maximum != Decimal(maximum):
        raise disagreement(lived, f"the scenario says {score} of {maximum}, the oracle {wanted}")
    _judge_pupil(story, lived, item, name, f"{name}'s grade for {assignment} is wrong in Focus")


@then(parsers.parse('"{name}" is exempt from "{assignment}" in "{title}"'))
def is_exempt(story: Story, lived: LivedSync, name: str, assignment: str, title: str) -> None:
    """An excused pupil's result is exempt, not a zero that counts."""
    item = _item(story, lived, assignment, title)
    student = story.school.id("users", name)
    wanted = next((each for each in item.results if each.student == student), None)
    if wanted is None or wanted.status != EXEMPT:
        raise disagreement(lived, f"the oracle does not take {name} for excused: {wanted}")
    _judge_pupil(story, lived, item, name, f"{name} was excused from {assignment}")


@then(parsers.parse('"{name}" has no grade for "{assignment}" in "{title}"'))
def has_no_grade(story: Story, lived: LivedSync, name: str, assignment: str, title: str) -> None:
    """No result for this pupil, or none that stands."""
    item = _item(story, lived, assignment, title)
    _judge_pupil(
        story, lived, item, name, f"{name} has a grade for {assignment} that must not be there"
    )


@then(parsers.parse('the hidden grades of "{assignment}" in "{title}" are as the district chose'))
def hidden_grades(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """Grades that students may not see yet are held or sent, as was declared."""
    item = _item(story, lived, assignment, title)
    expected = (
        Presence.FORBIDDEN
        if story.choices.unposted_grades is UnpostedGrades.HELD
        else Presence.REQUIRED
    )
    hidden = [each for each in item.results if each.presence is expected]
    if not hidden:
        raise disagreement(lived, f"the oracle knows no hidden grades of {assignment}")
    found = judge_line_item(lived.obligations, item, lived.after.gradebook)
    met(found, f"hidden grades of {assignment} are not as was declared")


@then(parsers.parse('nothing of "{assignment}" reached Focus for "{title}"'))
def nothing_reached(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """No line item and no result."""
    item = _item(story, lived, assignment, title)
    _require(lived, item, Presence.FORBIDDEN)
    found = judge_line_item(lived.obligations, item, lived.after.gradebook)
    met(found, f"{assignment} reached Focus although {item.why}")


@then(parsers.parse('nothing at all reached Focus for "{title}"'))
def nothing_at_all_reached(story: Story, lived: LivedSync, title: str) -> None:
    """No line item is there that was not there before."""
    class_ = story.school.id("classes", title)
    had, has = (
        [each.title for each in world.gradebook.live_line_items(class_)]
        for world in (lived.before, lived.after)
    )
    if had != has:
        raise Unmet(
            f"work of {title} reached Focus", expected=str(had or "nothing"), received=str(has)
        )


@then(
    parsers.parse(
        'if "{assignment}" reached Focus for "{title}", it is due when the class has it due'
    )
)
def due_as_the_class(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """Work with dates for single pupils may be refused; their dates are not the class's."""
    item = _item(story, lived, assignment, title)
    _require(lived, item, Presence.PERMITTED)
    book, zone = lived.after.gradebook, lived.obligations.zone
    told = [
        f"due {each.due_date}"
        for each in book.live_line_items(item.class_)
        if each.title == assignment and each not in matches(item, book, zone)
    ]
    if told:
        days = " or ".join(map(str, sorted(item.due_days)))
        raise Unmet(f"{assignment} is due on a wrong day", expected=days, received=str(told))


@then(parsers.parse('"{assignment}" for "{title}" stands once in Focus, under its old category'))
def stands_where_filed(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """Work of a renamed group: left as it was, or kept up to date where it is."""
    item = _item(story, lived, assignment, title)
    _require(lived, item, Presence.PERMITTED)
    found = judge_line_item(lived.obligations, item, lived.after.gradebook)
    met(found, f"{assignment} is not in Focus's gradebook of {title} as it may be")
    standing = len(matches(item, lived.after.gradebook, lived.obligations.zone))
    if standing != 1:
        told = f"{assignment} of {title} is not in Focus's gradebook as it was"
        raise Unmet(told, expected="once", received=f"{standing} times")


@then(parsers.parse('"{assignment}" for "{title}" is the one that Focus had'))
def is_adopted(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """An assignment of the same name and due date is taken over, not doubled."""
    item = _item(story, lived, assignment, title)
    if item.linked is None:
        raise disagreement(lived, f"the oracle adopts nothing for {assignment}")
    found = judge_line_item(lived.obligations, item, lived.after.gradebook)
    met(found, f"{assignment} was not taken over from Focus")


@then(parsers.parse('if "{assignment}" reached Focus for "{title}", its grades are numbers'))
def grades_are_numbers(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """Letters never travel; points may."""
    item = _item(story, lived, assignment, title)
    found = judge_line_item(lived.obligations, item, lived.after.gradebook)
    met(found, f"{assignment} is wrong in Focus")


@then(parsers.parse('Focus\'s own "{name}" and its grades are untouched'))
def focus_own_is_untouched(story: Story, lived: LivedSync, name: str) -> None:
    """What a teacher made in Focus and Canvas has nothing to do with, stays."""
    sourced = story.school.id("lineItems", name)

    def of(gradebook: str) -> list[object]:
        book = getattr(lived, gradebook).gradebook
        return [
            *(each for each in book.line_items if each.sourced_id == sourced),
            *book.live_results(sourced),
        ]

    was, now = of("before"), of("after")
    if not was:
        raise disagreement(lived, f"{name} was not in Focus before")
    if was != now:
        raise Unmet(f"Focus's own {name} was changed", expected=str(was), received=str(now))


@then(parsers.parse('the course grade of "{name}" in "{title}" for "{period}" is in Focus'))
def course_grade(story: Story, lived: LivedSync, name: str, title: str, period: str) -> None:
    """A course grade is a result out of 100 on the period's own line item."""
    item = _course_grade(story, lived, period, title)
    _require(lived, item, Presence.REQUIRED)
    _judge_pupil(story, lived, item, name, f"{name}'s course grade for {period} is wrong in Focus")


@then(parsers.parse('the course grade of "{name}" in "{title}" for "{period}" comes to {score}'))
def course_grade_is(
    story: Story, lived: LivedSync, name: str, title: str, period: str, score: str
) -> None:
    """The same, where the scenario knows the number."""
    item = _course_grade(story, lived, period, title)
    student = story.school.id("users", name)
    wanted = next((each for each in item.results if each.student == student), None)
    if wanted is None or wanted.score != Decimal(score):
        raise disagreement(lived, f"the scenario says {score}, the oracle {wanted}")
    course_grade(story, lived, name, title, period)


@then(parsers.parse('there is one course grade for "{title}" and "{period}"'))
def one_course_grade(story: Story, lived: LivedSync, title: str, period: str) -> None:
    """One line item per class and grading period, due on the period's last day, out of 100."""
    item = _course_grade(story, lived, period, title)
    _require(lived, item, Presence.REQUIRED)
    found = judge_line_item(lived.obligations, item, lived.after.gradebook)
    met(found, f"the course grades of {title} for {period} are not in Focus as they must be")


@then("all of Focus's gradebook is as Canvas has it")
def the_whole_gradebook(lived: LivedSync) -> None:
    """The whole gradebook is judged, not the planted cases alone."""
    found = judge_gradebook(lived.obligations, lived.after.gradebook)
    met(found, f"after {lived.label} Focus's gradebook is not what Canvas asks for")


@then("the gradebook is as Canvas has it, or the run says that it is not")
def whole_or_said(lived: LivedSync) -> None:
    """Whether a service tries again or gives up is its own affair; to say done is not."""
    if lived.run.exit_code == 0 or lived.run.timed_out:
        met(lived.findings(), f"{lived.label} was told as done and was not")


@then("nothing that Focus had was taken away")
def nothing_was_taken_away(lived: LivedSync) -> None:
    """A sync adds and updates."""
    met(list(losses(lived.obligations, lived.after.gradebook)), f"{lived.label} deleted from Focus")


@then("no grade was written again")
def no_grade_was_written_again(lived: LivedSync) -> None:
    """A sync with nothing new writes nothing: neither new rows nor old ones once more."""
    was = {each.sourced_id: each for each in lived.before.gradebook.results}
    now = {each.sourced_id: each for each in lived.after.gradebook.results}
    touched = [id_ for id_ in {**was, **now} if was.get(id_) != now.get(id_)]
    if touched:
        raise Unmet(
            "grades that had not changed were written again",
            expected="no result written",
            received="\n".join(str(now.get(id_)) for id_ in touched[:12]),
        )


@then("Focus's gradebook is untouched")
def the_gradebook_is_untouched(lived: LivedSync) -> None:
    """Not a line item, not a result."""
    if lived.before.gradebook != lived.after.gradebook:
        raise Unmet(
            "Focus's gradebook was written to",
            expected="nothing",
            received="\n".join(f"{each['method']} {each['path']}" for each in lived.writes),
        )


@then(parsers.parse('no grade of "{assignment}" stands twice in "{title}"'))
def no_grade_twice(story: Story, lived: LivedSync, assignment: str, title: str) -> None:
    """One result per pupil."""
    item = _item(story, lived, assignment, title)
    book = lived.after.gradebook
    for line_item in matches(item, book, lived.obligations.zone):
        students = [each.student for each in book.live_results(line_item.sourced_id)]
        twice = sorted({str(each) for each in students if students.count(each) > 1})
        if twice:
            raise Unmet(
                f"grades for {assignment} stand twice", expected="one each", received=str(twice)
            )
