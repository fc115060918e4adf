"""A load run at the terminal."""

import sys

from rich.console import Console
from rich.table import Table

from homeroom.loadtests.runs import Result

BOUNDS = ("p50_ms", "p95_ms", "p99_ms", "error_share", "window_minutes", "depth_ratio",
          "memory_growth_mb_per_min")  # fmt: skip


def tell(line: str) -> None:
    """Say how a run stands, on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def show(result: Result) -> None:
    """Print figures beside their limits, and what was missed."""
    console = Console(highlight=False)
    run = result.run
    figures, limits = run.figures, run.limits
    table = Table()
    for column in ("figure", "measured", "limit"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    table.add_row("requests", f"{figures.requests:,}", "")
    table.add_row("records", f"{figures.records:,}", "")
    wanted = f">= {limits.records_per_s:,.0f}" if limits.records_per_s else ""
    table.add_row("records a second", f"{figures.records_per_s:,.0f}", wanted)
    for name in BOUNDS:
        value, bound = getattr(figures, name), getattr(limits, name)
        if value is None:
            continue
        shown = f"{value:,.4g}" + (
            " forecast" if name == "window_minutes" and figures.forecast else ""
        )
        table.add_row(name, shown, f"<= {bound:,g}" if bound is not None else "")
    console.print(table)
    console.print(f"limited by: {run.finding.bottleneck} ({run.finding.why})", markup=False)
    for error in run.errors:
        console.print(error, markup=False)
    if run.stopped:
        console.print(f"stopped: {run.stopped}", markup=False)
    for miss in run.misses:
        console.print(f"missed: {miss}", markup=False)
    if result.comparison is not None:
        for change in result.comparison.changes:
            console.print(
                f"{change.measure}: {change.before:g} then, {change.now:g} now, x {change.ratio:g} "
                f"[{change.low:g} to {change.high:g}], p {change.p_value:g}: {change.verdict}",
                markup=False,
            )
    console.print(_verdict(result))
    console.print(f"report: {result.report / 'index.html'}", markup=False)


def _verdict(result: Result) -> str:
    run = result.run
    if result.interrupted:
        return f"partial: {result.interrupted}"
    if run.partial:
        return "partial: the run did not come to its end"
    failed = sum(1 for one in result.runs if one.exit_code)
    if len(result.runs) > 1 and failed:
        return f"{failed} of {len(result.runs)} runs missed limits"
    if result.comparison is not None and result.comparison.is_slower:
        return "all limits kept, but slower than the baseline"
    return "all limits kept" if not run.misses else f"{len(run.misses)} limits missed"
