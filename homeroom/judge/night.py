"""What of a watched night is not as it must be, and what cannot be said from one night.

The history before the first look is unknown. What stood before, unchanged by the night, may be a
person's doing (Canvas keeps what people set by hand), so it is told apart from what the night did.
Feeds may differ between the looks: what is right by the later one, with or without the earlier one
as a night of its own, is right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from functools import cached_property

from homeroom.config import Choices
from homeroom.judge.recording import Observation, Worlds
from homeroom.oracle.brake import crossed
from homeroom.oracle.canvas import DELETED, CanvasWorld
from homeroom.oracle.feed import Record
from homeroom.oracle.grade_obligations import GradebookObligations, Sync
from homeroom.oracle.grades import expected_gradebook
from homeroom.oracle.judge import Objects, changes, judge, observed_objects
from homeroom.oracle.judge_grades import judge_gradebook
from homeroom.oracle.nights import Act, ActKind, Night
from homeroom.oracle.obligations import Finding, Obligations
from homeroom.oracle.people import login_of, user_sis_id
from homeroom.oracle.roster import expected

About = tuple[str, frozenset[str], str]
UNASKED = "none: nothing in the feed asks for it"


@dataclass(frozen=True, kw_only=True)
class Unjudged:
    """Something that is not as Focus has it, and that this night cannot be blamed for."""

    finding: Finding
    why: str


@dataclass(frozen=True, kw_only=True)
class WatchedNight:
    """All that two observations say of the night between them."""

    before: Observation
    after: Observation
    choices: Choices
    now: datetime
    obligations: Obligations
    findings: Sequence[Finding]
    unjudged: Sequence[Unjudged]
    changed: bool
    """Whether Canvas differs in what a roster sync may touch; after an import that is assumed."""
    imported: bool | None
    """Whether Canvas took a SIS import in between; None where it does not tell."""
    held: Sequence[str] = ()
    """Thresholds crossed by a night that changed nothing, though the subject has a brake."""
    gradebook: GradebookObligations | None = None
    """None where no grade sync was seen."""
    grade_findings: Sequence[Finding] = field(default_factory=tuple)
    today: date
    """The night's date in the district."""
    ran: bool = False
    """Whether the operator answers for it that the night ran, though nothing may show it."""
    settled: bool = False
    """Whether nothing was to be done: Canvas was already as it had to be."""

    @property
    def seen(self) -> bool:
        """Whether anything or anybody says that a night or a grade sync took place."""
        return self.ran or bool(self.imported) or self.changed or self.gradebook is not None

    @property
    def quiet(self) -> bool:
        """Whether nothing in Focus differs between the two looks."""
        return self.before.worlds.feed == self.after.worlds.feed


def watch(
    before: Observation,
    after: Observation,
    choices: Choices,
    *,
    zone: tzinfo,
    synced: bool | None = None,
    ran: bool = False,
) -> WatchedNight:
    """Judge the night between two observations.

    Args:
        before: The pair as it was.
        after: The same pair after the night.
        choices: What the subject declared.
        zone: The district's time zone.
        synced: Whether a grade sync took place; None: if the SIS gradebook differs.
        ran: Whether the operator answers for it that the night ran.
    """
    imported, now = _imports_between(before, after)
    was, stands = before.worlds, after.worlds
    earlier, last = _night(was, now, was.canvas), _night(stands, now, was.canvas)
    quiet = was.feed == stands.feed
    obligations = _expected([last] if quiet else [earlier, last], choices, zone)
    found, early = judge(obligations, stands.canvas), list[Finding]()
    if found or quiet:
        first = obligations if quiet else _expected([earlier], choices, zone)
        early = judge(first, was.canvas)
    contested = set[str]()
    if found:
        contested = {key for each in early if each.field == "sections" for key in each.id}
        obligations = _eased(obligations, contested)
        found = judge(obligations, stands.canvas)
    if found and not quiet:
        alone = _eased(_expected([last], choices, zone), contested)
        wrong = {_about(each) for each in judge(alone, stands.canvas)}
        found = [each for each in found if _about(each) in wrong]
    sorter = _Sorter(early, was, stands, now if imported else None, choices)
    judged = [(each, sorter.why_not(each)) for each in found]
    reasons = crossed(was.feed, stands.feed) if choices.brake else []
    changed = bool(changes(was.canvas, stands.canvas)) if reasons or not imported else True
    sync = _sync(was, stands, now, synced) if before.recording.grades else None
    gradebook = expected_gradebook([sync], choices, zone=zone) if sync else None
    return WatchedNight(
        before=before,
        after=after,
        choices=choices,
        now=now,
        obligations=obligations,
        findings=[finding for finding, why in judged if not why],
        unjudged=[Unjudged(finding=finding, why=why) for finding, why in judged if why],
        changed=changed,
        imported=imported,
        held=reasons if not changed else (),
        gradebook=gradebook,
        grade_findings=judge_gradebook(gradebook, stands.gradebook) if gradebook else (),
        settled=quiet and not early,
        ran=ran,
        today=now.astimezone(zone).date(),
    )


def _imports_between(before: Observation, after: Observation) -> tuple[bool | None, datetime]:
    """Say whether Canvas took an import, and when the night was as far as is known."""
    listed, then = after.recording.imports, before.recording.imports
    if listed is None or then is None:
        return None, after.recording.started_at
    known = {each.id for each in then}
    begun = [each.created_at for each in listed if each.id not in known and each.created_at]
    return bool(begun), min(begun, default=after.recording.started_at)


def _night(worlds: Worlds, now: datetime, canvas: CanvasWorld) -> Night:
    return Night(feed=worlds.feed, now=now, before=canvas)


def _expected(nights: Sequence[Night], choices: Choices, zone: tzinfo) -> Obligations:
    """Compute obligations, given the logins that people in Canvas hold outside of the SIS."""
    last = nights[-1]
    held = {
        (each.login or "").casefold()
        for each in last.before.users.values()
        if not each.sis_id and each.state != DELETED
    }
    acts = tuple(
        Act(act=ActKind.CLAIMED, kind="user", id=(login,))
        for user in last.feed.users.values()
        if (login := login_of(user, choices)) and login.casefold() in held
    )
    return expected([*nights[:-1], replace(last, acts=acts)], choices, zone=zone)


def _about(finding: Finding) -> About:
    return finding.kind, frozenset(finding.id), finding.field


def _eased(obligations: Obligations, contested: set[str]) -> Obligations:
    """Leave open which sections share a course where they already stood against the key."""
    placements = {
        name: replace(each, keys=frozenset(), free=True) if name in contested else each
        for name, each in obligations.placements.items()
    }
    return replace(obligations, placements=placements)


class _Sorter:
    """Tells what the night is to blame for from what may be older, later or a person's doing."""

    def __init__(
        self,
        early: Sequence[Finding],
        was: Worlds,
        stands: Worlds,
        begun: datetime | None,
        choices: Choices,
    ) -> None:
        self._early = {_about(each) for each in early}
        self._was, self._stands, self._begun = was, stands, begun
        self._people = {user_sis_id(each, choices): each for each in stands.feed.users.values()}

    @cached_property
    def _old(self) -> Objects:
        return observed_objects(self._was.canvas)

    @cached_property
    def _new(self) -> Objects:
        return observed_objects(self._stands.canvas)

    def why_not(self, finding: Finding) -> str:
        """Say why a finding does not count against the night; empty where it does."""
        if self._unmoved(finding) and self._may_be_older(finding):
            return "it stood so before the night, as a person may have left it"
        if self._began_late(finding):
            return "Focus's record was changed after the night had begun"
        return ""

    def _unmoved(self, finding: Finding) -> bool:
        about = (finding.kind, finding.id)
        if finding.kind == "course":
            return self._courses(self._was.canvas, finding) == self._courses(
                self._stands.canvas, finding
            )
        old, new = self._old.get(about), self._new.get(about)
        return old is not None and new is not None and _value(old, finding) == _value(new, finding)

    def _may_be_older(self, finding: Finding) -> bool:
        if finding.expected == UNASKED:
            return True
        if finding.field == "state":
            # Concluded or inactivated by hand; a seat that is wrongly open is the night's to end.
            return self._new[finding.kind, finding.id]["state"] != "active"
        return finding.kind != "enrollment" and _about(finding) in self._early

    def _courses(self, world: CanvasWorld, finding: Finding) -> list[tuple[object, ...]]:
        placed: list[tuple[object, ...]] = []
        for sis_id in finding.id:
            section = world.sis_section(sis_id)
            course = world.courses.get(section.course) if section else None
            placed.append(
                (course.id, course.term, course.account) if course else (sis_id, id(world), 0)
            )
        return placed

    def _began_late(self, finding: Finding) -> bool:
        if self._begun is None:
            return False
        return any(_later(record, self._begun) for record in self._records(finding))

    def _records(self, finding: Finding) -> Iterator[Record]:
        """Yield the records that an object is made from."""
        feed, key = self._stands.feed, finding.id
        tables: Mapping[str, Mapping[str, Record]] = {
            "account": feed.orgs,
            "term": feed.academic_sessions,
            "section": feed.classes,
            "course": feed.classes,
        }
        if finding.kind in tables:
            table = tables[finding.kind]
            yield from (table[each] for each in key if each in table)
        elif finding.kind in {"user", "enrollment"}:
            person = self._people.get(key[0] if finding.kind == "user" else key[1])
            if person is not None:
                yield person
                rows = feed.rows_of_user(person.sourced_id) if finding.kind == "enrollment" else ()
                yield from (row for row in rows if row.class_ == key[0])


def _value(held: Mapping[str, object], finding: Finding) -> object:
    return held.get(finding.field)


def _later(record: Record, begun: datetime) -> bool:
    try:
        modified = datetime.fromisoformat(record.last_modified)
    except ValueError:
        return False
    return modified.tzinfo is not None and modified > begun


def _sync(was: Worlds, stands: Worlds, now: datetime, synced: bool | None) -> Sync | None:
    """Return the grade sync between two looks, None where there was none."""
    happened = was.gradebook != stands.gradebook if synced is None else synced
    if not happened:
        return None
    return Sync(feed=stands.feed, canvas=stands.canvas, before=was.gradebook, now=now)
