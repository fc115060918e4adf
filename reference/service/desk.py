"""What an admin can do with the service; API, pages and command line all go through here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from homeroom.reference.onboarding.credentials import (
    Credentials,
    ProviderCredentials,
    parse_canvas,
    parse_provider,
)
from homeroom.reference.onboarding.districts import CredentialsNote, District, DistrictError
from homeroom.reference.onboarding.links import DEFAULT_HOURS, Link, Links
from homeroom.reference.onboarding.registry import Registry
from homeroom.reference.onboarding.stages import Stage, StageError, next_stage
from homeroom.reference.service.looks import Look, LookKind, Looks
from homeroom.reference.workflows.durable import Job, Runner
from homeroom.reference.workflows.durable.jobs import Kind
from homeroom.reference.workflows.memory import provisioned

ACCEPTED = "evaluation accepted"
OPEN = (
    "the newest evaluation has critical concerns: settle them and evaluate again, or accept them "
    "with a reason"
)
# How many lines of the log are searched for who accepted an evaluation.
FAR_BACK = 1000


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A district as an admin sees it."""

    district: District
    next_stage: Stage | None
    credentials: list[CredentialsNote]
    connect: Look | None
    evaluate: Look | None
    # The rollover window that today lies in.
    window: Sequence[date] | None
    next_night: datetime | None
    next_grades: datetime | None


class Desk:
    """All that can be done; each act takes who does it, for the log."""

    def __init__(
        self, registry: Registry, looks: Looks, runner: Runner, *, origin: str, private: bool
    ) -> None:
        """Take the parts; `origin` is the address that links begin with."""
        self.registry, self.looks, self.runner = registry, looks, runner
        self.origin, self.private = origin, private
        self.links = Links(registry)

    def view(self, district_id: str) -> View:
        """Give one district. Raises UnknownDistrictError."""
        district = self.registry.find(district_id)
        return View(
            district=district,
            next_stage=next_stage(district.stage, converting=district.converting),
            credentials=self.registry.credentials(district_id),
            connect=self.looks.find(district_id, "connect"),
            evaluate=self.looks.find(district_id, "evaluate"),
            window=district.window_at(self.registry.clock()),
            next_night=self.runner.next_at(district, "night"),
            next_grades=self.runner.next_at(district, "grades"),
        )

    def make_link(
        self, district_id: str, *, who: str, hours: int = DEFAULT_HOURS
    ) -> tuple[Link, str]:
        """Make a one-time link, and give its address, which is told this once."""
        link, token = self.links.make(district_id, who=who, hours=hours)
        return link, f"{self.origin}/connect/{token}"

    def spend_link(self, token: str, given: Mapping[str, str]) -> District:
        """Store what a district entered. Raises CredentialsError, LinkError: nothing is stored."""
        self.links.look(token)
        district = self.links.spend(token, self.parse_provider(given))
        self._check_anew(district.id, "the district, by link")
        return district

    def parse_provider(self, given: Mapping[str, str]) -> ProviderCredentials:
        """Check what is entered for a provider. Raises CredentialsError."""
        return parse_provider(given, private=self.private)

    def put_provider(self, district_id: str, given: Mapping[str, str], *, who: str) -> None:
        """Store a provider's credentials. Raises CredentialsError: nothing is stored."""
        self._put(district_id, self.parse_provider(given), who)

    def put_canvas(self, district_id: str, given: Mapping[str, str], *, who: str) -> None:
        """Store Canvas's address and token. Raises CredentialsError: nothing is stored."""
        self._put(district_id, parse_canvas(given, private=self.private), who)

    def _put(self, district_id: str, given: Credentials, who: str) -> None:
        self.registry.put_credentials(district_id, given, who=who)
        self._check_anew(district_id, who)

    def _check_anew(self, district_id: str, who: str) -> None:
        """Check the connection at once where both sides are known: a typing error shows today."""
        if len(self.registry.credentials(district_id)) == 2:
            try:
                self.looks.start(district_id, "connect", who=who)
            except DistrictError:
                return  # one is running; its outcome says nothing of these, and can be repeated

    def look(self, district_id: str, kind: LookKind, *, who: str) -> Look:
        """Begin a connection check or an evaluation."""
        return self.looks.start(district_id, kind, who=who)

    def accept_evaluation(self, district_id: str, *, who: str, reason: str) -> District:
        """Let a district go on whose evaluation has critical concerns, for a stated reason.

        It holds for that evaluation alone: the log keeps which one, and what was accepted.

        Raises:
            StageError: There is no finished evaluation, no reason, or it is another step's turn.
        """
        district, found = self.registry.find(district_id), self.looks.find(district_id, "evaluate")
        if found is None or found.outcome not in {"passed", "failed"}:
            raise StageError(f"{district_id}: there is no finished evaluation to accept")
        if not reason.strip():
            raise StageError(f"{district_id}: say why the concerns may stand")
        critical = [one for one in found.found["concerns"] if one["severity"] == "critical"]
        told = [{name: one[name] for name in ("kind", "what", "count")} for one in critical]
        evidence = {
            "accepted": reason.strip(),
            "evaluation": found.at,
            "outcome": found.outcome,
            "critical": told,
        }
        following = next_stage(district.stage, converting=district.converting)
        if following is Stage.EVALUATED:
            return self.registry.advance(district_id, following, who=who, evidence=evidence)
        if following is not Stage.PROVISIONING:
            raise StageError(f"{district_id}: it is at {district.stage}; nothing waits for this")
        self.registry.record(district_id, ACCEPTED, who=who, evidence=evidence)
        return district

    def in_the_way(self, district: District) -> str:
        """Say what of the newest evaluation forbids a first night; blank: nothing does."""
        found = self.looks.find(district.id, "evaluate")
        if found is None:
            return ""
        if found.outcome == "running":
            return "an evaluation is running: wait for what it finds"
        notes = self.registry.credentials(district.id)
        if district.converting and any(note.at > found.at for note in notes):
            return "credentials were replaced since the evaluation: evaluate again"
        if found.outcome == "failed":
            accepted = (
                "accepted" in entry.evidence and entry.evidence["evaluation"] == found.at
                for entry in self.registry.log(district.id, limit=FAR_BACK)
            )
            return "" if any(accepted) else OPEN
        if found.outcome != "passed" and district.converting:
            return "the newest evaluation came to no end: evaluate again"
        return ""

    def enable(self, district_id: str, stage: Stage, *, who: str, note: str = "") -> District:
        """Switch provisioning on, or passback once a night was completed. Raises StageError."""
        if stage not in {Stage.PROVISIONING, Stage.PASSBACK}:
            raise StageError(f"{stage} is reached by its check; on are switched provisioning "
                             "and passback")  # fmt: skip
        evidence: dict[str, Any] = {"note": note} if note else {}
        district = self.registry.find(district_id)
        following = next_stage(district.stage, converting=district.converting)
        if stage is following is Stage.PROVISIONING:
            hindrance = self.in_the_way(district)
            if hindrance:
                raise StageError(f"{district_id}: {hindrance}")
            evaluation = self.looks.find(district_id, "evaluate")
            if evaluation is not None:
                evidence |= {"evaluation": evaluation.at, "outcome": evaluation.outcome}
        if stage is Stage.PASSBACK and district.stage is Stage.PROVISIONING:
            settings = self.registry.settings_of(district_id, self.registry.clock())
            current = provisioned(settings.state_dir)
            if current is None:
                raise StageError(
                    f"{district_id}: no night has been completed yet, and grades are passed back "
                    "only for what was provisioned"
                )
            evidence["night"] = current.run
        return self.registry.advance(district_id, stage, who=who, evidence=evidence)

    def disable(self, district_id: str, *, who: str, reason: str) -> District:
        """Switch off passback, or provisioning where passback is off. Raises StageError."""
        return self.registry.step_back(district_id, who=who, reason=reason)

    def set_paused(self, district_id: str, paused: bool, *, who: str) -> District:
        """Pause or resume a district's nights."""
        return self.registry.change(district_id, who=who, paused=paused)

    def run_now(self, district_id: str, kind: Kind, *, who: str, **options: Any) -> Job:
        """Ask for a job. Raises JobError: the district's stage does not allow it, or one waits."""
        return self.runner.job(self.runner.run_now(district_id, kind, asked_by=who, **options))

    def release(self, job_id: str, *, who: str) -> Job:
        """Apply a held night's plan. Raises JobError: it is not held, or was released already."""
        job = self.runner.job(self.runner.release(job_id, asked_by=who))
        told = {"held": job_id, "job": job.id}
        self.registry.record(job.district, "plan released", who=who, evidence=told)
        return job

    def now(self) -> datetime:
        """Tell the time."""
        return self.registry.clock()
