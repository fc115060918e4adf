"""Lets a provider's owner alter its data: a record comes, changes and goes, by commands or by us.

Each command of `[subject]` runs without a shell in the folder of homeroom.toml with the caller's
environment, `HOMEROOM_COLLECTION` (such as `users`), `HOMEROOM_SOURCED_ID` and `HOMEROOM_RECORD`, a
file that holds the record as it is wished for in OneRoster's single-object form. It ends with 0
once that is so. An owner whose system cannot take a record of ours as it is answers with one
line of JSON on stdout, `{"sourcedId": "..."}`, naming the record that it used instead.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from homeroom.certify.control import SpaceHandle
from homeroom.certify.outcomes import NotApplicable
from homeroom.certify.process import run_command
from homeroom.config import Config
from homeroom.mocks.district.records import SINGULAR

LIMIT_S = 120.0
HOOKS = ("load", "change", "remove")
"""Keys of `[subject]` that may hold such a command."""


class HookError(RuntimeError):
    """A hook of the owner's did not do its work: the set-up is wrong, not the provider."""


class Hooks(Protocol):
    """What may be done to a provider's data; each returns the sourcedId of the record concerned."""

    def run(self, hook: str, collection: str, record: Mapping[str, Any]) -> str:
        """Run `load`, `change` or `remove`; raises NotApplicable where the owner gave none."""
        ...


@dataclass(frozen=True)
class OwnHooks:
    """Our own fake obeys its control plane."""

    space: SpaceHandle

    def run(self, hook: str, collection: str, record: Mapping[str, Any]) -> str:
        """Write or delete one record, as the SIS's own screens would."""
        if hook == "remove":
            self.space.delete_record(collection, str(record["sourcedId"]))
        else:
            self.space.put_record(collection, record)
        return str(record["sourcedId"])


@dataclass(frozen=True)
class CommandHooks:
    """A real provider's owner gave commands."""

    config: Config

    def run(self, hook: str, collection: str, record: Mapping[str, Any]) -> str:
        """Run the owner's command to its end."""
        argv = getattr(self.config.subject, hook)
        if argv is None:
            raise NotApplicable(
                f"the owner gave no `{hook}` command, so that the data cannot be altered"
            )
        if self.config.subject.remove is None:
            raise NotApplicable("without a `remove` command nothing is brought in: it would stay")
        sourced_id = str(record["sourcedId"])
        with tempfile.TemporaryDirectory(prefix="homeroom-hook-") as folder:
            file = Path(folder) / "record.json"
            file.write_text(json.dumps({SINGULAR[collection]: record}), encoding="utf-8")
            variables = {
                "HOMEROOM_COLLECTION": collection,
                "HOMEROOM_SOURCED_ID": sourced_id,
                "HOMEROOM_RECORD": str(file),
            }
            ended = run_command(
                argv,
                cwd=self.config.path.resolve().parent,
                environ={**os.environ, **variables},
                timeout_s=LIMIT_S,
            )
        if ended.exit_code:
            told = (ended.stderr or ended.stdout).decode("utf-8", "replace").strip()[-300:]
            raise HookError(f"the `{hook}` command ended with {ended.exit_code}: {told}")
        return _named(ended.stdout) or sourced_id


def _named(stdout: bytes) -> str | None:
    try:
        document = json.loads(stdout.decode("utf-8", "replace").strip() or "null")
    except ValueError:
        return None
    named = document.get("sourcedId") if isinstance(document, dict) else None
    return str(named) if named else None
