"""A lived year as files: a delta package a day, and the log of why."""

import json
from collections.abc import Iterable
from pathlib import Path

from homeroom.mocks.district.csv_binding import write_delta
from homeroom.mocks.district.evolve.events import Day

LOG = "log.jsonl"


def write_days(days: Iterable[Day], folder: Path, *, system: str) -> dict[str, int]:
    """Write `YYYY-MM-DD.zip` for every day that changed records, and one log line an event.

    Returns:
        How many days had events, how many events there were, how many records changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    totals = {"days": 0, "events": 0, "changes": 0}
    with (folder / LOG).open("w", encoding="utf-8", newline="\n") as log:
        for day in days:
            if day.changes:
                write_delta(day.changes, folder / f"{day.day.isoformat()}.zip", system=system)
            for line in day.log():
                log.write(json.dumps(line, ensure_ascii=False) + "\n")
            totals["days"] += 1
            totals["events"] += len(day.events)
            totals["changes"] += len(day.changes)
    return totals
