"""Enrollments: who sits where, in which role, since when, and how they leave."""

from pytest_bdd import parsers, then

from homeroom.certify.outcomes import Unmet
from homeroom.config import EndedStatus
from homeroom.features.histories.story import LivedNight, Story
from homeroom.features.steps.asserting import OracleError, asked, met, permits_only
from homeroom.oracle.canvas import DELETED, EnrollmentType
from homeroom.oracle.judge import judge_object
from homeroom.oracle.obligations import Obligation

ACTIVE = frozenset({"active"})
STUDENT, TEACHER = EnrollmentType.STUDENT, EnrollmentType.TEACHER


def _obligation(story: Story, lived: LivedNight, name: str, title: str, type_: str) -> Obligation:
    key = (story.school.id("classes", title), story.sis_user(name), type_)
    return asked(lived.obligations.of("enrollment", *key), f"{name} in {title}")


def _judged(lived: LivedNight, obligation: Obligation, reason: str) -> None:
    met(judge_object(obligation, lived.after.canvas), reason)


def _present(
    story: Story, lived: LivedNight, name: str, title: str, type_: EnrollmentType, role: str
) -> None:
    obligation = _obligation(story, lived, name, title, type_)
    permits_only(obligation, ACTIVE, f"{name} in {title}")
    _judged(lived, obligation, f"{name} is no {role} in {title} as it must be")
    _no_other_role(story, lived, name, title, type_)


def _no_other_role(
    story: Story, lived: LivedNight, name: str, title: str, type_: EnrollmentType
) -> None:
    section, user = story.school.id("classes", title), story.sis_user(name)
    others = [
        key[2]
        for key, seat in lived.after.canvas.seats()
        if key[:2] == (section, user) and key[2] != type_ and seat.state != DELETED
        if lived.obligations.of("enrollment", *key) is None
        and ("enrollment", key) not in lived.obligations.ours
    ]
    if others:
        raise Unmet(
            f"{name} has a role in {title} that Focus did not give",
            expected=type_,
            received=", ".join((type_, *others)),
        )


@then(parsers.parse('"{name}" is a student in "{title}"'))
def is_a_student(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """An active student's seat, with Focus's dates."""
    _present(story, lived, name, title, STUDENT, "student")


@then(parsers.parse('"{name}" teaches "{title}"'))
def teaches(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """An active teacher's seat."""
    _present(story, lived, name, title, TEACHER, "teacher")


@then(parsers.parse('"{name}" is neither student nor teacher in "{title}"'))
def neither(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """An aide or nobody: at most a TA."""
    section, user = story.school.id("classes", title), story.sis_user(name)
    found = [
        key[2]
        for key, seat in lived.after.canvas.seats()
        if key[:2] == (section, user) and seat.state != DELETED and key[2] in {STUDENT, TEACHER}
    ]
    if found:
        raise Unmet(
            f"{name} has a role in {title} that Focus did not give",
            expected="TaEnrollment or none",
            received=", ".join(found),
        )


@then(parsers.parse('"{name}" has one seat in "{title}" with the dates that Focus gives'))
def one_seat_with_dates(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """One seat, and both dates or neither where the term's are meant."""
    obligation = _obligation(story, lived, name, title, STUDENT)
    if "start_at" not in obligation.fields:
        raise OracleError(f"the oracle judges no dates of {name} in {title}")
    _present(story, lived, name, title, STUDENT, "student")


@then(parsers.parse('the seat of "{name}" in "{title}" ended as the district chose'))
def ended(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """A student past the end date is inactive, completed or deleted, as was declared."""
    _left(story, lived, name, title, STUDENT, story.choices.ended_students)


@then(parsers.parse('the teaching of "{name}" in "{title}" ended as the district chose'))
def teaching_ended(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """A teacher past the end date likewise."""
    _left(story, lived, name, title, TEACHER, story.choices.ended_teachers)


@then(parsers.parse('the seat of "{name}" in "{title}" was removed as the district chose'))
def removed(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """A removed seat is deleted, inactive or completed, as was declared."""
    _left(story, lived, name, title, STUDENT, story.choices.removed)


@then(parsers.parse('the teaching of "{name}" in "{title}" was removed as the district chose'))
def teaching_removed(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """A removed teacher likewise."""
    _left(story, lived, name, title, TEACHER, story.choices.removed)


@then(parsers.parse('the seat of "{name}" in "{title}" stays ended or removed'))
def stays_ended(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """Either declared state is right for a seat that first ended and then vanished."""
    obligation = _obligation(story, lived, name, title, STUDENT)
    chosen = {story.choices.ended_students.value, story.choices.removed.value}
    permits_only(obligation, frozenset(chosen), f"{name} in {title}")
    _judged(lived, obligation, f"{name} is back in {title}")


def _left(
    story: Story, lived: LivedNight, name: str, title: str, type_: str, chosen: EndedStatus
) -> None:
    obligation = _obligation(story, lived, name, title, type_)
    permits_only(obligation, frozenset({chosen.value}), f"{name} in {title}")
    _judged(lived, obligation, f"{name}'s place in {title} is not as was declared")


@then(parsers.parse('"{name}" has no seat in "{title}"'))
def no_seat(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """No live seat in any role."""
    section, user = story.school.id("classes", title), story.sis_user(name)
    found = [
        f"{key[2]}, {seat.state}"
        for key, seat in lived.after.canvas.seats()
        if key[:2] == (section, user) and seat.state == "active"
    ]
    if found:
        raise Unmet(
            f"{name} has a seat in {title}", expected="no active seat", received="; ".join(found)
        )


@then(parsers.parse('"{name}" is in "{title}" until the calendar ends it'))
def until_the_calendar_ends_it(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """After the term Canvas itself ends a seat: it need not be touched, and must not be lost."""
    obligation = _obligation(story, lived, name, title, STUDENT)
    if "active" not in obligation.states or "completed" not in obligation.states:
        raise OracleError(f"the oracle permits only {sorted(obligation.states)}")
    _judged(lived, obligation, f"{name}'s seat in {title} was not left to the calendar")


@then(parsers.parse('the seat of "{name}" in "{title}" is concluded or active'))
def concluded_or_active(story: Story, lived: LivedNight, name: str, title: str) -> None:
    """A hand-concluded seat may stay so or come back; nothing else may become of it."""
    obligation = _obligation(story, lived, name, title, STUDENT)
    permits_only(obligation, frozenset({"active", "completed"}), f"{name} in {title}")
    _judged(lived, obligation, f"{name}'s hand-concluded seat in {title} was lost")


@then("the seats that people made by hand are untouched")
def hand_made_seats(story: Story, lived: LivedNight) -> None:
    """What no SIS sent, no SIS takes away."""
    guest = int(story.notes["guest"])
    known = lived.obligations

    def by_hand(night: LivedNight, *, after: bool) -> dict[int, str]:
        world = night.after.canvas if after else night.before.canvas
        ours = {seat.id for key, seat in world.seats() if ("enrollment", key) in known.ours}
        return {
            seat.id: seat.state
            for seat in world.enrollments.values()
            if seat.user == guest or seat.id in ours
        }

    since = story.first_acted_before()
    was, now = by_hand(since, after=False), by_hand(lived, after=True)
    if not was:
        raise OracleError("nobody was seated by hand")
    if was != now:
        raise Unmet("a seat made by hand was changed", expected=str(was), received=str(now))


@then("rows without person or class seat nobody")
def broken_rows_seat_nobody(lived: LivedNight) -> None:
    """A reference to nothing makes neither people nor seats."""
    known = set(lived.obligations.objects)
    extra = [
        key
        for key, seat in lived.after.canvas.seats()
        if ("enrollment", key) not in known and seat.state != DELETED
    ]
    people = [
        user.sis_id
        for user in lived.after.canvas.users.values()
        if user.sis_id
        and ("user", (user.sis_id,)) not in known
        and ("user", (user.sis_id,)) not in lived.obligations.ours
    ]
    if extra or people:
        raise Unmet(
            "rows that name nobody or nothing had consequences",
            expected="no seat and no account from them",
            received=f"seats {extra}, accounts {people}",
        )
