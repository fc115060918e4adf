"""Canvas's error bodies."""

from typing import Any

from homeroom.mocks.harness.request import VendorError

NOT_FOUND = "The specified resource does not exist."
NOT_AUTHORIZED = "user not authorized to perform that action"
BEARER = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}


def not_found() -> VendorError:
    """Make the 404 of anything that does not exist or cannot be resolved."""
    return VendorError(404, {"errors": [{"message": NOT_FOUND}]})


def unauthenticated() -> VendorError:
    """Make the 401 of a request without credentials."""
    body = {"status": "unauthenticated", "errors": [{"message": "user authorization required"}]}
    return VendorError(401, body, BEARER)


def invalid_token() -> VendorError:
    """Make the 401 of a token that Canvas does not know."""
    return VendorError(401, {"errors": [{"message": "Invalid access token."}]}, BEARER)


def expired_token(expired_at: str) -> VendorError:
    """Make the 401 of a token past its permanent expiry."""
    error = {"message": "Expired access token.", "expired_at": expired_at}
    return VendorError(401, {"errors": [error]}, BEARER)


def revoked_token() -> VendorError:
    """Make the 401 of a token that was revoked."""
    return VendorError(401, {"errors": [{"message": "Revoked access token."}]}, BEARER)


def not_permitted(status: int) -> VendorError:
    """Make the refusal of an authenticated caller without the right; 403 now, 401 before."""
    return VendorError(status, {"status": "unauthorized", "errors": [{"message": NOT_AUTHORIZED}]})


def bad_message(message: str, status: int = 400) -> VendorError:
    """Make a simple refusal of the shape `{"message": ...}`."""
    return VendorError(status, {"message": message})


def bad_error(message: str, status: int = 400) -> VendorError:
    """Make a simple refusal of the shape `{"error": ...}`."""
    return VendorError(status, {"error": message})


def missing_parameter(name: str) -> VendorError:
    """Make the refusal of a request without its required top parameter."""
    return VendorError(400, {"errors": [{"message": f"{name} is missing"}]})


def field_error(field: str, message: str, *, kind: str | None = None) -> dict[str, Any]:
    """Make one entry of a model validation's errors."""
    return {"attribute": field, "type": message if kind is None else kind, "message": message}


def invalid_fields(errors: dict[str, str], *, status: int = 400) -> VendorError:
    """Make a model validation's refusal: a message by field."""
    return VendorError(
        status,
        {"errors": {name: [field_error(name, message)] for name, message in errors.items()}},
    )


def record_invalid(field: str, message: str, error_code: str) -> VendorError:
    """Make the refusal of a record whose validation failed deep inside."""
    error = {"field": field, "message": message, "error_code": error_code}
    return VendorError(400, {"errors": [error]})


def internal_error(report_id: int) -> VendorError:
    """Make Canvas's 500."""
    error = {"message": "An error occurred.", "error_code": "internal_server_error"}
    return VendorError(500, {"errors": [error], "error_report_id": report_id})
