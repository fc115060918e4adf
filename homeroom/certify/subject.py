"""The subject: the sync service under certification, run by command, over HTTP or in process."""

import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from homeroom.certify.http_subject import HttpSubject
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.process import run_command
from homeroom.certify.recording import recorder
from homeroom.certify.redact import Redactor
from homeroom.certify.reference_subject import ReferenceSubject
from homeroom.config import Config, Subject, TellsTime

LAST_WORDS = 1500
"""How many characters of a run's output the report shows."""

COMMANDS = frozenset({"provision", "passback", "remaster", "release"})

MEANING: Mapping[int, str] = {
    0: "done",
    1: "partly done",
    2: "unusable command line, configuration or peer",
    3: "a fault of its own",
    4: "held for a person's release",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the subject: what it said of itself, which is evidence and never the verdict."""

    command: str
    """provision, passback, remaster or release."""
    exit_code: int
    timed_out: bool = False
    duration_s: float = 0.0
    stdout: str = ""
    """Its last 64 KB, secrets redacted."""
    stderr: str = ""
    notes: tuple[str, ...] = ()
    space: str = ""
    """The world it ran in."""
    leaks: bool = False
    """Whether a secret was in what it printed."""

    @property
    def meaning(self) -> str:
        """The exit code in words."""
        return MEANING.get(self.exit_code, f"an exit code without meaning: {self.exit_code}")

    @property
    def held(self) -> bool:
        """Whether it stopped before applying and waits for a person's release."""
        return self.exit_code == 4

    def __str__(self) -> str:
        ended = f"{self.command} ended with {self.exit_code} ({self.meaning})"
        told = "; ".join((ended, *self.notes))
        return f"{told}; it took {self.duration_s:.1f} s"

    @property
    def last_words(self) -> str:
        """What it said before a bad end, for the report."""
        said = self.stderr.strip() or self.stdout.strip()
        return said[-LAST_WORDS:] if self.exit_code else ""


class Caller(Protocol):
    """One way to run a subject."""

    def __call__(self, command: str, variables: Mapping[str, str]) -> Run:
        """Run `command` with `variables` and wait for its end."""
        ...


class SubjectRunner:
    """Runs the subject of a configuration; every run is logged in the work folder."""

    def __init__(
        self,
        config: Config,
        *,
        work: Path,
        environ: Mapping[str, str] = os.environ,
        family: str = "",
    ) -> None:
        """`family` marks every process started, so that none can outlive the certification."""
        self.config, self.work, self.family = config, work, family
        self._environ = dict(environ)
        self.redact = Redactor([config.subject.token or ""])
        for target in (config.oneroster, config.canvas):
            self.redact.learn(getattr(target, "client_secret", getattr(target, "token", "")))
        self._http = HttpSubject(config.subject)
        self._reference = ReferenceSubject(config)
        self._log = work / f"runs-{os.getpid()}.jsonl"
        self.runs: list[Run] = []
        """Every run made here, oldest first."""

    def _caller(self, command: str) -> Caller:
        subject = self.config.subject
        if command in lent_commands(subject):
            return self._in_process
        by_http = subject.provision_url or subject.passback_url
        return self._over_http if by_http else self._as_command

    def has(self, command: str) -> bool:
        """Whether the subject declares `command`."""
        return command in declared_commands(self.config.subject)

    def run(
        self,
        command: str,
        document: Mapping[str, Any],
        *,
        now: datetime,
        state_dir: Path,
        variables: Mapping[str, str] | None = None,
    ) -> Run:
        """Let the subject live one night or sync grades between the peers of a space document.

        Args:
            command: provision, passback, remaster (send every grade again) or release (a person
                lets go what is held).
            document: The space document (interface.md section 2).
            now: The world's time, which the subject lives by.
            state_dir: Its memory, made here if absent; one for each history of nights.
            variables: Environment variables beyond or instead of the usual ones.

        Raises:
            NotApplicable: The subject declares no such command.
        """
        if not self.has(command):
            raise NotApplicable(f"the subject declares no {command} command")
        state_dir.mkdir(parents=True, exist_ok=True)
        given = {**to_variables(document, now, state_dir), **(variables or {})}
        for name in ("ONEROSTER_CLIENT_SECRET", "CANVAS_TOKEN"):
            self.redact.learn(given[name])
        self.redact.learn(f"{given['ONEROSTER_CLIENT_ID']}:{given['ONEROSTER_CLIENT_SECRET']}")
        space = str(document.get("space", ""))
        step = recorder.run(space, command, given["HOMEROOM_NOW"], variables)
        run = self._caller(command)(command, given)
        step.exit_code = run.exit_code
        run = replace(
            run,
            stdout=self.redact(run.stdout),
            stderr=self.redact(run.stderr),
            leaks=any(self.redact(text) != text for text in (run.stdout, run.stderr)),
            space=space,
        )
        self.runs.append(run)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(run)) + "\n")
        return run

    def _in_process(self, command: str, variables: Mapping[str, str]) -> Run:
        started = time.monotonic()
        ended = self._reference.run(command, {**self._environ, **variables})
        return Run(
            command=command,
            exit_code=ended.exit_code,
            duration_s=time.monotonic() - started,
            stdout=ended.stdout,
            stderr=ended.stderr,
        )

    def _as_command(self, command: str, variables: Mapping[str, str]) -> Run:
        subject = self.config.subject
        argv: Sequence[str] = getattr(subject, command)
        if subject.choices.time is TellsTime.FAKETIME:
            argv = (*faketime(variables["HOMEROOM_NOW"]), *argv)
        ended = run_command(
            argv,
            cwd=self.config.path.resolve().parent,
            environ={**self._environ, **variables},
            timeout_s=subject.timeout_s,
            watched=Path(variables["HOMEROOM_STATE_DIR"]),
            family=self.family,
        )
        return Run(
            command=command,
            exit_code=ended.exit_code,
            timed_out=ended.timed_out,
            duration_s=ended.duration_s,
            stdout=ended.stdout.decode("utf-8", "replace"),
            stderr=ended.stderr.decode("utf-8", "replace"),
            notes=ended.notes,
        )

    def _over_http(self, command: str, variables: Mapping[str, str]) -> Run:
        subject = self.config.subject
        answer = self._http.run(command, advertise(variables, subject.advertise))
        return Run(
            command=command,
            exit_code=answer.exit_code,
            timed_out=answer.timed_out,
            duration_s=answer.duration_s,
            stdout=answer.body,
            notes=answer.notes,
        )


def read_runs(work: Path) -> list[float]:
    """Return the duration of every run that runners logged in a work folder, in seconds."""
    lines = [line for path in work.glob("runs-*.jsonl") for line in path.open(encoding="utf-8")]
    return [float(json.loads(line)["duration_s"]) for line in lines]


def is_reference(subject: Subject) -> bool:
    """Whether the subject is the reference service: it names nothing of its own."""
    return not (
        subject.provision or subject.passback or subject.provision_url or subject.passback_url
    )


def declared_commands(subject: Subject) -> frozenset[str]:
    """Return which of provision, passback, remaster and release the subject has."""
    return lent_commands(subject) | {
        name for name in COMMANDS if getattr(subject, name) or getattr(subject, f"{name}_url", None)
    }


def lent_commands(subject: Subject) -> frozenset[str]:
    """Return what the reference service does: all, or the nights of who only passes grades back."""
    if is_reference(subject):
        return COMMANDS
    own = subject.provision or subject.provision_url
    return frozenset() if own else frozenset({"provision", "release"})


def to_variables(document: Mapping[str, Any], now: datetime, state_dir: Path) -> dict[str, str]:
    """Return the environment variables of interface.md section 4 for a space document."""
    oneroster, canvas = document["oneroster"], document["canvas"]
    return {
        "ONEROSTER_BASE_URL": oneroster["base_url"],
        "ONEROSTER_TOKEN_URL": oneroster["token_url"],
        "ONEROSTER_CLIENT_ID": oneroster["client_id"],
        "ONEROSTER_CLIENT_SECRET": oneroster["client_secret"],
        "ONEROSTER_AUTH": oneroster.get("auth", "oauth2"),
        "CANVAS_BASE_URL": canvas["base_url"],
        "CANVAS_TOKEN": canvas["token"],
        "HOMEROOM_NOW": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "HOMEROOM_STATE_DIR": str(state_dir.resolve()),
    }


def advertise(variables: Mapping[str, str], host: str | None) -> dict[str, str]:
    """Return the variables with every URL's host replaced by the one the subject can reach."""
    if not host:
        return dict(variables)
    return {
        name: _with_host(value, host) if name.endswith("_URL") else value
        for name, value in variables.items()
    }


def _with_host(url: str, host: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))


def faketime(now: str) -> tuple[str, ...]:
    """Return the words before a command that make it live at `now`; the time ticks on from there.

    faketime reads its time in the zone that the command lives in, which is ours.
    """
    local = datetime.fromisoformat(now).astimezone()
    return (shutil.which("faketime") or "faketime", "-f", f"@{local:%Y-%m-%d %H:%M:%S}")
