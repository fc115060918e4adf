"""An evaluation as files: a page for people, JSON for programs, CSV to work through."""

import csv
from collections.abc import Iterable
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.evaluation import Evaluation
from homeroom.reference.onboarding.matching import Pair

COLUMNS = ("standing", "key", "sis_id", "canvas_id", "canvas_sis_id", "differs", "candidates")


def write_report(found: Evaluation, folder: Path) -> list[str]:
    """Write all files, and give their names.

    Raises:
        FatalError: The folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(_page(found), encoding="utf-8")
        (folder / "evaluation.json").write_bytes(msgspec.json.encode(found.as_dict()))
        rekeys = ((one.old_id, one.new_id, one.type) for one in found.rekeys)
        _write(folder / "change_sis_id.csv", ("old_id", "new_id", "type"), rekeys)
        for kind, pairs in found.pairs.items():
            _write(folder / f"{kind}.csv", COLUMNS, map(_row, pairs))
    except OSError as error:
        raise FatalError(f"{folder} cannot be written to: {error.strerror}") from None
    return [
        "index.html",
        "evaluation.json",
        "change_sis_id.csv",
        *(f"{k}.csv" for k in found.pairs),
    ]


def _page(found: Evaluation) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("evaluation.html").render(**found.as_dict())


def _row(pair: Pair) -> tuple[str, ...]:
    return (
        pair.standing.value,
        pair.key,
        pair.wanted.sis_id if pair.wanted else "",
        str(pair.held.id) if pair.held else "",
        pair.held.sis_id if pair.held else "",
        " ".join(pair.differs),
        " ".join(map(str, pair.candidates)),
    )


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
