"""A grade sync as a job: one workflow for each course, one step for each batch of assignments."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from homeroom.reference.errors import FatalError
from homeroom.reference.gradebook.book import Outcome
from homeroom.reference.workflows.durable.bench import Bench, Ending, Remember, Told, value_of
from homeroom.reference.workflows.durable.jobs import GradesOptions, Job, JobStatus, StageRun
from homeroom.reference.workflows.grade_sync import Scope
from homeroom.reference.workflows.memory import locked

# A course's scores are read once a batch, and a step costs about 3 ms: few courses need two.
BATCH = 100
COURSE_GRADES = -1
TOTALS = ("synced", "unchanged", "failed", "results_sent", "cleared")
# Job id, course, scope: what a course's workflow is started with.
RunCourse = Callable[[str, int, Told], Told]


def run_grades_job(bench: Bench, job: Job, remember: Remember, run_course: RunCourse) -> Ending:
    """Run a grade sync, or go on with one. Raises FatalError: a peer is unusable."""
    options = msgspec.convert(job.options, GradesOptions)
    begun = bench.clock()
    bench.store.note(job, stage="courses", stages=[StageRun(name="courses", started_at=begun)])

    def list_courses() -> Told:
        sync = bench.sync_of(job, remaster=options.remaster)
        scope = sync.scope(options.courses, options.sections, options.assignments)
        return {"scope": msgspec.to_builtins(scope), "courses": sync.courses(scope)}

    told = remember("courses", lambda: bench.try_stage(job, "courses", list_courses))
    found: Told = value_of(told, dict[str, Any])
    first = _stage("courses", told, {"courses": len(found["courses"])})
    totals, since = Counter(dict.fromkeys(TOTALS, 0)), bench.clock()
    for done, course in enumerate(found["courses"]):
        now = StageRun(name="grades", started_at=since, counts={"courses": done, **totals})
        bench.store.note(job, stage="grades", stages=[first, now])
        bench.rest(0)
        one = run_course(job.id, course, found["scope"])
        if "error" in one:
            raise FatalError(one["error"])
        totals.update(one["totals"])
    counts = {"courses": len(found["courses"]), **totals}
    last = StageRun(name="grades", started_at=since, ended_at=bench.clock(), counts=counts)
    status = JobStatus.WARNING if totals["failed"] else JobStatus.COMPLETED
    summary = f"{_some(totals['results_sent'], 'result')} sent in "
    summary += _some(len(found["courses"]), "course")
    summary += f", {totals['failed']} assignments or course grades failed" * bool(totals["failed"])
    if totals["failed"] and not totals["synced"] + totals["unchanged"]:
        summary += ". Nothing went through: look at what the SIS said, it may be the connection"
    return Ending(status=status, summary=summary, more={"totals": counts, "stages": [first, last]})


def run_course_part(
    bench: Bench, job: Job, course: int, scope_told: Told, remember: Remember
) -> Told:
    """Sync one course; give its totals. Raises FatalError: a peer is unusable."""
    scope = msgspec.convert(scope_told, Scope)
    remaster = msgspec.convert(job.options, GradesOptions).remaster
    settings, totals = bench.settings_of(job), Counter[str]()

    def batch(after: int) -> Told:
        with locked(settings.state_dir):
            sync = bench.sync_of(job, remaster=remaster)
            if after == COURSE_GRADES:
                outcomes, last = sync.course_grades_of(scope, course), None
            else:
                outcomes, last = sync.assignments_of(scope, course, after=after, limit=BATCH)
        bench.store.put_outcomes(job.id, course, after, _worth_telling(outcomes))
        return {"last": last, "totals": _totals(outcomes)}

    def step(name: str, after: int) -> Told:
        def once() -> Told:
            return bench.wait_for_folder(job, lambda: batch(after))

        told = remember(name, lambda: bench.try_stage(job, name, once))
        done: Told = value_of(told, dict[str, Any])
        totals.update(done["totals"])
        return done

    after: int | None = 0
    while after is not None:
        after = step("batch", after)["last"]
    step("course grades", COURSE_GRADES)
    return dict(totals)


def _some(count: int, thing: str) -> str:
    return f"{count} {thing}" + "s" * (count != 1)


def _stage(name: str, told: Told, counts: dict[str, int]) -> StageRun:
    started_at, ended_at = (datetime.fromisoformat(told[n]) for n in ("started_at", "ended_at"))
    return StageRun(name=name, started_at=started_at, ended_at=ended_at, counts=counts)


def _worth_telling(outcomes: Sequence[Outcome]) -> list[Any]:
    told = [each for each in outcomes if each.status != "unchanged" or each.skipped]
    return [msgspec.to_builtins(each) for each in told]


def _totals(outcomes: Sequence[Outcome]) -> dict[str, int]:
    totals = {name: sum(each.status == name for each in outcomes) for name in TOTALS[:3]}
    totals["results_sent"] = sum(each.sent for each in outcomes)
    return {**totals, "cleared": sum(each.cleared for each in outcomes)}
