"""Histories, and the night or grade sync that a scenario is about."""

from typing import TypeAlias

import pytest
from pytest_bdd import given, parsers, then, when

from homeroom.certify.certification import Certification
from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.features.histories.registry import Histories
from homeroom.features.histories.story import LivedNight, LivedSync, Story
from homeroom.features.steps.asserting import OracleError, met
from homeroom.oracle.brake import crossed
from homeroom.oracle.judge import changes, judge, judge_night
from homeroom.oracle.judge_grades import canvas_changes, feed_changes
from homeroom.oracle.people import nameless

PROCEEDED = (0, 1)
Lived: TypeAlias = LivedNight | LivedSync


@pytest.fixture(scope="session")
def histories(certification: Certification) -> Histories:
    """All histories, each lived by the subject when it is first asked for."""
    return Histories(certification)


@given(parsers.parse('the district lived through "{name}"'), target_fixture="story")
def the_district_lived_through(histories: Histories, name: str) -> Story:
    """Live a history, or look back on it."""
    return histories.story(name)


@when(parsers.parse('it is the morning after "{label}"'), target_fixture="lived")
def the_morning_after(story: Story, label: str) -> LivedNight:
    """Look at a night that had to go through."""
    lived = story.find_night(label)
    lived.must_have_ended(*PROCEEDED)
    return lived


@when(parsers.parse('it is the morning after "{label}", however it ended'), target_fixture="lived")
def the_morning_after_any_end(story: Story, label: str) -> LivedNight:
    """Look at a night that need not have gone through."""
    return story.find_night(label)


@when(parsers.parse('grades have been synced in "{label}"'), target_fixture="lived")
def grades_have_been_synced(story: Story, label: str) -> LivedSync:
    """Look at a grade sync that had to go through."""
    lived = story.find_sync(label)
    lived.must_have_ended(*PROCEEDED)
    return lived


@when(parsers.parse('grades were to be synced in "{label}"'), target_fixture="lived")
def grades_were_to_be_synced(story: Story, label: str) -> LivedSync:
    """Look at a grade sync that need not have gone through."""
    return story.find_sync(label)


@then("the run says that all of it was done")
def all_was_done(lived: Lived) -> None:
    """The operator reads: done; unless the subject's own choices leave somebody without a name."""
    feed = lived.before.feed
    lived.must_have_ended(*(PROCEEDED if nameless(feed, lived.story.choices) else (0,)))


@then("the run says that a part of it was refused")
def a_part_was_refused(lived: Lived) -> None:
    """The operator reads: partly done."""
    lived.must_have_ended(1)


@then("the run says that it cannot work with what it was given")
def it_cannot_work(lived: Lived) -> None:
    """The operator reads: unusable peer or configuration."""
    lived.must_have_ended(2)


@then("the run does not say that it was done")
def it_was_not_done(lived: Lived) -> None:
    """The operator must not read: done."""
    if lived.run.exit_code == 0:
        raise Unmet(
            f"{lived.label} is reported as done",
            expected="an exit code other than 0: what was read was not whole",
            received=str(lived.run),
        )


@then("the night was done whole, or it changed nothing and said so")
def whole_or_nothing(lived: LivedNight) -> None:
    """Whether a service tries again or gives up is its own affair; half a night is nobody's."""
    findings = lived.findings()
    changed = changes(lived.before.canvas, lived.after.canvas)
    if not findings or (not changed and lived.run.exit_code != 0):
        return
    if not changed:
        it_was_not_done(lived)
    met(findings, f"{lived.label} was done by half")


@then("Canvas is as it was before")
@then("Canvas is as the night before left it")
def canvas_is_as_before(lived: LivedNight) -> None:
    """Nothing in Canvas differs."""
    found = changes(lived.before.canvas, lived.after.canvas)
    met(found, f"{lived.label} changed Canvas where nothing asked for it")


@then("all of Canvas is as Focus has it")
def all_of_canvas_is_as_focus_has_it(lived: LivedNight) -> None:
    """The whole world is judged, not the planted cases alone."""
    findings = judge(lived.obligations, lived.after.canvas)
    met(findings, f"after {lived.label} Canvas is not what Focus's roster asks for")


@then("nothing was written into Focus")
def nothing_was_written_into_focus(lived: Lived) -> None:
    """Provisioning goes one way: no request but reads, and no record differs."""
    met(
        feed_changes(lived.before.feed, lived.after.feed),
        f"{lived.label} changed Focus's roster",
    )
    if lived.writes:
        told = "\n".join(f"{each['method']} {each['path']}" for each in lived.writes[:12])
        raise Unmet(
            f"{lived.label} wrote into Focus",
            expected="reads alone",
            received=told,
            exchanges=lived.writes,
        )


@then("nothing in Canvas changed but the time of the sync")
def nothing_in_canvas_changed(lived: LivedSync) -> None:
    """Passback goes one way."""
    found = canvas_changes(lived.before.canvas, lived.after.canvas)
    met(found, f"{lived.label} changed Canvas")


@then("the night was held or applied whole")
def the_night_was_held_or_applied_whole(story: Story, lived: LivedNight) -> None:
    """A brake may hold the night; then Canvas is untouched, else all of it is applied."""
    lived.must_have_ended(0, 1, 4)
    _past_the_thresholds(story, lived)
    history = [night.night for night in _up_to(story, lived)]
    findings = judge_night(history, story.choices, lived.after.canvas, held=lived.run.held)
    met(findings, f"{lived.label} was neither held nor applied as it had to be")


@then("the night is held until a person releases it")
def the_night_is_held(story: Story, lived: LivedNight) -> None:
    """Under homeroom-safe, a subject with a brake must use it."""
    _past_the_thresholds(story, lived)
    if not story.choices.brake:
        raise NotApplicable("the subject declares that it has no brake")
    lived.must_have_ended(4)
    met(changes(lived.before.canvas, lived.after.canvas), f"{lived.label} was held and applied")


@then("the night is not held")
def the_night_is_not_held(lived: LivedNight) -> None:
    """An ordinary night goes through."""
    lived.must_have_ended(*PROCEEDED)


def _past_the_thresholds(story: Story, lived: LivedNight) -> None:
    earlier = [night.night.feed for night in _up_to(story, lived)[:-1]]
    if not crossed(earlier[-1], lived.night.feed):
        raise OracleError(f"{lived.label} crosses no threshold: the history is wrong")


def _up_to(story: Story, lived: LivedNight) -> list[LivedNight]:
    labels = list(story.nights)
    return [story.nights[each] for each in labels[: labels.index(lived.label) + 1]]
