"""Schemas of an OpenAPI 3.0.3 document, compiled with jsonschema-rs."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

_BASE = "urn:homeroom:contract"
_OPENAPI_ONLY = frozenset({"nullable", "example", "discriminator", "xml", "externalDocs"})


def to_json_schema(schema: Any) -> Any:
    """Rewrite an OpenAPI 3.0 schema as Draft 4 JSON Schema: `nullable` becomes a type."""
    if isinstance(schema, list):
        return [to_json_schema(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    out: dict[str, Any] = {
        # The names below `properties` are data: one of them may well be called "example".
        key: {name: to_json_schema(item) for name, item in value.items()}
        if key == "properties"
        else to_json_schema(value)
        for key, value in schema.items()
        if key not in _OPENAPI_ONLY
    }
    if "$ref" in out and isinstance(out["$ref"], str) and out["$ref"].startswith("#/"):
        out = {"$ref": _BASE + out["$ref"]}
    if schema.get("nullable") is True:
        if "enum" in out and None not in out["enum"]:
            out["enum"] = [*out["enum"], None]
        if isinstance(out.get("type"), str):
            out["type"] = [out["type"], "null"]
        elif "type" not in out:
            out = {"anyOf": [out, {"type": "null"}]}
    return out


class Schemas:
    """Compiles the schemas of one contract; references are resolved against its components."""

    def __init__(self, contract: Mapping[str, Any]) -> None:
        self._components = contract.get("components", {}).get("schemas", {})

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        document = {"components": {"schemas": to_json_schema(self._components)}}
        return jsonschema_rs.Registry([(_BASE, document)], draft=jsonschema_rs.Draft4)

    def compile(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft4Validator:
        """Compile one schema of the contract; formats such as `date-time` are checked."""
        return jsonschema_rs.Draft4Validator(
            to_json_schema(schema), registry=self._registry, validate_formats=True
        )


def first_error(validator: jsonschema_rs.Draft4Validator, instance: Any) -> tuple[str, str] | None:
    """Return (dotted path, message) of the first violation, or None when the instance is valid."""
    if validator.is_valid(instance):
        return None
    error = next(iter(validator.iter_errors(instance)))
    path, message = [str(step) for step in error.instance_path], error.message
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=[name, *_]):
            path, message = [*path, name], "is unknown here"
        case jsonschema_rs.ValidationErrorKind.Format(format="date-time"):
            message += "; give one such as 2026-09-01T06:00:00Z"
        case jsonschema_rs.ValidationErrorKind.Enum(options=options):
            # Its own words name two of them, and how many more there are.
            allowed = ", ".join(json.dumps(option) for option in options if option is not None)
            given = json.dumps(error.instance, ensure_ascii=False, default=str)
            message = f"{given} is not one of {allowed}"
        case _:
            pass
    return ".".join(path), message
