"""Paging depth: pages from the first row to the last, timed by where they lie."""

import time
from typing import Any

from homeroom.loadtests.operations import OPERATIONS
from homeroom.loadtests.tally import tally
from homeroom.loadtests.users.consumer import Consumer, Row, WrongAnswer, read_rows, total_of

TENTHS = 10


class Paging(Consumer):
    """Reads pages spread over each collection, in every round the same ones."""

    def live_once(self) -> None:
        """Fail where a page holds other rows than its place in the collection allows."""
        credentials = self.take_token()
        seen: dict[str, tuple[str, ...]] = {}
        owners: dict[str, int] = {}
        for _ in self.rounds():
            for operation in self.users.operations:
                total = self._page(credentials, operation, 0, 1)[1]
                if total is None:
                    raise WrongAnswer("X-Total-Count is missing: depth cannot be told")
                for offset in self._offsets(total):
                    began = time.perf_counter()
                    rows, _ = self._page(credentials, operation, offset, self.users.page_limit)
                    took_ms = (time.perf_counter() - began) * 1000
                    tally.add_depth(min(TENTHS - 1, offset * TENTHS // max(1, total)), took_ms)
                    self._check(operation, offset, total, rows, seen, owners)
                    tally.records += len(rows)

    def _offsets(self, total: int) -> list[int]:
        """Spread pages evenly over the collection, the last one ending at its last row."""
        limit = self.users.page_limit
        count = min(self.users.pages, max(1, total // limit))
        last = max(0, total - limit)
        return sorted({last * number // max(1, count - 1) for number in range(count)})

    def _page(
        self, credentials: Any, operation: str, offset: int, limit: int
    ) -> tuple[list[Row], int | None]:
        def check(status: int, headers: Any, content: bytes) -> tuple[list[Row], int | None]:
            return read_rows(content, OPERATIONS[operation].collection), total_of(headers)

        url = self.url(operation, {"limit": limit, "offset": offset})
        name = operation if limit > 1 else f"{operation} (count)"
        found: tuple[list[Row], int | None] = self.ask(credentials, name, url, check=check)
        return found

    def _check(
        self,
        operation: str,
        offset: int,
        total: int,
        rows: list[Row],
        seen: dict[str, tuple[str, ...]],
        owners: dict[str, int],
    ) -> None:
        wanted = min(self.users.page_limit, total - offset)
        problem = ""
        if len(rows) != wanted:
            problem = f"{len(rows)} rows at offset {offset}, {wanted} lie there"
        place = f"{operation} {offset}"
        ids = tuple(row.sourcedId for row in rows)
        if seen.setdefault(place, ids) != ids:
            problem = f"other rows at offset {offset} than before"
        for number, sourced_id in enumerate(ids):
            where = owners.setdefault(f"{operation} {sourced_id}", offset + number)
            if where != offset + number:
                problem = f"a row lies at {where} and at {offset + number}"
        if problem:
            self.note_fault(f"{operation}: {problem}")
            raise WrongAnswer(problem)
