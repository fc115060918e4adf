"""An evaluation as files: a page for people, JSON for programs, CSV to work through."""

from pathlib import Path

import msgspec

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.evaluation import Evaluation
from homeroom.reference.onboarding.matching import Pair
from homeroom.reference.onboarding.report_files import render_page, write_csv

PAGE = Path(__file__).with_name("evaluation.html")
COLUMNS = ("standing", "key", "sis_id", "canvas_id", "canvas_sis_id", "differs", "candidates")


def write_report(found: Evaluation, folder: Path) -> list[str]:
    """Write all files, and give their names.

    Raises:
        FatalError: The folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(render_page(PAGE, **found.as_dict()), encoding="utf-8")
        (folder / "evaluation.json").write_bytes(msgspec.json.encode(found.as_dict()))
        rekeys = ((one.old_id, one.new_id, one.type) for one in found.rekeys)
        write_csv(folder / "change_sis_id.csv", ("old_id", "new_id", "type"), rekeys)
        for kind, pairs in found.pairs.items():
            write_csv(folder / f"{kind}.csv", COLUMNS, map(_row, pairs))
    except OSError as error:
        raise FatalError(f"{folder} cannot be written to: {error.strerror}") from None
    return [
        "index.html",
        "evaluation.json",
        "change_sis_id.csv",
        *(f"{k}.csv" for k in found.pairs),
    ]


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
