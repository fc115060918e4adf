"""Certifies wrong providers, each our own fake with one quirk or fault, and says what each breaks.

`python -m checks.quirks [NAME ...] [--jobs N] [--write FILE]`; exit 1 where one breaks other
requirements than features/subjects/wrong_providers.yaml names, or where Homeroom itself broke.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from checks.trying import try_all, write_lines
from homeroom.certify.catalogue import FEATURES
from homeroom.certify.run import Request, certify
from homeroom.certify.world import World
from homeroom.config import Config, Need, Subject, SubjectKind
from homeroom.features.subjects.tampering import TAMPERS

TABLE = FEATURES / "subjects" / "wrong_providers.yaml"


class Wrong(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the table; a tampered one has name and bug from its class."""

    name: str = ""
    bug: str = ""
    kind: SubjectKind = SubjectKind.PROVIDER
    settings: dict[str, Any] = {}
    faults: tuple[dict[str, Any], ...] = ()
    tamper: str = ""
    permissions: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    quick: bool = False
    """Whether `make test` checks it, too."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What certification says of one."""

    wrong: Wrong
    verdict: str
    failed: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether it breaks what it must, and nothing else."""
        return self.verdict != "error" and set(self.failed) == set(self.wrong.breaks)

    def __str__(self) -> str:
        if self.exact:
            return f"{self.wrong.name}: {', '.join(self.failed) or 'certified'}"
        more = set(self.failed) - set(self.wrong.breaks)
        less = set(self.wrong.breaks) - set(self.failed)
        told = "; ".join(self.reasons)
        return (
            f"{self.wrong.name}: WRONG, {self.verdict}; unexpected: {', '.join(sorted(more))}; "
            f"missing: {', '.join(sorted(less))}\n    {told}"
        )


def read_table(path: Path = TABLE) -> list[Wrong]:
    """Read the table."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_named(wrong) for wrong in msgspec.convert(raw["providers"], list[Wrong])]


def _named(wrong: Wrong) -> Wrong:
    if not wrong.tamper:
        return wrong
    bug = (TAMPERS[wrong.tamper].__doc__ or "").rstrip(".")
    return msgspec.structs.replace(wrong, name=wrong.tamper, bug=bug[:1].lower() + bug[1:])


def try_out(wrong: Wrong) -> Found:
    """Certify one, held against every consumer's needs."""
    provider = wrong.kind is SubjectKind.PROVIDER
    with tempfile.TemporaryDirectory(prefix="homeroom-quirk-") as folder:
        done = certify(
            Request(
                config=Config(subject=Subject(kind=wrong.kind)),
                kind=wrong.kind,
                needs=tuple(Need) if provider else (),
                world=World(
                    settings=wrong.settings,
                    faults=wrong.faults,
                    tamper=wrong.tamper,
                    permissions=wrong.permissions,
                ),
                report=Path(folder) / "report",
            )
        )
    results = done.results
    return Found(
        wrong=wrong,
        verdict=results.verdict,
        failed=tuple(each.id for each in results.requirements if each.outcome == "failed"),
        reasons=tuple(
            f"{each.name}: {each.reason}: {each.received[:200]}{each.trace[-300:]}"
            for each in results.scenarios
            if each.outcome in ("failed", "harness-error")
            and not set(each.requirements) <= set(wrong.breaks)
        ),
    )


def matrix(found: Sequence[Found]) -> Iterator[str]:
    """Yield the table as Markdown."""
    yield "# What each quirk breaks"
    yield ""
    yield (
        "Each line is our own fake with one setting or fault, certified as a provider (or as a "
        "Canvas) and held against the needs of Canvas (NCV) and School Data Sync (NSD). Made by "
        "`python -m checks.quirks --write docs/quirks.md`."
    )
    yield ""
    yield "| provider | what is peculiar | breaks |"
    yield "|---|---|---|"
    for each in found:
        broken = ", ".join(each.failed) or "nothing: a correct one may be so"
        yield f"| {each.wrong.name} | {each.wrong.bug} | {broken} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try those that were named, or all."""
    table = read_table()
    parser = argparse.ArgumentParser(prog="python -m checks.quirks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--jobs", type=int, default=1, help="how many are certified side by side")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table")
    given = parser.parse_args(arguments)
    chosen = [each for each in table if not given.names or each.name in given.names]
    if unknown := sorted(set(given.names) - {each.name for each in table}):
        parser.error(f"no such provider: {', '.join(unknown)}")
    found = try_all(try_out, chosen, jobs=given.jobs)
    print(f"{sum(each.exact for each in found)} of {len(found)} break exactly what they must")
    if given.write:
        write_lines(given.write, matrix(found))
    return 0 if all(each.exact for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
