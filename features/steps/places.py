"""Schools, terms, courses and sections."""

from pytest_bdd import parsers, then

from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.config import CourseKey, SectionMoves
from homeroom.features.histories.story import LivedNight, Story
from homeroom.features.steps.asserting import OracleError, asked, met, permits_only
from homeroom.oracle.canvas import DELETED
from homeroom.oracle.judge import judge_object, judge_placements
from homeroom.oracle.obligations import Finding, Obligation

ACTIVE = frozenset({"active"})


def _obligation(lived: LivedNight, kind: str, id_: str, name: str) -> Obligation:
    return asked(lived.obligations.of(kind, id_), f"{kind} {name}")


def _named(lived: LivedNight, obligation: Obligation, name: str) -> None:
    allowed = obligation.fields["name"]
    if not allowed.permits(name):
        raise OracleError(f"the scenario says {name!r}, the oracle {allowed}")
    met(judge_object(obligation, lived.after.canvas), f"{name} is not in Canvas as it must be")


@then(parsers.parse('"{school}" is a sub-account of its own'))
def a_sub_account(story: Story, lived: LivedNight, school: str) -> None:
    """A school is a sub-account under its own name."""
    obligation = _obligation(lived, "account", story.school.id("orgs", school), school)
    permits_only(obligation, ACTIVE, school)
    _named(lived, obligation, school)


@then(parsers.parse('the sub-account of "{school}" is now named "{name}"'))
def the_sub_account_is_named(story: Story, lived: LivedNight, school: str, name: str) -> None:
    """A renamed school is renamed, not made anew."""
    _named(lived, _obligation(lived, "account", story.school.id("orgs", school), school), name)


@then(parsers.parse('"{title}" is a term under its own name'))
def a_term_by_name(story: Story, lived: LivedNight, title: str) -> None:
    """A session that classes use is a term of that title, whatever its dates."""
    _judge_term(story, lived, title, frozenset({"state", "name"}))


@then(parsers.parse('"{title}" begins and ends in Canvas when it does in Focus'))
def a_term_by_dates(story: Story, lived: LivedNight, title: str) -> None:
    """A term has its session's days, whatever its name."""
    _judge_term(story, lived, title, frozenset({"state", "start_at", "end_at"}))


def _judge_term(story: Story, lived: LivedNight, title: str, fields: frozenset[str]) -> None:
    _require_own_terms(story)
    obligation = _obligation(lived, "term", story.school.id("academicSessions", title), title)
    permits_only(obligation, ACTIVE, title)
    findings = judge_object(obligation, lived.after.canvas)
    told = [each for each in findings if each.field in fields]
    met(told, f"{title} is not in Canvas as it must be")


@then(parsers.parse('"{title}" is a term with the dates that Focus gives'))
def a_term(story: Story, lived: LivedNight, title: str) -> None:
    """A session that classes use is a term."""
    _require_own_terms(story)
    obligation = _obligation(lived, "term", story.school.id("academicSessions", title), title)
    permits_only(obligation, ACTIVE, title)
    _named(lived, obligation, title)


@then(parsers.parse('the term "{title}" is now named "{name}" and has its new dates'))
def the_term_is_named(story: Story, lived: LivedNight, title: str, name: str) -> None:
    """A corrected term is corrected."""
    _require_own_terms(story)
    obligation = _obligation(lived, "term", story.school.id("academicSessions", title), title)
    permits_only(obligation, ACTIVE, title)
    _named(lived, obligation, name)


def _require_own_terms(story: Story) -> None:
    if story.choices.term.value != "first-term":
        raise NotApplicable(f'the subject declares term = "{story.choices.term.value}"')


@then(parsers.parse('"{title}" is a section'))
def a_section(story: Story, lived: LivedNight, title: str) -> None:
    """A class is a section under a name of its own."""
    obligation = _obligation(lived, "section", story.school.id("classes", title), title)
    permits_only(obligation, ACTIVE, title)
    met(judge_object(obligation, lived.after.canvas), f"{title} is no section as it must be")


@then(parsers.parse('the section of "{title}" is now named after "{name}"'))
def the_section_is_named_after(story: Story, lived: LivedNight, title: str, name: str) -> None:
    """A renamed class is a renamed section."""
    _named(lived, _obligation(lived, "section", story.school.id("classes", title), title), name)


@then(parsers.parse('the section of "{title}" still has the name a person gave it'))
def the_section_keeps_its_name(story: Story, lived: LivedNight, title: str) -> None:
    """What people name in Canvas stays named so."""
    obligation = _obligation(lived, "section", story.school.id("classes", title), title)
    met(judge_object(obligation, lived.after.canvas), f"{title} lost the name a person gave it")


@then(parsers.parse('there is no section "{title}" any more'))
def no_section(story: Story, lived: LivedNight, title: str) -> None:
    """A class that is gone is no section."""
    obligation = _obligation(lived, "section", story.school.id("classes", title), title)
    permits_only(obligation, frozenset({DELETED}), title)
    met(judge_object(obligation, lived.after.canvas), f"{title} is still a section")


@then(parsers.parse('"{first}" and "{second}" are taught in courses as the district keys them'))
def courses_by_key(story: Story, lived: LivedNight, first: str, second: str) -> None:
    """Two sections share a course exactly if their keys are the same."""
    chosen = {story.school.id("classes", title) for title in (first, second)}
    placements = {
        name: each for name, each in lived.obligations.placements.items() if name in chosen
    }
    if len(placements) != len(chosen):
        raise OracleError(f"the oracle places only {sorted(placements)}")
    findings = judge_placements(placements, lived.after.canvas)
    missing = [name for name in chosen if lived.after.canvas.sis_section(name) is None]
    findings.extend(_no_section(name) for name in missing)
    met(findings, f"{first} and {second} are not in the courses they belong in")


@then(parsers.parse('"{title}" is taught in the school and term that Focus gives'))
def course_where_and_when(story: Story, lived: LivedNight, title: str) -> None:
    """A section's course is in its term and in its school's sub-account."""
    sourced = story.school.id("classes", title)
    placement = lived.obligations.placements[sourced]
    findings = judge_placements({sourced: placement}, lived.after.canvas)
    if lived.after.canvas.sis_section(sourced) is None:
        findings.append(_no_section(sourced))
    met(findings, f"{title} is not in its school and term")


@then(parsers.parse('"{title}" is taught in the school and term that Focus gives, or was refused'))
def course_where_and_when_or_refused(story: Story, lived: LivedNight, title: str) -> None:
    """A broken class is mended, or left out by a night that says so."""
    if lived.after.canvas.sis_section(story.school.id("classes", title)) is None:
        lived.must_have_ended(1)
    else:
        course_where_and_when(story, lived, title)


@then(parsers.parse('"{title}" is still in the course where it was'))
def still_in_its_course(story: Story, lived: LivedNight, title: str) -> None:
    """Content stays with its people."""
    sourced = story.school.id("classes", title)
    was = lived.before.canvas.sis_section(sourced)
    now = lived.after.canvas.sis_section(sourced)
    if was is None or now is None or was.course != now.course:
        raise Unmet(
            f"{title} left its course, and the work in it, behind",
            expected=f"course {was.course if was else 'it had'}, as before",
            received=f"course {now.course}" if now else "no section at all",
        )


@then(parsers.parse('"{title}" was not moved without a person\'s word'))
def not_moved_silently(story: Story, lived: LivedNight, title: str) -> None:
    """A section that was placed stays until somebody releases it."""
    if story.choices.section_moves is SectionMoves.FOLLOW:
        raise NotApplicable('the subject declares section_moves = "follow"')
    still_in_its_course(story, lived, title)


@then(parsers.parse('"{title}" is taught in a course of its own year'))
def a_course_of_its_own_year(story: Story, lived: LivedNight, title: str) -> None:
    """What was taught last year stays what it was: its course is no shell for this year's class."""
    if story.choices.course_key is CourseKey.ANY:
        raise NotApplicable('the subject declares course_key = "any"')
    now = lived.after.canvas.sis_section(story.school.id("classes", title))
    first = next(iter(story.nights.values())).after.canvas
    last_years = {section.course for section in first.sections.values() if section.sis_id}
    if now is None or now.course in last_years:
        raise Unmet(
            f"{title} has no course of its own year",
            expected="a course that no class of last year was in",
            received=f"last year's course {now.course}" if now else "no section at all",
        )


@then(parsers.parse('"{title}" is in a course that its key permits'))
def in_a_permitted_course(story: Story, lived: LivedNight, title: str) -> None:
    """After a change of key a section stays or follows, as was declared."""
    if story.choices.course_key is CourseKey.ANY:
        raise NotApplicable('the subject declares course_key = "any"')
    findings = judge_placements(lived.obligations.placements, lived.after.canvas)
    sourced = story.school.id("classes", title)
    met([each for each in findings if sourced in each.id], f"{title} is in a wrong course")


@then(parsers.parse('"{title}" is in the course into which a person moved it'))
def in_the_cross_listed_course(story: Story, lived: LivedNight, title: str) -> None:
    """A section that was cross-listed by hand stays there."""
    sourced = story.school.id("classes", title)
    placement = lived.obligations.placements[sourced]
    if placement.stay_in is None:
        raise OracleError(f"nobody moved {title}")
    findings = judge_placements({sourced: placement}, lived.after.canvas)
    met(findings, f"{title} was taken out of the course into which a person had moved it")


def _no_section(sourced: str) -> Finding:
    return Finding("section", (sourced,), "state", "a section", "not there", "PRV-SEC-01")
