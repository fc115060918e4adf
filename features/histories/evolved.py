"""The year of a generated school: nobody planted what happens, the days bring it.

Focus lives on day by day (`homeroom.mocks.district.evolve`): a week of adds and drops, the end of a
quarter and of the first semester, the rollover. Cases are sampled from what happened, by the same
dice in every run, and named by what happened to them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from homeroom.features.histories.calendar import FIRST_NIGHT
from homeroom.features.histories.school import PlantError
from homeroom.features.histories.story import Story
from homeroom.oracle.feed import Enrollment, Feed, Role, User

DISTRICT = "tiny"
OFTEN = 12
"""How many times as often as usual things happen: a school of 120 has few adds and drops a week."""
DICE = 53
"""Of 300 tried, the first whose week has each kind of thing happen to a pupil or class."""
FIRST_DAY = (date(2026, 12, 7) - FIRST_NIGHT).days
AFTER_A_WEEK = FIRST_DAY + 7
"""Six days happen: the year begins on the day after the first night."""
AFTER_THE_QUARTER = FIRST_DAY + 14
"""Two days after quarter and semester ended."""
AFTER_THE_ROLLOVER = (date(2027, 7, 2) - FIRST_NIGHT).days
ROLLED_OVER, NEW_YEAR = "the night after the rollover", "the first night of the new year"

Event = Mapping[str, Any]


def live(story: Story) -> None:
    """Live a first night, one after a week, one after a quarter, and those of the rollover."""
    story.night("the first night", day=FIRST_DAY, jumps=True)
    if not story.travels:
        for label in ("the night after a week", "the night after the quarter", ROLLED_OVER):
            story.notes[label] = story.notes["the first night"]
        story.notes[NEW_YEAR] = story.notes["the first night"]
        return
    before = story.feed()
    week = story.space.evolve(days=6, scale=OFTEN, seed=DICE)
    _sample_week(story, week, before, story.feed())
    story.night("the night after a week", day=AFTER_A_WEEK)
    story.space.evolve(days=7)
    story.night("the night after the quarter", day=AFTER_THE_QUARTER)
    story.space.evolve(days=AFTER_THE_ROLLOVER - AFTER_THE_QUARTER - 2)
    before = story.feed()
    # The night of the first of July, on which the SIS rolls over, is one of the paused ones.
    story.space.evolve(days=2)
    _sample_new_year(story, before, story.feed())
    story.night(ROLLED_OVER, day=AFTER_THE_ROLLOVER)
    if not story.nights[ROLLED_OVER].run.held:
        story.alias(NEW_YEAR, ROLLED_OVER)
    elif story.has("release"):
        story.night(NEW_YEAR, day=AFTER_THE_ROLLOVER, minutes=40, command="release")
    else:
        story.notes[NEW_YEAR] = "the subject held the night and declares no release command"


def _sample_week(story: Story, week: Sequence[Event], before: Feed, after: Feed) -> None:
    """Name somebody to whom each kind of thing happened, and nothing else that week."""
    times = Counter(str(event["about"]) for event in week)

    def one(kind: str) -> Event:
        for event in week:
            if event["event"] == kind and times[event["about"]] == 1:
                return event
        raise PlantError(f"nothing in the week is only {kind!r}: {times}")

    newcomer = after.users[one("student joined")["about"]]
    _person(story, "the newcomer", newcomer)
    for number, row in enumerate(_seats(after, newcomer), start=1):
        _class(story, f"the newcomer's class {number}", after, row.class_)

    moved = one("student changed class")
    _person(story, "the pupil who moved", after.users[moved["about"]])
    for row in _touched(moved, after):
        left = row.end_date is not None and row.end_date.isoformat() == moved["day"]
        _class(
            story, "the class they left" if left else "the class they went to", after, row.class_
        )

    gone = after.users[one("student withdrew")["about"]]
    _person(story, "the pupil who withdrew", gone)
    _class(story, "a class of theirs", after, next(_seats(before, gone)).class_)

    handed = one("primary teacher changed")
    _class(story, "the class that was handed over", after, handed["about"])
    for row in _touched(handed, after):
        if row.user is not None:
            name = "the teacher who took it" if row.live else "the teacher who gave it away"
            _person(story, name, after.users[row.user])

    _person(story, "somebody renamed", after.users[one("person renamed")["about"]])


def _sample_new_year(story: Story, before: Feed, after: Feed) -> None:
    """Name somebody who goes on, somebody who came, somebody who left, and their classes."""
    students = [user for user in after.users.values() if user.role == Role.STUDENT]
    goes_on = next(
        user
        for user in students
        if user.live and user.sourced_id in before.users
        if any(_seats(before, user)) and any(_seats(after, user))
    )
    _person(story, "a pupil who goes on", goes_on)
    _class(story, "their class of last year", before, next(_seats(before, goes_on)).class_)
    _class(story, "their class of this year", after, next(_seats(after, goes_on)).class_)
    came = next(
        user
        for user in students
        if user.live and user.sourced_id not in before.users and any(_seats(after, user))
    )
    _person(story, "a pupil who is new", came)
    _class(story, "the class of a pupil who is new", after, next(_seats(after, came)).class_)
    left = next(
        user
        for user in students
        if not user.live and before.users[user.sourced_id].live and user.enabled
        if any(_seats(before, user))
    )
    _person(story, "a pupil who left school", left)


def _seats(feed: Feed, user: User) -> Iterator[Enrollment]:
    """Yield the standing rows of a pupil in classes that the feed has."""
    return (
        row
        for row in feed.rows_of_user(user.sourced_id)
        if row.live and row.role == Role.STUDENT and feed.live_class(row.class_)
    )


def _touched(event: Event, feed: Feed) -> list[Enrollment]:
    ids = [each["sourcedId"] for each in event["changes"] if each["collection"] == "enrollments"]
    return [feed.enrollments[each] for each in dict.fromkeys(ids)]


def _person(story: Story, name: str, user: User) -> None:
    known = {
        "sourcedId": user.sourced_id,
        "username": user.username,
        "identifier": user.identifier,
        "email": user.email,
    }
    story.school.know("users", name, known)


def _class(story: Story, name: str, feed: Feed, sourced_id: str | None) -> None:
    class_ = feed.classes[sourced_id or ""]
    story.school.know("classes", name, {"sourcedId": class_.sourced_id, "title": class_.title})
