"""`certify --performance DIR`: a load run of the subject as evidence for the area LOAD.

`homeroom load` makes the run and certifies nothing; certification makes no load, and takes a run
only where it speaks of this subject, this Homeroom and, where the machine is what was measured, of
this machine. Whatever else a reader must know stands beside the figures as a mark.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from homeroom import __version__
from homeroom.certify.outcomes import Outcome
from homeroom.certify.results import LimitResult, Performance, RequirementResult
from homeroom.config import SubjectKind, Waiver

FILE = "load.json"
PAGE = "index.html"
FORMAT = 1
FOLDER = "performance"
FILES = (PAGE, FILE, "timeline.csv", "operations.csv", "processes.csv")
LARGEST_BYTES = 64 * 2**20

ERRORS, WINDOW = "LOAD-ERR-01", "LOAD-WIN-01"
REQUIREMENT_OF: Mapping[str, str] = {
    "window_minutes": WINDOW,
    "records_per_s": WINDOW,
    "p50_ms": "LOAD-LAT-01",
    "p95_ms": "LOAD-LAT-01",
    "p99_ms": "LOAD-LAT-01",
    "depth_ratio": "LOAD-LAT-01",
    "error_share": ERRORS,
    "memory_growth_mb_per_min": "LOAD-MEM-01",
}
FINISHED = "consumers_finished"
LIMIT_WORDS: Mapping[str, str] = {
    "p50_ms": "Half of all requests within, ms",
    "p95_ms": "95 of 100 requests within, ms",
    "p99_ms": "99 of 100 requests within, ms",
    "error_share": "Share of failed requests",
    "records_per_s": "Records a second, at least",
    "window_minutes": "Minutes until the last record",
    "depth_ratio": "Deepest pages over first pages",
    "memory_growth_mb_per_min": "Growth of the target's memory, MB a minute",
    FINISHED: "Every consumer did all it meant to, with right answers",
}


class PerformanceError(Exception):
    """A load run cannot be taken for this certification; the text says why and what to do."""


class _Subject(msgspec.Struct, frozen=True):
    kind: str
    address: str


class _Finding(msgspec.Struct, frozen=True):
    bottleneck: str
    why: str


class _Miss(msgspec.Struct, frozen=True):
    limit: str
    measured: float


class _Run(msgspec.Struct, frozen=True):
    passed: bool
    misses: list[_Miss]


class _Change(msgspec.Struct, frozen=True):
    measure: str
    verdict: str


class _Comparison(msgspec.Struct, frozen=True):
    changes: list[_Change]


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a load.json; docs/load.md says what each key means."""

    format: int
    homeroom: str
    profile: str
    about: str
    target: str
    subject: _Subject
    load: dict[str, Any]
    started_at: str
    machine: dict[str, Any]
    limits: dict[str, float]
    figures: dict[str, Any]
    runs: list[_Run]
    errors: list[str]
    partial: bool
    stopped: str
    limited_by: _Finding
    night: dict[str, Any]
    replayed: dict[str, Any] | None
    comparison: _Comparison | None


@dataclass(frozen=True, kw_only=True)
class Certifying:
    """Whom a certification is about, as far as a load run must agree with it."""

    kind: SubjectKind
    address: str
    """Of a provider that homeroom.toml names; empty for our own fake."""
    is_reference: bool
    """Of a sync service: whether it is Homeroom's own."""
    machine: Mapping[str, Any]
    settings: Mapping[str, Any]
    """Of our own fake, where it stands in."""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A load run that was taken, and its files for the bundle."""

    performance: Performance
    files: Mapping[str, bytes]


def this_machine() -> dict[str, Any]:
    """Describe the machine as load runs do. Raises PerformanceError: their extra is not there."""
    try:
        from homeroom.loadtests import machine
    except ImportError as error:
        raise PerformanceError(
            f"--performance: {error}: install the extra, homeroom[load]"
        ) from None
    plain: dict[str, Any] = msgspec.to_builtins(machine.this_machine())
    return plain


def read_performance(folder: Path, certifying: Certifying) -> Attached:
    """Take a load run as evidence.

    Args:
        folder: Where `homeroom load --report` wrote it.
        certifying: What it must speak of.

    Raises:
        PerformanceError: It is no load report, partial, or of another subject, Homeroom or machine.
    """
    if folder.name == FILE and not folder.is_dir():
        folder = folder.parent
    files = {f"{FOLDER}/{name}": _read(folder / name) for name in FILES}
    path = folder / FILE
    try:
        report = msgspec.json.decode(files[f"{FOLDER}/{FILE}"], type=LoadReport)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PerformanceError(
            f"{path}: is no load report of this Homeroom: {error}; `homeroom load` writes one"
        ) from None
    _refuse(path, report, certifying)
    return Attached(performance=_to_performance(report, certifying), files=files)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise PerformanceError(
                f"{path}: is larger than any load report ({LARGEST_BYTES} bytes)"
            )
        return path.read_bytes()
    except OSError as error:
        raise PerformanceError(
            f"--performance {path}: cannot be read: {error.strerror}; give the folder that "
            "`homeroom load --report DIR` wrote"
        ) from None


def _refuse(path: Path, report: LoadReport, certifying: Certifying) -> None:
    """Raise PerformanceError where the run says nothing about what is certified."""
    again = "make it again: homeroom load"
    if report.format != FORMAT:
        raise PerformanceError(f"{path}: has format {report.format}; this Homeroom reads {FORMAT}")
    if report.homeroom != __version__:
        raise PerformanceError(
            f"{path}: was made by Homeroom {report.homeroom}, this is {__version__}; limits and "
            f"profiles may differ: {again} {report.profile}"
        )
    if report.partial:
        raise PerformanceError(
            f"{path}: is partial ({report.stopped or 'the run did not come to its end'}): what did "
            f"not come to its end is no evidence; {again} {report.profile}"
        )
    _refuse_other_subject(path, report, certifying)
    ours = not report.subject.address
    if ours and (differ := _differences(report.machine, certifying.machine)):
        raise PerformanceError(
            f"{path}: is of another machine ({differ}); how fast our own fakes and service are "
            f"is a matter of the machine: {again} {report.profile} here"
        )
    missed = {miss.limit for run in report.runs for miss in run.misses}
    if report.limited_by.bottleneck == "generator" and missed - {"error_share", FINISHED}:
        raise PerformanceError(
            f"{path}: limits were missed ({', '.join(sorted(missed))}) while the load generator, "
            "not the target, had no time left: it says nothing about the target; repeat it with "
            "--workers, or from more machines"
        )


def _refuse_other_subject(path: Path, report: LoadReport, certifying: Certifying) -> None:
    loaded = report.subject
    if certifying.kind is SubjectKind.SYNC:
        if not certifying.is_reference:
            raise PerformanceError(
                f"{path}: is of {report.target}: `homeroom load` drives providers and Homeroom's "
                "own service, so no load run speaks of this sync service"
            )
        if loaded.kind != "service":
            raise PerformanceError(
                f"{path}: is of {report.target}, and a sync service is certified: `homeroom load "
                "service-nights` loads ours"
            )
        return
    if certifying.kind is not SubjectKind.PROVIDER:
        raise PerformanceError(
            f"--performance: no load profile loads a subject of kind {certifying.kind}; providers "
            "and Homeroom's own service have some"
        )
    if loaded.kind != "provider":
        raise PerformanceError(
            f"{path}: is of {report.target}, and a provider is certified: nightly, statewide, "
            "paging-depth or token-storm load one"
        )
    if loaded.address != certifying.address:
        raise PerformanceError(
            f"{path}: is of {loaded.address or report.target}, and "
            f"{certifying.address or 'our own fake'} is certified: they must be the same provider"
        )


def _differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{name}: {theirs.get(name)} then, {ours.get(name)} now"
        for name in {**ours, **theirs}
        if theirs.get(name) != ours.get(name)
    )


def _to_performance(report: LoadReport, certifying: Certifying) -> Performance:
    figures = report.figures
    return Performance(
        profile=report.profile,
        about=report.about,
        target=report.target,
        started_at=report.started_at,
        limits=_limits(report),
        requests=int(figures.get("requests", 0)),
        failures=int(figures.get("failures", 0)),
        records=int(figures.get("records", 0)),
        duration_s=float(figures.get("duration_s", 0)),
        limited_by=f"{report.limited_by.bottleneck}: {report.limited_by.why}",
        load=report.load,
        machine=report.machine,
        night=report.night,
        marks=list(_marks(report, certifying)),
        errors=report.errors,
        report=f"{FOLDER}/{PAGE}",
    )


def _limits(report: LoadReport) -> list[LimitResult]:
    """Hold every figure against its limit; the worst of several runs counts."""
    missed: dict[str, float] = {}
    for run in report.runs:
        for miss in run.misses:
            lower = miss.limit in {"records_per_s", FINISHED}
            worst = missed.get(miss.limit, miss.measured)
            missed[miss.limit] = (min if lower else max)(worst, miss.measured)
    results: list[LimitResult] = []
    for name, requirement in REQUIREMENT_OF.items():
        measured = missed.get(name, report.figures.get(name))
        if isinstance(measured, int | float):
            results.append(
                LimitResult(
                    limit=name, allowed=report.limits.get(name), measured=float(measured),
                    kept=name not in missed, requirement=requirement,
                )
            )  # fmt: skip
    # Stopped since it could not fit its window: that is no wrong answer.
    wrong = bool(report.errors) or bool(report.figures.get("failures"))
    late = "window_minutes" in missed and not wrong
    results.append(
        LimitResult(
            limit=FINISHED, allowed=1, measured=float(FINISHED not in missed),
            kept=FINISHED not in missed, requirement=WINDOW if late else ERRORS,
        )
    )  # fmt: skip
    return results


def _marks(report: LoadReport, certifying: Certifying) -> Iterable[str]:
    if report.subject.address and (differ := _differences(report.machine, certifying.machine)):
        yield f"The load came from another machine than this certification ({differ})."
    if report.stopped:
        yield f"The run stopped early: {report.stopped}."
    if report.figures.get("forecast"):
        yield "The window is judged by a forecast from the pace until then."
    if faults := report.load.get("faults"):
        yield f"The provider was disturbed on purpose: {', '.join(faults)}."
    if report.replayed:
        yield "The fakes were as slow as a probe of another provider; its pace is not theirs."
    if file := report.load.get("limits_file"):
        yield f"Its limits are not Homeroom's own, but those of {file}."
    if len(report.runs) > 1:
        yield f"Of {len(report.runs)} runs the middle one is shown; the worst one counts."
    if report.limited_by.bottleneck == "generator":
        yield "The load generator was the limit: the target can do more than is shown."
    if report.limited_by.bottleneck == "machine":
        yield "Target and generator shared a machine that had no time left: both are faster alone."
    slower = [
        change.measure
        for change in (report.comparison.changes if report.comparison else [])
        if change.verdict == "slower"
    ]
    if slower:
        yield f"It is slower than its baseline: {', '.join(slower)}."
    if certifying.settings:
        named = ", ".join(sorted(certifying.settings))
        yield f"The fake under load did not have the settings of this certification: {named}."


def with_performance(
    requirements: Sequence[RequirementResult],
    performance: Performance | None,
    waivers: Iterable[Waiver],
) -> list[RequirementResult]:
    """Give the requirements of the area their outcome; without a run they stay untested."""
    if performance is None:
        return list(requirements)
    waived = {waiver.requirement for waiver in waivers}
    results: list[RequirementResult] = []
    for each in requirements:
        if each.id not in REQUIREMENT_OF.values():
            results.append(each)
            continue
        asked = [
            limit
            for limit in performance.limits
            if limit.requirement == each.id and limit.allowed is not None
        ]
        if not asked:
            told = f"The load profile {performance.profile} sets no limit for it."
            results.append(msgspec.structs.replace(each, untested=told))
            continue
        missed = any(not limit.kept for limit in asked)
        failed = Outcome.WAIVED if each.id in waived else Outcome.FAILED
        outcome = failed if missed else Outcome.PASSED
        results.append(msgspec.structs.replace(each, outcome=outcome, untested=""))
    return results


def describe(limit: LimitResult) -> str:
    """Write a limit and its figure as a sentence's part."""
    allowed = "" if limit.allowed is None else f", {limit.allowed:,g} allowed"
    return f"{limit.limit}: {limit.measured:,.4g} measured{allowed}"
