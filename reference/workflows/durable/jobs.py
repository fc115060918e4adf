"""A job of the service, as its pages and its API show it: a night or a grade sync of a district."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from homeroom.reference.errors import FatalError

Kind = Literal["night", "grades"]


class JobError(FatalError):
    """What was asked of a job, or for a new one, cannot be; the text says why and what can."""


class UnknownJobError(JobError):
    """There is no job of that id."""


class JobStatus(StrEnum):
    """Where a job stands. The words are those of Instructure's job list, and Queued and Held."""

    QUEUED = "Queued"
    IN_PROGRESS = "In Progress"
    COMPLETED = "Completed"
    WARNING = "Warning"
    HELD = "Held"
    FAILED = "Failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the job by itself."""
        return self not in {JobStatus.QUEUED, JobStatus.IN_PROGRESS}


class StageRun(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a job: `resume`, `plan`, `import`, `verify`; of grades `courses`, `grades`."""

    name: str
    started_at: datetime
    ended_at: datetime | None = None
    # What was done, by name: rows, changes, refusals, courses, results.
    counts: dict[str, int] = {}


class NightOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of a night beside its district."""

    # Show what would change; send nothing.
    plan_only: bool = False
    # Send everything, not only what changed, and read everything back.
    full: bool = False


class GradesOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of a grade sync: Canvas ids or SIS ids to keep to; empty: all."""

    courses: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    remaster: bool = False


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job. Instants are aware, UTC; no field holds a person's name or a secret."""

    id: str
    district: str
    kind: Kind
    # "schedule", or who asked, as they were named to `run_now`.
    asked_by: str
    asked_at: datetime
    status: JobStatus
    started_at: datetime | None = None
    ended_at: datetime | None = None
    # Of a failed or held job the stage where it stopped, of a running one the current; else "".
    stage: str = ""
    stages: list[StageRun] = []
    # The fields of NightOptions or GradesOptions that were given.
    options: dict[str, Any] = {}
    # A night's run id: its plan lies in <state>/<district>/provisioning/runs/<run>/plan.json.
    run: str = ""
    # One sentence for a person: what was done, why it is held, what failed and the remedy.
    summary: str = ""
    # Totals by name, such as `added`, `removed`, `refused`; of grades `synced`, `results_sent`.
    totals: dict[str, int] = {}
    # The worker that had it last, and how often one started it: above 1 it was recovered.
    worker: str = ""
    starts: int = 0
    # The held job whose plan this one applies; of a held job, the one that applied it.
    releases: str = ""
    released_by: str = ""
