"""Structured logs: one JSON object a line on stderr, of sourcedIds, counts and paths.

Nothing of a request's body, query or headers is ever logged. Of an unexpected error the log has
its kind and where it came from, not its text, which may quote a record or an address.
"""

import logging
import re
import sys
import traceback
from types import TracebackType
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
# What looks like a credential in a line of somebody else's making.
_SECRET = re.compile(
    r"(?i)(bearer|basic)\s+[\w.~+/=-]{8,}|(://[^/\s:@]*:)[^@\s]+@|/connect/[\w-]{20,}"
)


class _Formatter(JsonFormatter):
    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        """Tell an error's kind and its way through the code."""
        kind, _, trace = ei
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}"
                  for frame in traceback.extract_tb(trace)]  # fmt: skip
        return " > ".join([kind.__name__ if kind else "error", *frames])

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as JSON, with what looks like a credential left out."""
        record.exc_text = None
        return _SECRET.sub("(withheld)", super().format(record))


def start_logs(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process to stderr as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        _Formatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "at", "levelname": "level", "name": "from"},
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "dbos"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    # Their lines name addresses with queries, say requests twice, or tell every migration.
    quiet = ("uvicorn.access", "uvicorn.error", "dbos", "httpx", "httpcore", "connexion")
    for name in quiet:
        logging.getLogger(name).setLevel("WARNING")
