"""The default subject: the reference service, in this process, with the exit codes of its verbs."""

import io
import json
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.config import Config, ConfigError
from homeroom.reference.errors import SyncError

UNUSABLE, FAULT, HELD = 2, 3, 4
LOGGER = "homeroom.reference"


@dataclass(frozen=True, kw_only=True)
class ReferenceRun:
    """What `homeroom provision` or `homeroom passback` would have said."""

    exit_code: int
    stdout: str
    stderr: str


class ReferenceSubject:
    """Runs the verbs of the reference service; what one raises becomes the exit code it means."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._held: dict[str, str] = {}
        """The run that waits for a person, by state folder: `release` is about that one."""

    def run(self, command: str, environ: Mapping[str, str]) -> ReferenceRun:
        """Run provision, passback, remaster or release with these environment variables."""
        captured = io.StringIO()
        handler = logging.StreamHandler(captured)
        logger = logging.getLogger(LOGGER)
        logger.addHandler(handler)
        try:
            exit_code, stdout = self._run(command, environ)
        except (SyncError, ConfigError) as error:
            handler.stream.write(f"homeroom: {error}\n")
            exit_code, stdout = UNUSABLE, ""
        except Exception:  # a subject's crash is judged by what it did, as a command's is
            handler.stream.write(traceback.format_exc())
            exit_code, stdout = FAULT, ""
        finally:
            logger.removeHandler(handler)
        return ReferenceRun(exit_code=exit_code, stdout=stdout, stderr=captured.getvalue())

    def _run(self, command: str, environ: Mapping[str, str]) -> tuple[int, str]:
        # A foreign subject's run does without these.
        from homeroom.reference.workflows import read_settings, run_night, run_sync

        settings = read_settings(environ, self._config)
        history = environ["HOMEROOM_STATE_DIR"]
        if command in ("passback", "remaster"):
            sync = run_sync(settings, remaster=command == "remaster")
            return sync.exit_code, json.dumps(sync.as_dict(), default=str)
        release = self._held.pop(history, "") if command == "release" else None
        night = run_night(settings, release=release)
        if night.exit_code == HELD:
            self._held[history] = night.run
        return night.exit_code, json.dumps(night.as_dict(), default=str)
