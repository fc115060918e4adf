"""OneRoster's status payload, in every shape that providers give it, and Focus's own errors.

Source: OneRoster reference, section 4; Focus reference, section 5.9 (the five names are Focus's).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeroom.mocks.focus_oneroster.context import current_world
from homeroom.mocks.focus_oneroster.settings import Settings
from homeroom.mocks.harness.request import VendorError, current_request

PREFIX = "Focus: "
"""Canvas shows descriptions to teachers, who should see whose words they are."""

NOT_FOUND = "Not Found - there is no resource behind the URI"
ROUTE_NOT_FOUND = "404 Error: API Route Not Found"
INVALID_DUE_DATE = "422 Error: Invalid Due Date"
ASSIGNMENT_NOT_FOUND = "Assignment Not Found"
CANNOT_FIND_DUE_DATE = "Cannot Find Due Date"
CATEGORY_NOT_FOUND = "Grading Category Not Found"

_UNSPACED = {
    "full success": "fullsuccess",
    "invalid data": "invaliddata",
    "unauthorized": "unauthorisedrequest",
    "unknown object": "unknownobject",
    "unsupported operation": "unsupportedoperation",
}


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """One entry of a status payload."""

    status: int
    code_minor: str
    description: str
    operation: str | None = None
    major: str = "failure"
    severity: str = "error"


def warning(code_minor: str, description: str, operation: str | None) -> StatusInfo:
    """Make the entry that stands beside data whose sorting or selection was mistaken."""
    return StatusInfo(200, code_minor, description, operation, "success", "warning")


def payload(infos: Sequence[StatusInfo], settings: Settings) -> dict[str, Any]:
    """Return the members of an answer that say `infos`, in the shape that the settings name."""
    match settings.error_shape:
        case "imsx_StatusInfo":
            return {"imsx_StatusInfo": _nested(infos[0], settings)}
        case "errors":
            return {"errors": [_capital(info, settings) for info in infos]}
        case "flat":
            return _flat(infos[0], settings)
        case "superset":
            return {
                "statusInfoSet": [_entry(info, settings) for info in infos],
                **_nested(infos[0], settings),
            }
        case _:
            return {"statusInfoSet": [_entry(info, settings) for info in infos]}


def _minor(info: StatusInfo, settings: Settings) -> str:
    if settings.code_minor == "unspaced":
        return _UNSPACED.get(info.code_minor, info.code_minor)
    return info.code_minor


def _entry(info: StatusInfo, settings: Settings) -> dict[str, Any]:
    entry: dict[str, Any] = {"imsx_codeMajor": info.major, "imsx_severity": info.severity}
    if info.operation is not None:
        entry["imsx_operationRefIdentifier"] = info.operation
    entry["imsx_description"] = info.description
    if info.code_minor:
        entry["imsx_codeMinor"] = _minor(info, settings)
    return entry


def _nested(info: StatusInfo, settings: Settings) -> dict[str, Any]:
    operation = info.operation or "unknown"
    return {
        "imsx_codeMajor": info.major,
        "imsx_severity": info.severity,
        "imsx_messageRefIdentifier": operation,
        "imsx_operationRefIdentifier": [operation],
        "imsx_description": info.description,
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "TargetEndSystem",
                    "imsx_codeMinorFieldValue": _minor(info, settings),
                }
            ]
        },
    }


def _capital(info: StatusInfo, settings: Settings) -> dict[str, Any]:
    return {
        "StatusCode": info.status,
        "CodeMajor": info.major,
        "Severity": info.severity,
        "CodeMinor": _minor(info, settings),
        "Description": info.description,
    }


def _flat(info: StatusInfo, settings: Settings) -> dict[str, Any]:
    return {
        "codeMajor": info.major,
        "severity": info.severity,
        "description": info.description,
        "codeMinor": _minor(info, settings),
    }


def failure(
    status: int,
    code_minor: str,
    description: str,
    *,
    write: bool = False,
    headers: Mapping[str, str] | None = None,
) -> VendorError:
    """Make the answer to the request at hand; `write` marks what Canvas shows to teachers."""
    request, settings = current_request(), current_world().settings
    prefixed = settings.description_prefix == "all" or (
        write and settings.description_prefix == "writes"
    )
    text = f"{PREFIX}{description}" if prefixed else description
    info = StatusInfo(status, code_minor, text, request.operation_id)
    return VendorError(status, payload([info], settings), headers)


def unknown_object() -> VendorError:
    """No object of that sourcedId."""
    return failure(404, "unknown object", NOT_FOUND)


def invalid_data(description: str) -> VendorError:
    """A malformed request."""
    return failure(400, "invalid data", description)


def unstorable(description: str) -> VendorError:
    """A well-formed body that cannot be stored."""
    return failure(422, "invalid data", description, write=True)


def route_not_found() -> VendorError:
    """Focus's error for a path that its OneRoster dialect does not have."""
    return failure(404, "unknown object", f"{ROUTE_NOT_FOUND}. {NOT_FOUND}", write=True)
