"""The default subject: the reference service, in this process, with the exit codes of its verbs."""

import io
import json
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.config import Config
from homeroom.reference.errors import FatalError

UNUSABLE, FAULT = 2, 3


@dataclass(frozen=True, kw_only=True)
class ReferenceRun:
    """What `homeroom provision` or `homeroom passback` would have said."""

    exit_code: int
    stdout: str
    stderr: str


def run_reference(command: str, environ: Mapping[str, str], config: Config) -> ReferenceRun:
    """Run one verb of the reference service; what it raises becomes the exit code it means."""
    captured = io.StringIO()
    handler = logging.StreamHandler(captured)
    logger = logging.getLogger("homeroom.reference")
    logger.addHandler(handler)
    try:
        exit_code, stdout = _run(command, environ, config)
    except FatalError as error:
        return ReferenceRun(
            exit_code=UNUSABLE, stdout="", stderr=f"{captured.getvalue()}homeroom: {error}\n"
        )
    except Exception:  # a subject's crash is judged by what it did, as a command's is
        return ReferenceRun(
            exit_code=FAULT, stdout="", stderr=captured.getvalue() + traceback.format_exc()
        )
    finally:
        logger.removeHandler(handler)
    return ReferenceRun(exit_code=exit_code, stdout=stdout, stderr=captured.getvalue())


def _run(command: str, environ: Mapping[str, str], config: Config) -> tuple[int, str]:
    # A foreign subject's run does without these.
    from homeroom.reference.gradebook import run_sync
    from homeroom.reference.roster import run_night
    from homeroom.reference.settings import read_settings

    settings = read_settings(environ, config)
    match command:
        case "provision":
            done = run_night(settings)
        case "release":
            done = run_night(settings, release="latest")
        case "remaster":
            done = run_sync(settings, remaster=True)
        case _:
            done = run_sync(settings)
    return done.exit_code, json.dumps(done.as_dict(), default=str)
