"""What a certification wrote into a real peer and could not take out again, told to its owner."""

import os
from collections.abc import Sequence
from pathlib import Path


def note_leftovers(work: Path, told: Sequence[str]) -> None:
    """Write down what is left, a sentence each, in the run's work folder."""
    if told:
        path = work / f"leftovers-{os.getpid()}.txt"
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{' '.join(line.split())}\n" for line in told))


def read_leftovers(work: Path) -> list[str]:
    """Return all that is left."""
    files = sorted(work.glob("leftovers-*.txt"))
    return [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
