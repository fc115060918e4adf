"""The service's jobs: schedules, a queue and workers over the stages of the one-shot verbs."""

from homeroom.reference.workflows.durable.jobs import (
    Job,
    JobError,
    JobStatus,
    StageRun,
    UnknownJobError,
)
from homeroom.reference.workflows.durable.runner import Runner

__all__ = ["Job", "JobError", "JobStatus", "Runner", "StageRun", "UnknownJobError"]
