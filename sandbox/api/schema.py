"""Pachca's own description of its API, made ready to route calls and to check them.

`spec/pachca.json` is the official OpenAPI description, `spec/newer.json` what was added later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext_lazy as _

from core.lazy import LazyModule
from sandbox.api.errors import ApiError, malformed

if TYPE_CHECKING:
    import jsonschema
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError
else:
    jsonschema = LazyModule("jsonschema")

SPEC = Path(__file__).parents[1] / "spec"
VERBS = ("get", "post", "put", "delete")
CODES = {"required": "blank", "maxLength": "too_long", "enum": "inclusion"}
MESSAGES = {
    "required": _("This field is required."),
    "maxLength": _("The value is too long."),
    "maxItems": _("There are too many items."),
    "enum": _("The value is not allowed here."),
    "pattern": _("The value is not allowed here."),
    "type": _("The value has the wrong type."),
    "format": _("The value has the wrong format."),
}


def is_int32(value: object) -> bool:
    return not isinstance(value, int | float) or -(2**31) <= value < 2**31


def is_int64(value: object) -> bool:
    return not isinstance(value, int | float) or -(2**63) <= value < 2**63


def is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


def is_datetime(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@cache
def _formats() -> FormatChecker:
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("int32")(is_int32)
    formats.checks("int64")(is_int64)
    formats.checks("date", raises=ValueError)(is_date)
    formats.checks("date-time", raises=ValueError)(is_datetime)
    return formats


@dataclass(frozen=True)
class Operation:
    """An operation of the specification: its URL, parameters, body and response."""

    id: str
    verb: str
    path: str
    pattern: re.Pattern[str]
    query_schema: dict[str, Any]
    types: dict[str, Any]
    body_schema: dict[str, Any] | None
    status: int
    is_wrapped: bool
    is_open: bool
    scope: str
    integers: frozenset[str]

    @cached_property
    def query(self) -> Draft202012Validator:
        return _validator(self.query_schema)

    @cached_property
    def body(self) -> Draft202012Validator | None:
        return _validator(self.body_schema) if self.body_schema else None

    def parse_query(self, given: dict[str, str]) -> dict[str, Any]:
        """Return the query parameters converted to their types. Raises ApiError."""
        values = {
            name: _coerce(value, self.types[name])
            for name, value in given.items()
            if name in self.types and value != ""
        }
        check(self.query, values)
        return values

    def validate_body(self, given: Any) -> dict[str, Any]:
        if self.body is None:
            return {}
        check(self.body, given)
        return cast(dict[str, Any], given)


def check(validator: Draft202012Validator, value: Any) -> None:
    """Validate a value. Raises ApiError for the most relevant violation."""
    error = max(validator.iter_errors(value), key=jsonschema.exceptions.relevance, default=None)
    if error is not None:
        raise _refusal(error)


def _refusal(error: ValidationError) -> ApiError:
    kind = str(error.validator)
    names = [part for part in error.absolute_path if isinstance(part, str)]
    if kind == "required":
        needed, given = cast(list[str], error.validator_value), cast(Any, error.instance)
        missing = next(name for name in needed if name not in given)
        return malformed(missing, MESSAGES[kind], None, CODES[kind])
    return malformed(
        names[-1] if names else "base",
        MESSAGES.get(kind, _("The value is invalid.")),
        error.instance,
        CODES.get(kind, "invalid"),
    )


def _coerce(value: str, schema: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "integer" if re.fullmatch(r"-?\d{1,20}", value, re.ASCII):
            return int(value)
        case "boolean" if value in ("true", "false"):
            return value == "true"
        case "array":
            return [_coerce(item, _resolve_ref(schema["items"])) for item in value.split(",")]
    return value


def _resolve_ref(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a `$ref` points to."""
    for pointing in (schema, *schema.get("allOf", ())):
        if "$ref" in pointing:
            name = pointing["$ref"].rpartition("/")[2]
            return _resolve_ref(spec()["components"]["schemas"][name])
    return schema


@cache
def spec() -> dict[str, Any]:
    official = json.loads((SPEC / "pachca.json").read_text())
    newer = json.loads((SPEC / "newer.json").read_text())
    merged = cast(dict[str, Any], _merge_patch(official, newer))
    schemas = merged["components"]["schemas"]
    schemas["ViewBlockUnion"] = _by_type(schemas, schemas["ViewBlockUnion"]["anyOf"])
    return merged


def _merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge_patch(merged.get(name), value)
    return merged


def _by_type(schemas: dict[str, Any], members: list[dict[str, str]]) -> dict[str, Any]:
    """Turn a union into a choice by `type`, so that errors name the invalid field."""
    types = {
        schemas[member["$ref"].rpartition("/")[2]]["properties"]["type"]["enum"][0]: member
        for member in members
    }
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(types)}},
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}}, "then": member}
            for name, member in types.items()
        ],
    }


@cache
def operations() -> dict[str, Operation]:
    return {operation.id: operation for operation in _operations()}


def _operations() -> Iterator[Operation]:
    for path, described in spec()["paths"].items():
        for verb in VERBS:
            if verb in described:
                yield _operation(path, verb, described[verb])


def _operation(path: str, verb: str, described: dict[str, Any]) -> Operation:
    status, response = next(iter(described.get("responses", {"200": {}}).items()))
    answer = response.get("content", {}).get("application/json", {}).get("schema", {})
    parameters = described.get("parameters", [])
    parameters_in_query = [each for each in parameters if each["in"] == "query"]
    request = described.get("requestBody", {}).get("content", {}).get("application/json")
    return Operation(
        id=described["operationId"],
        verb=verb.upper(),
        path=path,
        pattern=re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))),
        query_schema=_query_schema(parameters_in_query),
        types={each["name"]: _resolve_ref(each["schema"]) for each in parameters_in_query},
        body_schema=request["schema"] if request else None,
        status=int(status),
        is_wrapped="data" in answer.get("properties", {}),
        is_open=described.get("x-requirements", {}).get("auth") is False,
        scope=described.get("x-requirements", {}).get("scope", ""),
        integers=frozenset(
            each["name"]
            for each in parameters
            if each["in"] == "path" and each["schema"]["type"] == "integer"
        ),
    )


def _query_schema(parameters_in_query: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "properties": {each["name"]: each["schema"] for each in parameters_in_query},
        "required": [each["name"] for each in parameters_in_query if each.get("required")],
    }


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return jsonschema.Draft202012Validator(
        {**schema, "components": spec()["components"]}, format_checker=_formats()
    )
