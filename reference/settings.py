"""Everything that can be set; `workflows.configuration` reads it for the commands."""

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from homeroom.config import Choices
from homeroom.reference.transport import Auth

Positive = Annotated[int, msgspec.Meta(ge=1)]
Number = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Rekeyed = Literal["sections", "courses", "users"]
# What the brake counts.
Kind = Literal["orgs", "courses", "sections", "users", "enrollments"]


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[service]`: where districts differ, beyond what a certificate is about."""

    # Which of Instructure's two rostering services is read.
    roster: Literal["bulk", "school"] = "bulk"
    # Rows asked for at once.
    page_size: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 1000
    # Ask for `sort=sourcedId`; off for providers that stumble over it.
    sort: bool = True
    # Collections read at once; the pages of one are always read one after the other.
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=16)] = 2
    # OAuth 2.0 scopes asked for, blank-separated.
    scope: str = ""
    # How OAuth 1.0a requests are signed; or HMAC-SHA1.
    oauth1_method: Literal["HMAC-SHA256", "HMAC-SHA1"] = "HMAC-SHA256"
    # A name of the time zone database: feeds have dates, Canvas has instants.
    time_zone: str = "America/New_York"
    # sourcedIds of the only schools to provision; empty: all.
    schools: tuple[str, ...] = ()
    # Where `term = "common-id"`: the part of a session's sourcedId that schools share.
    term_pattern: str = r"[^-]+$"
    # Sections that a person let go where their key now leads, though `section_moves` is held.
    move_sections: tuple[str, ...] = ()
    # New courses are published; else their teachers do it.
    publish_courses: bool = False
    # A night is held that takes away more than this share and more than this number of a kind.
    brake_share: Share = 0.10
    brake_floor: Number = 20
    # Other shares and numbers for single kinds, such as { users = 0.05 }.
    brake_shares: dict[Kind, Share] = {}
    brake_floors: dict[Kind, Number] = {}
    # So is one that takes away more than this share of the students of a section of so many.
    section_share: Share = 0.50
    section_floor: Positive = 5
    # So is one in which more ids of a kind than these look made anew.
    rekeyed_floors: dict[Rekeyed, Number] = {}
    # What may be given its new id in Canvas (change_sis_id.csv): sections, courses, users.
    rekey: tuple[Rekeyed, ...] = ()
    # Send everything, not only what changed, every so many nights; 0: only when asked to.
    full_every: Number = 0
    # Read only what changed since last night, by dateLastModified (docs/decisions/0007).
    delta: bool = False
    # How far back before last night a delta reaches: clocks differ, and writes take a while.
    delta_margin_s: Annotated[float, msgspec.Meta(ge=0, le=2_592_000)] = 3600.0
    # Nights in a row that may be deltas; the next one reads everything.
    delta_nights: Positive = 6
    # Leave the comparing to Canvas: send everything under one diffing_data_set_identifier.
    diffing: bool = False
    diffing_identifier: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] = "homeroom"
    # Overwrite what people changed in Canvas by hand, as far as it is sticky there.
    override_sis_stickiness: bool = False
    # An import that makes no progress for so long is left for the next run to pick up.
    import_stall_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 240.0
    # Rows of each kind read back after an ordinary night; a full night reads back all.
    verify_sample: Number = 25
    # Changes of each kind that a plan lists one by one.
    plan_rows: Positive = 1000
    # Grades: results sent at once (four at most, since eight were slower), and the longest title.
    put_threads: Annotated[int, msgspec.Meta(ge=1, le=4)] = 4
    title_limit: Annotated[int, msgspec.Meta(ge=1, le=255)] = 255
    # Whether a result's comment tells of late and missing work: `comment`, or `off`.
    late_marks: Literal["off", "comment"] = "off"
    # What a remaster sends for a score that was deleted in Canvas.
    cleared_scores: Literal["tobedeleted", "null"] = "tobedeleted"
    # Title of the category of course grades; blank: the first that fits the class.
    course_grade_category: str = ""
    # Each request: seconds to wait for an answer, and tries while the peer is unwell.
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 60.0
    attempts: Positive = 5

    @property
    def zone(self) -> tzinfo:
        """The district's time zone: feeds have dates, Canvas has instants."""
        return ZoneInfo(self.time_zone)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One connection: a provider, a Canvas, what was chosen, and the time."""

    oneroster_url: str
    oneroster_auth: Auth
    canvas_url: str
    canvas_auth: Auth
    now: datetime
    state_dir: Path
    choices: Choices = Choices()
    service: Service = Service()
