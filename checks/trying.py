"""Trying many subjects side by side, for mutants, variants and quirks."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

What = TypeVar("What")
Came = TypeVar("Came")


def try_all(try_out: Callable[[What], Came], all_: Iterable[What], *, jobs: int) -> list[Came]:
    """Try each, `jobs` side by side, and print in their order what came of it as soon as it can."""
    came: list[Came] = []
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for one in pool.map(try_out, all_):
            came.append(one)
            print(one, flush=True)
    return came


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a page of docs that a check makes."""
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
