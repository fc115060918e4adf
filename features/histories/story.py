"""A history as it is lived: the worlds, the nights and syncs, and what was seen after each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeroom.certify.certification import Certification
from homeroom.certify.control import SpaceHandle
from homeroom.certify.outcomes import NotApplicable, Unmet
from homeroom.certify.subject import Run
from homeroom.config import Choices, TellsTime
from homeroom.features.histories.calendar import FIRST_NIGHT, Calendar
from homeroom.features.histories.classroom import Classroom
from homeroom.features.histories.school import PlantError, School
from homeroom.observe import observe_canvas, observe_gradebook, observe_provider
from homeroom.oracle.canvas import CanvasWorld
from homeroom.oracle.feed import Feed, Gradebook
from homeroom.oracle.grade_obligations import GradebookObligations, Sync
from homeroom.oracle.grades import expected_gradebook
from homeroom.oracle.judge import judge
from homeroom.oracle.judge_grades import canvas_changes, judge_gradebook
from homeroom.oracle.nights import Act, ActKind, Night
from homeroom.oracle.obligations import NEW_YORK, Finding, Obligations
from homeroom.oracle.roster import expected
from homeroom.reference.transport import ClientCredentials, Transport

Fault = Mapping[str, Any]
"""A fault rule as the control plane takes it."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})
TAIL = 1200


@dataclass(kw_only=True)
class Worlds:
    """Both worlds at one moment."""

    feed: Feed
    gradebook: Gradebook
    canvas: CanvasWorld


@dataclass(kw_only=True)
class Lived:
    """One night or grade sync: how the subject ended it, and the worlds around it."""

    label: str
    at: datetime
    run: Run
    before: Worlds
    after: Worlds
    writes: Sequence[Mapping[str, Any]] = ()
    """What was written into Focus meanwhile, token requests apart."""
    asked: Sequence[Mapping[str, Any]] = ()
    """All that the subject asked both peers meanwhile, without bodies."""
    story: "Story" = field(repr=False)

    def findings(self) -> list[Finding]:
        """Return what is wrong in the worlds that this run left behind."""
        raise NotImplementedError

    def must_have_ended(self, *codes: int) -> None:
        """Raise Unmet unless the run ended with one of some exit codes."""
        if self.run.timed_out or self.run.exit_code not in codes:
            wanted = " or ".join(map(str, codes))
            raise Unmet(
                f"{self.label}: the subject's run did not end as it had to",
                expected=f"exit code {wanted}",
                received=f"{self.run}\n{self.run.stdout[-TAIL:]}{self.run.stderr[-TAIL:]}".strip(),
            )


@dataclass(kw_only=True)
class LivedNight(Lived):
    """A night of provisioning."""

    night: Night

    @property
    def obligations(self) -> Obligations:
        """What Canvas must hold after it, if it was applied."""
        return self.story.obligations(self.label)

    def findings(self) -> list[Finding]:
        """Judge Canvas as a whole."""
        return judge(self.obligations, self.after.canvas)


@dataclass(kw_only=True)
class LivedSync(Lived):
    """A grade sync."""

    sync: Sync

    @property
    def obligations(self) -> GradebookObligations:
        """What the gradebook must hold after it."""
        return self.story.gradebook_obligations(self.label)

    def findings(self) -> list[Finding]:
        """Judge the gradebook as a whole, and that Canvas was left alone."""
        found = judge_gradebook(self.obligations, self.after.gradebook)
        return [*found, *canvas_changes(self.before.canvas, self.after.canvas)]


class Story:
    """Lives one history and answers for it afterwards."""

    def __init__(self, name: str, certification: Certification, space: SpaceHandle) -> None:
        self.name, self._certification, self.space = name, certification, space
        self.choices: Choices = certification.choices
        self.travels = self.choices.time is not TellsTime.WALL
        self.calendar = Calendar(FIRST_NIGHT if self.travels else datetime.now(NEW_YORK).date())
        self.school = School(space, self.calendar)
        self.classroom = Classroom(space.document)
        # A district sets its Canvas's clock once; a subject may learn the zone there.
        self.classroom.call("PUT", "accounts/1", {"account": {"default_time_zone": NEW_YORK.key}})
        self._given = space.document_for(certification.config.subject.auth)
        peer = space.document["oneroster"]
        self._focus = Transport(
            peer["base_url"],
            ClientCredentials(peer["token_url"], peer["client_id"], peer["client_secret"]),
        )
        self.state_dir: Path = certification.new_state_dir(name)
        self.nights: dict[str, LivedNight] = {}
        self.syncs: dict[str, LivedSync] = {}
        self.notes: dict[str, Any] = {}
        self.broken: Unmet | None = None
        """Why the history could not be lived to its end, where the subject is to blame."""
        self._acts: list[Act] = []
        self._expected: dict[str, Obligations] = {}
        self._expected_grades: dict[str, GradebookObligations] = {}

    def close(self) -> None:
        """Close connections; the worlds as they were seen remain."""
        self.classroom.close()
        self._focus.close()

    def has(self, command: str) -> bool:
        """Whether the subject declares a command."""
        return self._certification.subject.has(command)

    def secrets(self) -> list[bytes]:
        """Return the secrets that the subject was given."""
        peers = self._given["oneroster"], self._given["canvas"]
        return [str(peers[0]["client_secret"]).encode(), str(peers[1]["token"]).encode()]

    def sis_user(self, name: str) -> str:
        """Return the SIS ID that a planted person has under the subject's choices."""
        record = self.school.records["users", self.school.id("users", name)]
        return str(record[self.choices.user_id.value])

    def login_of(self, name: str) -> str:
        """Return the login that a planted person has under the subject's choices."""
        record = self.school.records["users", self.school.id("users", name)]
        return str(record[self.choices.login_id.value])

    # Living

    def at(self, day: int, *, minutes: int = 0) -> datetime:
        """Move the worlds to a day's night; only forwards, and not at all by the wall clock."""
        moment = self.calendar.night(day).replace(minute=minutes)
        if not self.travels:
            return datetime.now(UTC)
        self.space.set_clock(moment)
        return moment

    def look(self, *, grades: bool = True) -> Worlds:
        """Observe both worlds; their gradebooks only where grades are the matter."""
        return Worlds(
            feed=observe_provider(self._focus),
            gradebook=observe_gradebook(self._focus) if grades else Gradebook(),
            canvas=observe_canvas(
                self.classroom.transport, self.space.document["canvas"]["account_id"], grades=grades
            ),
        )

    def feed(self) -> Feed:
        """Observe the provider's roster alone."""
        return observe_provider(self._focus)

    def did(self, act: ActKind, kind: str, *key: str, field: str = "", value: str = "") -> None:
        """Record what a person just did in Canvas."""
        self._acts.append(Act(act=act, kind=kind, id=key, field=field, value=value))

    def night(
        self,
        label: str,
        *,
        day: int,
        minutes: int = 0,
        command: str = "provision",
        variables: Mapping[str, str] | None = None,
        faults: Sequence[Fault] = (),
        jumps: bool = False,
    ) -> None:
        """Let the subject live one night and look at both worlds around it.

        The worlds have `faults` while the subject runs, and none while they are looked at. With
        `jumps` the night means nothing to a subject that cannot travel in time.
        """
        if jumps and self._stays(label):
            return
        moment = self.at(day, minutes=minutes)
        before = self.look(grades=False)
        run, writes, asked = self._run(command, moment, variables, faults)
        after = self.look(grades=False)
        # A held night applies nothing; a failed one had to apply what it could, and is judged so.
        night = Night(
            feed=before.feed,
            now=moment,
            applied=not run.held,
            acts=tuple(self._acts),
            before=before.canvas,
        )
        self._acts.clear()
        self.nights[label] = LivedNight(
            label=label, at=moment, run=run, before=before, after=after, writes=writes,
            asked=asked, story=self, night=night,
        )  # fmt: skip

    def unwell(self, label: str, *, day: int, **quirks: Any) -> None:
        """Live a night during which Focus has some quirks; both looks see it well."""
        moment = self.at(day)
        before = self.look(grades=False)
        usual = self.space.focus_settings()
        self.space.focus_settings(**quirks)
        try:
            run, writes, asked = self._run("provision", moment, None, ())
        finally:
            self.space.focus_settings(**{name: setting_value(usual, name) for name in quirks})
        after = self.look(grades=False)
        night = Night(feed=before.feed, now=moment, applied=False, before=before.canvas)
        self.nights[label] = LivedNight(
            label=label, at=moment, run=run, before=before, after=after, writes=writes,
            asked=asked, story=self, night=night,
        )  # fmt: skip

    def sync(
        self,
        label: str,
        *,
        day: int,
        minutes: int = 0,
        command: str = "passback",
        variables: Mapping[str, str] | None = None,
        faults: Sequence[Fault] = (),
        jumps: bool = False,
    ) -> None:
        """Let the subject sync grades and look at both worlds around it; else as `night`."""
        if command == "remaster" and not self.has(command):
            self.notes[label] = "the subject declares no remaster command"
            return
        if jumps and self._stays(label):
            return
        moment = self.at(day, minutes=minutes)
        before = self.look()
        run, writes, asked = self._run(command, moment, variables, faults)
        after = self.look()
        sync = Sync(
            feed=before.feed,
            canvas=before.canvas,
            before=before.gradebook,
            now=moment,
            remaster=command == "remaster",
            after=after.gradebook,
        )
        self.syncs[label] = LivedSync(
            label=label, at=moment, run=run, before=before, after=after, writes=writes,
            asked=asked, story=self, sync=sync,
        )  # fmt: skip

    def alias(self, label: str, lived: str) -> None:
        """Let a night that was lived have another name as well; no night may follow it."""
        self.nights[label] = self.nights[lived]

    def _stays(self, label: str) -> bool:
        if not self.travels:
            self.notes[label] = "the subject lives by the wall clock: it cannot travel in time"
        return not self.travels

    def _run(
        self,
        command: str,
        moment: datetime,
        variables: Mapping[str, str] | None,
        faults: Sequence[Fault],
    ) -> tuple[Run, list[dict[str, Any]], list[dict[str, Any]]]:
        last = max((entry["seq"] for entry in self.space.journal(limit=1)), default=0)
        subject = self._certification.subject
        for fault in faults:
            self.space.add_fault(fault)
        unmet: list[str] = []
        try:
            run = subject.run(
                command, self._given, now=moment, state_dir=self.state_dir, variables=variables
            )
        finally:
            if faults:
                unmet = [unmatched(rule) for rule in self.space.faults() if not rule["hits"]]
                self.space.clear_faults()
        # Whoever reads a verdict has to know which trouble the subject never met.
        run = replace(run, notes=(*run.notes, *unmet))
        told = self.space.journal(after=last, fake="focus")
        writes = [
            entry
            for entry in told
            if entry["method"] not in READS and not entry["path"].endswith("/token")
        ]
        return run, writes, self.space.journal(after=last, bodies="false")

    # Answering

    def obligations(self, label: str) -> Obligations:
        """Return what Canvas must hold after a night, from all that was lived up to it."""
        if label not in self._expected:
            labels = list(self.nights)
            lived = [self.nights[each].night for each in labels[: labels.index(label) + 1]]
            self._expected[label] = expected(lived, self.choices)
        return self._expected[label]

    def gradebook_obligations(self, label: str) -> GradebookObligations:
        """Return what the gradebook must hold after a sync, from all that was lived up to it."""
        if label not in self._expected_grades:
            labels = list(self.syncs)
            lived = [self.syncs[each].sync for each in labels[: labels.index(label) + 1]]
            self._expected_grades[label] = expected_gradebook(lived, self.choices)
        return self._expected_grades[label]

    def first_acted_before(self) -> LivedNight:
        """Return the first night before which people had done something in Canvas."""
        return next(lived for lived in self.nights.values() if lived.night.acts)

    def find_night(self, label: str) -> LivedNight:
        """Return a night that was lived."""
        if label not in self.nights:
            self._missing(label, list(self.nights))
        return self.nights[label]

    def find_sync(self, label: str) -> LivedSync:
        """Return a grade sync that was lived."""
        if label not in self.syncs:
            self._missing(label, list(self.syncs))
        return self.syncs[label]

    def _missing(self, label: str, known: Sequence[str]) -> None:
        if label in self.notes:
            raise NotApplicable(str(self.notes[label]))
        if self.broken is not None:
            raise self.broken
        raise PlantError(f"{self.name} has no {label!r}, it has: {', '.join(known)}")


def unmatched(rule: Mapping[str, Any]) -> str:
    """Say of a fault rule that no request of the subject met it."""
    met = ", ".join(f"{name} {value}" for name, value in rule["when"].items() if value is not None)
    return f"no request met the fault {rule['act']['kind']} ({met})"


def setting_value(settings: Mapping[str, Any], name: str) -> Any:
    """Return a setting's value from the control plane's list of settings."""
    found = settings.get("settings", settings)
    if isinstance(found, Mapping):
        value = found[name]
    else:
        value = next(each for each in found if each["name"] == name)
    return value["value"] if isinstance(value, Mapping) and "value" in value else value


Live = Callable[[Story], None]
