"""The load report: one offline page, with JSON and CSV beside it."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from homeroom import __version__
from homeroom.loadtests.plots import plot_latency, plot_processes, plot_throughput
from homeroom.loadtests.profiles import LoadError
from homeroom.loadtests.run import LoadRun

TEMPLATES = Path(__file__).with_name("templates")
# The house's look; the file belongs to the certification report.
STYLE = Path(__file__).parent.parent / "certify" / "templates" / "report.css"

LIMIT_WORDS: Mapping[str, str] = {
    "p50_ms": "Half of all requests within, ms",
    "p95_ms": "95 of 100 requests within, ms",
    "p99_ms": "99 of 100 requests within, ms",
    "error_share": "Share of failed requests",
    "records_per_s": "Records a second",
    "window_minutes": "Minutes until the last record",
    "depth_ratio": "Deepest pages over first pages",
    "memory_growth_mb_per_min": "Growth of the target's memory, MB a minute",
}


def write_report(document: Mapping[str, Any], run: LoadRun, folder: Path) -> None:
    """Write index.html, load.json, timeline.csv, operations.csv and processes.csv.

    Raises LoadError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(document, indent=1, default=msgspec.to_builtins)
        (folder / "load.json").write_text(f"{text}\n", encoding="utf-8")
        _write_csv(folder / "timeline.csv", run.measured.timeline)
        _write_csv(folder / "operations.csv", run.measured.operations)
        _write_csv(folder / "processes.csv", run.samples)
        (folder / "index.html").write_text(to_html(document, run), encoding="utf-8")
    except OSError as error:
        raise LoadError(f"{folder}: cannot be written: {error.strerror}") from None


def _write_csv(path: Path, rows: Sequence[msgspec.Struct]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        if rows:
            writer = csv.DictWriter(file, fieldnames=rows[0].__struct_fields__)
            writer.writeheader()
            writer.writerows(msgspec.structs.asdict(row) for row in rows)


def to_html(document: Mapping[str, Any], run: LoadRun) -> str:
    """Render the page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    timeline, samples = run.measured.timeline, run.samples
    return environment.get_template("load.html.j2").render(
        run=document,
        profile=run.profile,
        limits=_limit_rows(document),
        style=Markup(STYLE.read_text(encoding="utf-8")),  # noqa: S704 -- our own file
        latency=Markup(plot_latency(timeline)),  # noqa: S704 -- drawn from numbers alone
        throughput=Markup(plot_throughput(timeline)),  # noqa: S704 -- drawn from numbers alone
        processes=Markup(plot_processes(samples)),  # noqa: S704 -- drawn from numbers alone
        tone=_tone(document),
        verdict=_verdict(document),
        version=__version__,
    )


def _tone(document: Mapping[str, Any]) -> str:
    if document["partial"]:
        return "v-incomplete"
    return "v-certified" if document["passed"] else "v-not-certified"


def _verdict(document: Mapping[str, Any]) -> str:
    if document["partial"]:
        return "Partial"
    comparison = document["comparison"]
    if comparison and any(change["verdict"] == "slower" for change in comparison["changes"]):
        return "Slower than before"
    return "All limits kept" if document["passed"] else "Limits missed"


def _limit_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    missed = {miss["limit"] for miss in document["misses"]}
    figures, limits = document["figures"], document["limits"]
    return [
        {
            "name": name,
            "words": words,
            "measured": figures[name],
            "allowed": limits.get(name),
            "missed": name in missed,
        }
        for name, words in LIMIT_WORDS.items()
        if figures.get(name) is not None
    ]
