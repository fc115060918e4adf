"""What a day does to a district: changes to records, and the events they come from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from homeroom.mocks.district.changes import Change


class EventKind(StrEnum):
    """Why records changed."""

    STUDENT_JOINED = "student joined"
    STUDENT_WITHDREW = "student withdrew"
    STUDENT_RETURNED = "student returned"
    CLASS_CHANGED = "student changed class"
    SCHOOL_CHANGED = "student changed school"
    DUALLY_ENROLLED = "student dually enrolled"
    TEACHER_CHANGED = "primary teacher changed"
    CO_TEACHER_ADDED = "co-teacher added"
    CO_TEACHER_LEFT = "co-teacher left"
    COURSE_CODE_CORRECTED = "course code corrected"
    COURSE_RENAMED = "course renamed"
    SCHOOL_RENAMED = "school renamed"
    PERSON_RENAMED = "person renamed"
    ACCOUNT_SPLIT = "account split"
    ACCOUNTS_MERGED = "accounts merged"
    CLASS_LEVELLED = "class levelled"
    SECTIONS_REGENERATED = "section ids regenerated"
    SESSION_BEGAN = "session began"
    SESSION_ENDED = "session ended"
    YEAR_ROLLED_OVER = "year rolled over"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a school, and the records it changed."""

    kind: EventKind
    about: str
    """sourcedId of the record it is about."""
    detail: str
    """One clause for the log; names no person."""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day's events, in order."""

    day: date
    events: tuple[Event, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of the day in order; a record may occur more than once."""
        return tuple(change for event in self.events for change in event.changes)

    def log(self) -> list[dict[str, Any]]:
        """Return one JSON object an event: what happened, and which records it touched."""
        return [
            {
                "day": self.day.isoformat(),
                "event": event.kind,
                "about": event.about,
                "detail": event.detail,
                "changes": [
                    {
                        "collection": change.collection,
                        "sourcedId": change.record.sourced_id,
                        "status": "gone" if change.gone else change.record.status,
                    }
                    for change in event.changes
                ],
            }
            for event in self.events
        ]
