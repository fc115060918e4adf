"""placeholder"""

from datetime import datetime
from typing import Any


class ImportRunner:
    def __init__(self, world: Any) -> None:
        self.world = world

    async def run_due(self, now: datetime) -> None:
        pass

    async def close(self) -> None:
        pass
