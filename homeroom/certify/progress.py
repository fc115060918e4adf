"""Progress on the terminal while scenarios run; silent where stderr is none."""

import contextlib
from collections.abc import Callable, Generator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from homeroom.certify.outcomes import Outcome
from homeroom.certify.scenarios import Watched


@contextlib.contextmanager
def show_progress(total: int, names: dict[str, str]) -> Generator[Callable[[Watched], None]]:
    """Show a bar, the scenario that runs, and failures as they come; gives what to call with news.

    Args:
        total: How many scenarios were selected.
        names: Title of each scenario by id.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    shown: set[str] = set()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=total)

        def update(watched: Watched) -> None:
            running = [id_ for id_ in watched.started if id_ not in watched.reported]
            now = names.get(running[-1], running[-1]) if running else "finishing"
            progress.update(task, completed=len(watched.reported), description=now)
            for id_, report in watched.reported.items():
                if id_ not in shown:
                    shown.add(id_)
                    _tell(console, names.get(id_, id_), report.outcome, report.reason)

        yield update


def _tell(console: Console, name: str, outcome: Outcome, reason: str) -> None:
    if outcome in (Outcome.FAILED, Outcome.HARNESS_ERROR):
        console.print(f"{outcome}: {name}: {reason}", style="red", markup=False, highlight=False)
