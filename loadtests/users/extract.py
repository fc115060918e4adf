"""A district's nightly extract: every endpoint read whole, a few of them at a time."""

from array import array
from collections import deque
from typing import Any

import gevent
import numpy as np

from homeroom.loadtests.operations import OPERATIONS
from homeroom.loadtests.tally import tally
from homeroom.loadtests.users.consumer import (
    Consumer,
    Credentials,
    Row,
    WrongAnswer,
    next_link,
    read_rows,
    total_of,
)


class Extract(Consumer):
    """Reads a whole district, as often as its profile says."""

    def live_once(self) -> None:
        """Read every collection in every round; threads share the list of them."""
        threads = [self.take_token() for _ in range(self.users.concurrency)]
        for _ in self.rounds():
            waiting = deque(self.users.operations)
            readers = [gevent.spawn(self._read_from, waiting, thread) for thread in threads]
            try:
                gevent.joinall(readers, raise_error=True)
            finally:
                gevent.killall(readers)

    def _read_from(self, waiting: deque[str], credentials: Credentials) -> None:
        while waiting:
            self._read_collection(credentials, waiting.popleft())

    def _read_collection(self, credentials: Credentials, operation: str) -> None:
        """Follow the pages to the last; repeated rows and missing ones fail like a bad status."""
        reading = Reading(OPERATIONS[operation].collection)
        url = self.url(operation, {"limit": self.users.page_limit})
        while url:
            url = self.ask(credentials, operation, url, check=reading.take_page)


class Reading:
    """A collection as it is read. Eight bytes a row, so that mega districts fit."""

    def __init__(self, collection: str) -> None:
        self._collection = collection
        self._seen = array("q")
        self._pages: set[str] = set()

    def take_page(self, status: int, headers: Any, content: bytes) -> str:
        """Check a page and return the next one's address. Raises WrongAnswer."""
        rows = read_rows(content, self._collection)
        if not rows and total_of(headers) != 0:
            raise WrongAnswer("200 without rows")
        self._check_page(rows)
        self._seen.extend(hash(row.sourcedId) for row in rows)
        following = next_link(headers)
        if following in self._pages:
            raise WrongAnswer("the next page is one that was read already")
        self._pages.add(following)
        if not following:
            self._check_whole(total_of(headers))
        tally.records += len(rows)
        return following

    @staticmethod
    def _check_page(rows: list[Row]) -> None:
        repeated = len(rows) - len({row.sourcedId for row in rows})
        if repeated:
            raise WrongAnswer(f"{repeated} rows came twice")

    def _check_whole(self, promised: int | None) -> None:
        distinct = int(np.unique(np.frombuffer(self._seen, dtype=np.int64)).size)
        if distinct != len(self._seen):
            raise WrongAnswer(f"{len(self._seen) - distinct} rows came twice")
        if promised is not None and promised != distinct:
            raise WrongAnswer(f"{distinct} rows read of {promised} promised")
