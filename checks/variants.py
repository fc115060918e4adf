"""Certifies right services that chose otherwise: a refusal of any is a false alarm.

`python -m checks.variants [NAME ...] [--only PART ...] [--jobs N]`; exit 1 where one is refused.
A variant is the reference with one choice, or one setting of its own, at another value.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import msgspec

from checks.certifying import Certified, certify_with
from checks.trying import try_all
from homeroom.config import Choices, TellsTime

SERVICE = {
    "roster": '"school"',
    "sort": "false",
    "diffing": "true",
    "delta": "true",
    "full_every": "1",
    "page_size": "3",
    "verify_sample": "0",
}


def variants() -> Iterator[tuple[str, str]]:
    """Yield each variant's name and its homeroom.toml."""
    for field in msgspec.structs.fields(Choices):
        values: list[object] = []
        if field.type is bool:
            values = [True, False]
        elif isinstance(field.type, type) and issubclass(field.type, StrEnum):
            values = [str(value) for value in field.type]
        for value in values:
            # faketime needs a command; the reference in process has the environment's time.
            if value not in (field.default, str(TellsTime.FAKETIME), str(TellsTime.WALL)):
                line = f"{field.name} = {json.dumps(value)}"
                yield f"{field.name}={value}", f"[subject.choices]\n{line}\n"
    for name, value in SERVICE.items():
        yield f"service.{name}={value}".replace('"', ""), f"[service]\n{name} = {value}\n"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What certification says of a variant."""

    name: str
    certified: Certified

    @property
    def right(self) -> bool:
        """Whether it is certified, as it must be."""
        return self.certified.code == 0

    def __str__(self) -> str:
        results = self.certified.results or {"verdict": self.certified.said}
        word = "right" if self.right else "FALSE ALARM"
        told = f"{results['verdict']}  {results.get('totals', {})}"
        lines = [f"{word:<12}{self.name:<36}{told}  ({self.certified.seconds:.0f} s)"]
        for scenario in results.get("scenarios", ()):
            if scenario["outcome"] in ("failed", "harness-error"):
                why = f"{scenario['id']}: {scenario['reason'][:200]}"
                lines.append(f"    {scenario['outcome']}: {why}")
        return "\n".join(lines)


def certify(variant: tuple[str, str], *, only: Sequence[str]) -> Tried:
    """Certify one variant, given as its name and its homeroom.toml."""
    name, settings = variant
    return Tried(name=name, certified=certify_with(settings, only=only))


def main(arguments: Sequence[str] | None = None) -> int:
    """Certify the variants that were named, or all."""
    known = dict(variants())
    parser = argparse.ArgumentParser(prog="python -m checks.variants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--only", action="append", default=[], metavar="PART")
    parser.add_argument("--jobs", type=int, default=1, help="how many are certified side by side")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(known)):
        parser.error(f"no such variant: {', '.join(unknown)}")
    chosen = [(name, known[name]) for name in given.names or known]
    tried = try_all(partial(certify, only=given.only), chosen, jobs=given.jobs)
    print(f"{sum(each.right for each in tried)} of {len(tried)} right variants certified")
    return 0 if all(each.right for each in tried) else 1


if __name__ == "__main__":
    sys.exit(main())
