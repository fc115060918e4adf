"""Runs one mutant: `python -m homeroom.features.subjects.mutants NAME COMMAND`."""

import os
import sys
import traceback
from pathlib import Path

from homeroom.config import read_config
from homeroom.features.subjects.mutants import CRASHED, MUTANTS
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Transport
from homeroom.reference.workflows import read_settings, run_night, run_sync
from homeroom.reference.workflows.configuration import open_oneroster


def held_run(state_dir: Path) -> str:
    """Return the newest run: the one that a person is asked about."""
    return max(path.name for path in (state_dir / "provisioning" / "runs").iterdir())


def main(name: str, command: str) -> int:
    """Run `command` of the mutant; exit codes as of the service it wraps."""
    wire = MUTANTS[name](os.environ)
    send = Transport.request
    wire.install()
    settings = read_settings(os.environ, read_config(None))
    asked = wire.command(command)
    if asked in ("nothing", "hold"):
        return 0 if asked == "nothing" else 4
    try:
        if asked in ("provision", "release"):
            release = held_run(settings.state_dir) if asked == "release" else None
            exit_code = run_night(settings, release=release).exit_code
        else:
            exit_code = run_sync(settings, remaster=asked == "remaster").exit_code
    except SyncError as error:
        print(f"mutant: {error}", file=sys.stderr)  # noqa: T201 -- a command's last words
        exit_code = 2
    except Exception:
        # A mutant that falls over proves nothing: whoever certifies it has to see that.
        traceback.print_exc()
        print(CRASHED, file=sys.stderr)  # noqa: T201 -- a command's last words
        return 3

    def plainly(method: str, url: str, **given: object) -> object:
        with open_oneroster(settings) as transport:
            return send(transport, method, url, **given)  # type: ignore[arg-type] # passed on

    return wire.finish(command, exit_code, plainly)  # type: ignore[arg-type] # a Response


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
