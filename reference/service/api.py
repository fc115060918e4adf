"""The HTTP API: connexion's FlaskApp over openapi.yaml, the only source of its routes."""

import functools
import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import sqlalchemy.exc
from connexion import FlaskApp
from connexion.exceptions import OAuthProblem, ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver
from connexion.security import BearerSecurityHandler

from homeroom.reference.errors import SyncError
from homeroom.reference.onboarding.credentials import CredentialsError
from homeroom.reference.onboarding.districts import UnknownDistrictError
from homeroom.reference.onboarding.stages import StageError
from homeroom.reference.service.operations import BASE, NotFoundError, Operations, read_contract
from homeroom.reference.service.throttle import Throttle, TooManyError
from homeroom.reference.service.tokens import Admins
from homeroom.reference.workflows.durable import JobError, UnknownJobError

# What Python's table calls otherwise.
TITLES = {422: "Unprocessable Content"}
log = logging.getLogger(__name__)


def create_api(operations: Operations, admins: Admins, throttle: Throttle) -> FlaskApp:
    """Make the ASGI app."""

    def find_operation(operation_id: str) -> Callable[..., Any]:
        return _encoded(getattr(operations, _snake(operation_id)))

    app = FlaskApp(
        __name__,
        security_map={"bearer": _bearer(admins, throttle)},
        strict_validation=True,
    )
    app.add_api(
        read_contract(),
        base_path=BASE,
        resolver=Resolver(find_operation),
        validate_responses=True,
        pythonic_params=False,
        swagger_ui_options=SwaggerUIOptions(serve_spec=False, swagger_ui=False),
    )
    handlers = (
        (SyncError, _refuse),
        (TooManyError, _slow_down),
        (ProblemException, _explain),
        (sqlalchemy.exc.OperationalError, _database_away),
        (msgspec.ValidationError, _malformed),
        (UnicodeDecodeError, _no_text),
        (Exception, _own_fault),
    )
    for kind, handler in handlers:
        app.add_error_handler(kind, handler)
    return app


def _encoded(operation: Callable[..., Any]) -> Callable[..., ConnexionResponse]:
    """Let an operation's answer be JSON; connexion asks which type where errors have another."""

    @functools.wraps(operation)
    def answer(*args: Any, **kwargs: Any) -> ConnexionResponse:
        body, status, *more = operation(*args, **kwargs)
        return ConnexionResponse(
            status_code=status,
            mimetype="application/json",
            content_type="application/json",
            body=msgspec.json.encode(body),
            headers=dict(more[0]) if more else {},
        )

    return answer


def _snake(operation_id: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda found: f"_{found[0]}", operation_id).lower()


def _bearer(admins: Admins, throttle: Throttle) -> type[BearerSecurityHandler]:
    def look_up(token: str, request: ConnexionRequest) -> dict[str, str]:
        address = request.client.host if request.client else ""
        throttle.check("token", address)
        name = admins.find(token)
        if name is None:
            throttle.fail("token", address)
            raise OAuthProblem("this bearer token is no admin's")
        return {"sub": name}

    class Handler(BearerSecurityHandler):  # type: ignore[misc]  # connexion has no types
        """Finds the admin of a token."""

        def _resolve_func(self, security_scheme: Any) -> Callable[..., Any]:
            return look_up

    return Handler


def encode_problem(status: int, detail: str, problems: Mapping[str, str] | None = None) -> bytes:
    """Write an error's body, as RFC 9457 has it."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return msgspec.json.encode({**body, "problems": problems} if problems else body)


def problem(
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> ConnexionResponse:
    """Give an error's answer."""
    return ConnexionResponse(
        status_code=status,
        mimetype="application/problem+json",
        content_type="application/problem+json",
        body=encode_problem(status, detail, problems),
        headers=dict(headers or {}),
    )


def _refuse(_request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    if isinstance(error, CredentialsError):
        return problem(422, str(error), problems=error.problems)
    if isinstance(error, (UnknownDistrictError, UnknownJobError, NotFoundError)):
        return problem(404, str(error))
    if isinstance(error, (StageError, JobError)):
        return problem(409, str(error))
    return problem(422, str(error))


def _slow_down(_request: ConnexionRequest, error: Any) -> ConnexionResponse:
    return problem(429, str(error), headers={"Retry-After": str(error.wait_s)})


def _explain(_request: ConnexionRequest, error: Any) -> ConnexionResponse:
    headers = dict(error.headers or {})
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="homeroom"'
    if error.status >= 500:
        log.error("an answer broke the contract", extra={"why": type(error).__name__})
        return problem(500, "a fault in Homeroom itself; please report it")
    return problem(error.status, str(error.detail or error.title or ""), headers=headers)


def _database_away(_request: ConnexionRequest, _error: Exception) -> ConnexionResponse:
    log.error("the database does not answer")
    return problem(503, "the database does not answer; try again", headers={"Retry-After": "5"})


def _malformed(_request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    return problem(422, str(error))


def _no_text(_request: ConnexionRequest, _error: Exception) -> ConnexionResponse:
    return problem(400, "the body is no UTF-8")


def _own_fault(_request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    log.error("a request broke", exc_info=error)
    return problem(500, "a fault in Homeroom itself; please report it")
