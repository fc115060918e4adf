"""results.json as typed records (interface.md section 5); the report is made from these alone."""

from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from homeroom.certify.outcomes import Outcome
from homeroom.certify.world import World

FILE = "results.json"


class Verdict(StrEnum):
    """What a run says of its subject, best first; the worst reason wins."""

    CERTIFIED = "certified"
    WITH_WAIVERS = "certified-with-waivers"
    INCOMPLETE = "incomplete"
    NOT_CERTIFIED = "not-certified"
    ERROR = "error"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A part of results.json; keys that a newer Homeroom adds are skipped."""


class SubjectInfo(Record, frozen=True):
    """What was certified."""

    kind: str
    name: str
    version: str
    choices: dict[str, Any]
    commands: dict[str, str] = {}
    """How it was run: command line or address by name, without secrets."""
    world: World | None = None
    """How our own fake stood in for a provider or a Canvas; None for everything else."""


class Check(Record, frozen=True):
    """One check of the pre-flight: about the set-up, never about the product."""

    check: str
    outcome: str
    remedy: str = ""
    detail: str = ""


class SetInfo(Record, frozen=True):
    """The requirement set that was used."""

    id: str
    version: str
    sha256: str


class Totals(Record, frozen=True):
    """Scenarios by outcome."""

    passed: int = 0
    failed: int = 0
    waived: int = 0
    not_applicable: int = 0
    harness_error: int = 0


class RequirementResult(Record, frozen=True):
    """One requirement and the worst of its scenarios."""

    id: str
    level: str
    outcome: str
    scenarios: list[str]
    title: str = ""
    text: str = ""
    source: str = ""
    evidence: str = ""
    consequence: str = ""
    remedy: str = ""
    rules: str = ""
    untested: str = ""
    need: str = ""
    """The consumer whose need it is, for a provider."""


class ScenarioResult(Record, frozen=True):
    """One scenario, what came of it, and the evidence."""

    id: str
    name: str
    feature: str
    requirements: list[str]
    outcome: str
    duration_s: float
    reason: str = ""
    expected: str = ""
    received: str = ""
    file: str = ""
    line: int = 0
    purpose: str = ""
    steps: list[str] = []
    step: str = ""
    """The step it failed at."""
    runs: list[str] = []
    """What the subject's runs during it said, a sentence each."""
    exchanges: list[dict[str, Any]] = []
    trace: str = ""
    """Where Homeroom itself broke; only with a harness error."""
    replay: str = ""
    """The file of this bundle that `homeroom repro run` replays it from."""


class WaiverResult(Record, frozen=True):
    """A waiver, and whether it was needed."""

    requirement: str
    owner: str
    reason: str
    expires: str
    state: str = "unused"
    """used, stale (its scenarios pass) or unused (they were not run)."""


class Environment(Record, frozen=True):
    """Where and by what the run was made."""

    homeroom: str
    python: str
    seed: int
    district_sha256: str
    platform: str
    started_at: str
    ended_at: str
    run_id: str = ""
    workers: int = 1
    subject_runs: int = 0
    subject_runs_s: float = 0.0


class Selection(Record, frozen=True):
    """What was asked for; empty `only` means everything."""

    only: list[str] = []
    strict: bool = False
    scenarios: int = 0
    """How many scenarios of this kind of subject there are."""


class LimitResult(Record, frozen=True):
    """A figure of a load run beside its limit."""

    limit: str
    """Its name in loadtests/limits.toml, or `consumers_finished`."""
    allowed: float | None
    """None where the profile does not ask."""
    measured: float
    kept: bool
    requirement: str


class Performance(Record, frozen=True):
    """A load run of the subject that was handed in."""

    profile: str
    about: str
    target: str
    started_at: str
    limits: list[LimitResult]
    requests: int
    failures: int
    records: int
    duration_s: float
    limited_by: str
    """Who had no time left, in a sentence."""
    load: dict[str, Any]
    """What was done: districts, users, page size, faults."""
    machine: dict[str, Any]
    night: dict[str, Any]
    """Where the night stands, as load.json has it."""
    marks: list[str] = []
    """What a reader must know before relying on it, a sentence each."""
    errors: list[str] = []
    report: str = ""
    """The page of the load run, in this bundle."""


class Results(Record, frozen=True):
    """The whole of results.json."""

    verdict: str
    subject: SubjectInfo
    preflight: list[Check]
    requirement_set: SetInfo
    totals: Totals
    requirements: list[RequirementResult]
    scenarios: list[ScenarioResult]
    waivers: list[WaiverResult]
    environment: Environment
    reasons: list[str] = []
    """Why the verdict is what it is, a sentence each."""
    selection: Selection = Selection()
    not_run: list[str] = []
    """Ids of selected scenarios that were not run since the run was interrupted."""
    faults: list[str] = []
    """Faults of Homeroom that belong to no scenario."""
    left_behind: list[str] = []
    """What was written into a real peer with consent and could not be taken out again."""
    performance: Performance | None = None
    """A load run that was handed in; None where there was none."""

    @property
    def failed(self) -> list[ScenarioResult]:
        """The scenarios that count against the subject."""
        return [each for each in self.scenarios if each.outcome == Outcome.FAILED]


class ResultsError(ValueError):
    """A bundle or its results cannot be read."""


def encode(results: Results) -> bytes:
    """Write results as results.json has them: keys in the contract's order, indented."""
    return msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n"


def read_results(folder: Path) -> Results:
    """Read the results of a bundle; raises ResultsError."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except FileNotFoundError:
        raise ResultsError(f"{folder}: holds no {FILE}: it is no report bundle") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise ResultsError(f"{path}: cannot be read: {error}") from error
