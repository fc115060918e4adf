"""All histories by the names that features call them, each lived once in a worker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from homeroom.certify.certification import Certification
from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.config import ProviderAuth, TellsTime
from homeroom.features.histories import (
    adddrop,
    byhand,
    coursegrades,
    credentials,
    departures,
    dirty,
    evolved,
    gradeweeks,
    hiccups,
    opening,
    paging,
    shrink,
    staffing,
    stranger,
    yearend,
)
from homeroom.features.histories.calendar import Calendar
from homeroom.features.histories.classroom import ClassroomError
from homeroom.features.histories.story import Live, Story

HISTORIES: Mapping[str, Live] = {
    "the first nights of school": opening.live,
    "the week of adds and drops": adddrop.live,
    "the term of staff changes": staffing.live,
    "the week of departures": departures.live,
    "the week people worked in Canvas": byhand.live,
    "the nights on dirty data": dirty.live,
    "the school year": yearend.live,
    "the year of a generated school": evolved.live,
    "the nights of mass removals": shrink.live,
    "the weeks of grading": gradeweeks.live,
    "the first grading period": coursegrades.live,
    "a connection never provisioned": stranger.live,
    "a provider with pages in headers": paging.headers_only,
    "the week of hiccups": hiccups.roster,
    "the week grades stumbled": hiccups.grades,
    "the night of wrong credentials": credentials.live,
}
EVE = timedelta(hours=12)
BEGINS: Mapping[str, tuple[str, int]] = {
    "the year of a generated school": (evolved.DISTRICT, evolved.FIRST_DAY)
}
"""District and first night, in days, of histories that begin with more than an empty world."""


@dataclass
class Histories:
    """Lives each history at most once, and remembers how it failed if it did."""

    certification: Certification
    _lived: dict[str, Story] = field(default_factory=dict)
    _failed: dict[str, BaseException] = field(default_factory=dict)

    def story(self, name: str) -> Story:
        """Return a history, lived to its end."""
        if name in self._failed:
            raise self._failed[name]
        if name not in self._lived:
            try:
                self._lived[name] = self._live(name)
            except (Exception, Unmet, NotApplicable) as error:
                self._failed[name] = error
                raise
        self.certification.about(self._lived[name].space)
        return self._lived[name]

    def _live(self, name: str) -> Story:
        travels = self.certification.choices.time is not TellsTime.WALL
        district, first = BEGINS.get(name, ("empty", 0))
        now: datetime | None = Calendar().night(first) - EVE if travels else None
        space = self.certification.control.new_space(district, now=now)
        self.certification.about(space)
        if self._signs_at_the_nights_time():
            space.focus_settings(oauth1_clock="space")
        story = Story(name, self.certification, space)
        try:
            HISTORIES[name](story)
        except ClassroomError as error:
            # People can act only on what the nights brought; what the night failed to bring is the
            # subject's failing, anything else is ours.
            story.broken = _blame(story, error)
        finally:
            story.close()
        return story

    def _signs_at_the_nights_time(self) -> bool:
        """Tell whether faketime gives the timestamps of OAuth 1.0a signatures, too."""
        subject = self.certification.config.subject
        return subject.auth is ProviderAuth.OAUTH1 and subject.choices.time is TellsTime.FAKETIME


def _blame(story: Story, error: ClassroomError) -> Unmet:
    """Say how the subject kept a history from going on; raises `error` where it did not."""
    for lived in (*story.nights.values(), *story.syncs.values()):
        try:
            lived.must_have_ended(0, 1)
        except Unmet as unmet:
            return unmet
        findings = lived.findings()
        if findings:
            return Unmet(
                f"{story.name} could not go on after {lived.label}: {error}",
                expected="\n".join(each.expected_line for each in findings[:8]),
                received="\n".join(each.received_line for each in findings[:8]),
            )
    raise error
