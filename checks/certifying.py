"""Certifies one subject in a folder of its own, for mutants and variants."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.support import environment

LIMIT_S = 1800
"""How long a certification may take on a busy machine."""


@dataclass(frozen=True)
class Certified:
    """What a certification came to."""

    code: int
    results: dict[str, Any]
    """`results.json`; empty where no report was written."""
    said: str
    """Standard error."""
    seconds: float


def certify_with(settings: str, *, only: Sequence[str] = ()) -> Certified:
    """Certify the sync service that a `homeroom.toml` of these settings names.

    Args:
        settings: The whole file.
        only: Requirements or scenarios; all where none is named.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="homeroom-certified-") as folder:
        (Path(folder) / "homeroom.toml").write_text(settings, encoding="utf-8")
        words = ["certify", "sync", "--workers", "1", "--report", "report"]
        words += [word for part in only for word in ("--only", part)]
        done = subprocess.run(
            [sys.executable, "-m", "homeroom", *words],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        path = Path(folder) / "report" / "results.json"
        results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return Certified(done.returncode, results, done.stderr, time.monotonic() - started)
