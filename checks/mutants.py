"""Certifies wrong services, each with one bug, and says which requirement catches which.

`python -m checks.mutants [NAME ...] [--full] [--jobs N] [--write FILE]`; exit 1 where one is
certified, or caught by an error or by the wrong requirement, all of which count as survival.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from checks.certifying import certify_with
from checks.trying import try_all, write_lines
from homeroom.features.subjects.mutants import CRASHED, MUTANTS, Wire


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What became of a mutant."""

    name: str
    bug: str
    caught_by: tuple[str, ...]
    """The requirements it fails of those that must catch it."""
    also_fails: tuple[str, ...]
    scenarios: tuple[str, ...]
    error: str
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether it was refused for the right reason."""
        return bool(self.caught_by) and not self.error

    def __str__(self) -> str:
        word = "killed" if self.killed else "ERROR" if self.error else "SURVIVED"
        told = " ".join(self.caught_by) or self.error or " ".join(self.also_fails)
        return f"{word:<9}{self.name:<34}{told}  ({self.seconds:.0f} s)"


def settings_of(name: str) -> str:
    """Return the homeroom.toml of a mutant."""
    module = "homeroom.features.subjects.mutants"
    lines = ["[subject]", f'name = "mutant {name}"']
    for command in ("provision", "passback", "remaster", "release"):
        argv = [sys.executable, "-m", module, name, command]
        lines.append(f"{command} = {json.dumps(argv)}")
    return "\n".join([*lines, MUTANTS[name].toml])


def certify(name: str, *, full: bool) -> Fate:
    """Certify one mutant, against the requirements that must catch it or against all."""
    mutant: type[Wire] = MUTANTS[name]
    only = () if full else mutant.kills
    certified = certify_with(settings_of(name), only=tuple(only))
    results = certified.results
    required = results.get("requirements", ())
    failed = [each["id"] for each in required if each["outcome"] == "failed"]
    broken = [each for each in results.get("scenarios", ()) if each["outcome"] == "harness-error"]
    error = "" if results else (certified.said.strip().splitlines() or ["no report"])[-1]
    if broken:
        error = f"{len(broken)} scenarios not judged: {broken[0]['reason'][:120]}"
    crashed = [each for each in results.get("scenarios", ()) if CRASHED in str(each.get("runs"))]
    if crashed:
        error = f"{CRASHED}: {str(crashed[0]['runs'])[-300:]}"
    return Fate(
        name=name,
        bug=(mutant.__doc__ or "").strip(),
        caught_by=tuple(id_ for id_ in failed if id_ in mutant.kills),
        also_fails=tuple(id_ for id_ in failed if id_ not in mutant.kills),
        scenarios=tuple(
            each["id"] for each in results.get("scenarios", ()) if each["outcome"] == "failed"
        ),
        error=error,
        seconds=certified.seconds,
    )


def matrix(fates: Sequence[Fate]) -> Iterator[str]:
    """Yield the published matrix, line by line."""
    killed = sum(fate.killed for fate in fates)
    yield "# Mutants: wrong services that certification refuses"
    yield ""
    yield (
        "Each is the reference service with one realistic bug, put in at the wire "
        "(`features/subjects/mutants`). Made by "
        "`python -m checks.mutants --write docs/mutants.md`; "
        f"{killed} of {len(fates)} are caught by a requirement that names their bug."
    )
    yield ""
    yield "| mutant | its bug | caught by | also fails |"
    yield "|---|---|---|---|"
    for fate in fates:
        caught = ", ".join(fate.caught_by) or f"**survives** {fate.error}"
        yield f"| {fate.name} | {fate.bug} | {caught} | {', '.join(fate.also_fails)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m checks.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(sorted(MUTANTS)))
    parser.add_argument("--full", action="store_true", help="run every scenario, not only theirs")
    parser.add_argument("--jobs", type=int, default=1, help="how many are certified side by side")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the matrix")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(MUTANTS)):
        parser.error(f"no such mutant: {', '.join(unknown)}")
    names = given.names or sorted(MUTANTS)
    fates = try_all(partial(certify, full=given.full), names, jobs=given.jobs)
    print(f"{sum(fate.killed for fate in fates)} of {len(fates)} killed")
    if given.write:
        write_lines(given.write, matrix(fates))
    return 0 if all(fate.killed for fate in fates) else 1


if __name__ == "__main__":
    sys.exit(main())
