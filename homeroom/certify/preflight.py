"""The pre-flight: is the set-up usable? "Your set-up" is not "your product"."""

import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from homeroom.certify.results import Check
from homeroom.certify.subject import declared_commands, lent_commands
from homeroom.config import Config, ConfigError, TellsTime
from homeroom.reference.errors import SyncError
from homeroom.reference.transport import Bearer, ClientCredentials, NoAuth, Transport

PASSED, FAILED = "passed", "failed"
TIMEOUT_S = 15.0


class Unfit(Exception):  # noqa: N818 -- an outcome, not a fault
    """A check failed: what is wrong, and what to do."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail, self.remedy = detail, remedy


Checks = list[tuple[str, Callable[[], None]]]


def check_fakes(document: Mapping[str, Any]) -> list[Check]:
    """Check that both fakes of a space document answer with its credentials."""
    return run_checks(
        [
            ("The Focus fake answers", lambda: _focus_answers(document["oneroster"])),
            ("The Canvas fake answers", lambda: _canvas_answers(document["canvas"])),
        ]
    )


def check_subject(config: Config, environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Check that the subject can be run as it is declared; needs no fakes."""
    subject = config.subject
    checks: Checks = [
        ("The subject is declared without contradiction", lambda: _consistent(config))
    ]
    if lent_commands(subject):
        checks.append(
            ("The reference service accepts the settings", lambda: _settings_accepted(config))
        )
    for name in sorted(declared_commands(subject)):
        if argv := getattr(subject, name):
            check = partial(startable, argv[0], config, environ)
            checks.append((f"The {name} command can be started", check))
        elif url := getattr(subject, f"{name}_url", None):
            check = partial(_service_answers, url, subject.token)
            checks.append((f"The subject answers at {name}_url", check))
    if subject.reset_url:
        check = partial(_service_answers, subject.reset_url, subject.token)
        checks.append(("The subject answers at reset_url", check))
    if subject.choices.time is TellsTime.FAKETIME:
        checks.append(("faketime is installed", lambda: _faketime_installed(environ)))
    return run_checks(checks)


def run_checks(checks: Checks) -> list[Check]:
    """Run every check; none stops the others."""
    done: list[Check] = []
    for name, check in checks:
        try:
            check()
        except Unfit as unfit:
            check_ = Check(check=name, outcome=FAILED, detail=unfit.detail, remedy=unfit.remedy)
        else:
            check_ = Check(check=name, outcome=PASSED)
        done.append(check_)
    return done


def _focus_answers(oneroster: Mapping[str, str]) -> None:
    auth = ClientCredentials(
        oneroster["token_url"], oneroster["client_id"], oneroster["client_secret"]
    )
    _answers(oneroster["base_url"], auth, "orgs?limit=1")


def _canvas_answers(canvas: Mapping[str, Any]) -> None:
    _answers(canvas["base_url"], Bearer(canvas["token"]), "api/v1/accounts?per_page=1")


def _answers(base_url: str, auth: NoAuth | ClientCredentials, path: str) -> None:
    remedy = "This is a fault of Homeroom or of the machine: is loopback traffic let through?"
    try:
        with Transport(base_url, auth, timeout_s=TIMEOUT_S, attempts=2) as transport:
            response = transport.request("GET", path)
    except SyncError as error:
        raise Unfit(str(error), remedy) from error
    if response.status_code != 200:
        raise Unfit(transport.describe(response), remedy)


def _consistent(config: Config) -> None:
    subject = config.subject
    declared = declared_commands(subject)
    for name in ("provision", "passback"):
        if getattr(subject, name) and getattr(subject, f"{name}_url"):
            raise Unfit(
                f"subject.{name} and subject.{name}_url are both given", "Keep the one you mean."
            )
    if subject.release and "release" in lent_commands(subject):
        raise Unfit("subject.release is given without subject.provision", "Give subject.provision.")
    if "remaster" in declared and "passback" not in declared:
        raise Unfit("subject.remaster is given without subject.passback", "Give subject.passback.")
    by_command = bool(subject.provision or subject.passback)
    if subject.choices.time is TellsTime.FAKETIME and not by_command:
        raise Unfit(
            "subject.choices.time is faketime, and the subject is no command",
            'Say time = "env" or "wall", or run the subject by commands.',
        )


def _settings_accepted(config: Config) -> None:
    from homeroom.reference.workflows import read_settings

    example = {
        "ONEROSTER_BASE_URL": "http://127.0.0.1/ims/oneroster/v1p1",
        "ONEROSTER_TOKEN_URL": "http://127.0.0.1/token",
        "ONEROSTER_CLIENT_ID": "id",
        "ONEROSTER_CLIENT_SECRET": "secret",
        "ONEROSTER_AUTH": "oauth2",
        "CANVAS_BASE_URL": "http://127.0.0.1",
        "CANVAS_TOKEN": "token",
    }
    try:
        read_settings(example, config)
    except (SyncError, ConfigError) as error:
        raise Unfit(str(error), f"Correct {config.path}.") from error


def startable(program: str, config: Config, environ: Mapping[str, str]) -> None:
    """Raise Unfit where a command's program is not there or may not be run."""
    folder = config.path.resolve().parent
    at_place = os.sep in program or bool(os.altsep and os.altsep in program)
    if at_place:
        path = folder / program
        if not path.exists():
            raise Unfit(f"{path}: there is no such file", f"Correct the command in {config.path}.")
        if not os.access(path, os.X_OK) or Path(path).is_dir():
            raise Unfit(f"{path}: is not executable", f"chmod +x {path}")
    elif shutil.which(program, path=environ.get("PATH")) is None:
        raise Unfit(
            f"{program}: no such program is on PATH",
            f"Install it, or name it in {config.path} by its path from that file's folder.",
        )


def _service_answers(url: str, token: str | None) -> None:
    auth = Bearer(token) if token else NoAuth()
    try:
        with Transport(url, auth, timeout_s=TIMEOUT_S, attempts=2) as transport:
            # Only whether someone answers: OPTIONS starts no run, whatever the answer is.
            answer = transport.request("OPTIONS", url, idempotent=False)
    except SyncError as error:
        raise Unfit(str(error), "Start the service, or correct its address.") from error
    if answer.status_code in (401, 403):
        raise Unfit(
            f"{url} answered {answer.status_code}",
            "The service does not take subject.token: give it the token it expects."
            if token
            else "The service wants a token: give subject.token.",
        )


def _faketime_installed(environ: Mapping[str, str]) -> None:
    if shutil.which("faketime", path=environ.get("PATH")) is None:
        raise Unfit(
            "there is no program faketime on PATH",
            'Install it (Debian: apt-get install faketime), or say time = "env" or "wall".',
        )
