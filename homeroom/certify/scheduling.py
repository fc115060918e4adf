"""How scenarios are spread over workers: a night's in one, all others one by one."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling


class NightScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist brings no types
    """xdist's scheduling by scope, where a scope is a night or a scenario that has none.

    The controller knows node ids only; which night each belongs to, the workers have written down
    when they collected.
    """

    def __init__(self, config: Any, log: Any, work: Path) -> None:
        super().__init__(config, log)
        self._work = work

    @cached_property
    def _nights(self) -> dict[str, str]:
        nights: dict[str, str] = {}
        for path in self._work.glob("events-*.jsonl"):
            for line in path.read_text(encoding="utf-8").splitlines():
                nights |= json.loads(line).get("nights", {})
        return nights

    def _split_scope(self, nodeid: str) -> str:
        return self._nights.get(nodeid, nodeid)
