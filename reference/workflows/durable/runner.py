"""What the service asks of its jobs: run, list, release, cancel; and working them off."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from homeroom.reference.onboarding.districts import District
from homeroom.reference.onboarding.registry import Registry, utc_now
from homeroom.reference.workflows.durable.jobs import Job, Kind


class Runner:
    """The jobs of one database. Asking and listing work at once; working needs `launch`."""

    def __init__(
        self,
        registry: Registry,
        *,
        clock: Callable[[], datetime] = utc_now,
        at_once: int = 2,
    ) -> None:
        """Open the job tables in the registry's database, making them where they are missing.

        Args:
            registry: The districts; its engine says which database.
            clock: Tells the time by which schedules run and nights are stamped.
            at_once: Districts that this process works on side by side.

        Raises:
            FatalError: The database cannot be used.
        """
        raise NotImplementedError

    def launch(self, *, work: bool = True, schedule: bool = True) -> None:
        """Begin to work off jobs, and to ask for those that are due, until `shutdown`.

        Returns at once; work goes on in threads. One process a time may launch on a SQLite file;
        on PostgreSQL any number may. A process that only serves pages launches neither.

        Raises:
            FatalError: Another process works on this SQLite file; the text gives its pid.
        """
        raise NotImplementedError

    def shutdown(self, *, wait_s: float = 0.0) -> None:
        """Stop taking jobs, and wait so long for running ones; what is left is recovered later."""
        raise NotImplementedError

    def run_now(self, district_id: str, kind: Kind, *, asked_by: str, **options: Any) -> str:
        """Ask for a job, beside any schedule, and give its id.

        Args:
            district_id: The district.
            kind: `night` or `grades`.
            asked_by: Who asks, for the history.
            options: Fields of NightOptions or GradesOptions.

        Raises:
            UnknownDistrictError: There is no such district.
            JobError: Its stage does not allow it, a rollover window is open, an option is not
                known, or the same kind of job is queued for the district already.
        """
        raise NotImplementedError

    def jobs(
        self,
        district_id: str | None = None,
        *,
        kind: Kind | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Job]:
        """Give jobs, newest first: of one district or all, those asked before job `before`."""
        raise NotImplementedError

    def job(self, job_id: str) -> Job:
        """Give one job. Raises UnknownJobError."""
        raise NotImplementedError

    def outcomes(self, job_id: str, *, course: int | None = None) -> list[dict[str, Any]]:
        """Give what became of each assignment and class of a grade sync, unchanged ones left out.

        Each is `gradebook.book.Outcome` as a dict: course, section, title, assignment, status,
        sent, unchanged, cleared, skipped, refusals. Raises UnknownJobError.
        """
        raise NotImplementedError

    def plan(self, job_id: str) -> dict[str, Any] | None:
        """Give a night's plan, as its plan.json has it; None before there is one.

        Raises UnknownJobError.
        """
        raise NotImplementedError

    def release(self, job_id: str, *, asked_by: str) -> str:
        """Ask that a held night's plan be applied, if nothing moved since; give the new job's id.

        Raises:
            UnknownJobError: There is no such job.
            JobError: It is not held, was released already, or another night ran since.
        """
        raise NotImplementedError

    def cancel(self, job_id: str, *, asked_by: str) -> Job:
        """Cancel a queued job at once, a running one before its next stage; give it.

        Raises:
            UnknownJobError: There is no such job.
            JobError: It has ended.
        """
        raise NotImplementedError

    def next_at(self, district: District, kind: Kind) -> datetime | None:
        """Say when the schedule next runs a kind of job; None: never as things stand."""
        raise NotImplementedError
