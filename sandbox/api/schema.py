"""Pachca's own description of its API, made ready to route calls and to check them.

`spec/pachca.json` is the official OpenAPI description, `spec/newer.json` what was added later.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, relevance

from sandbox.errors import ApiError, malformed

SPEC = Path(__file__).parent / "spec"
VERBS = ("get", "post", "put", "delete")
CODES = {"required": "blank", "maxLength": "too_long", "enum": "inclusion"}
MESSAGES = {
    "required": _("This field is required."),
    "maxLength": _("The value is too long."),
    "maxItems": _("There are too many items."),
    "enum": _("The value is not one of those allowed."),
    "pattern": _("The value is not one of those allowed."),
    "type": _("The value has a wrong type."),
    "format": _("The value has a wrong format."),
}

formats = FormatChecker(formats=())


@formats.checks("int32")
def is_int32(value: object) -> bool:
    return not isinstance(value, int | float) or -(2**31) <= value < 2**31


@formats.checks("int64")
def is_int64(value: object) -> bool:
    return not isinstance(value, int | float) or -(2**63) <= value < 2**63


@formats.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@formats.checks("date-time", raises=ValueError)
def is_datetime(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@dataclass(frozen=True)
class Operation:
    """One method of the API: where it is, what it takes, and how its answer is wrapped."""

    id: str
    verb: str
    path: str
    pattern: re.Pattern[str]
    query: Draft202012Validator
    types: dict[str, Any]
    body: Draft202012Validator | None
    status: int
    is_wrapped: bool
    is_open: bool
    integers: frozenset[str]

    def checked_query(self, given: dict[str, str]) -> dict[str, Any]:
        """Return the query's values in their types, or refuse."""
        values = {
            name: _typed(value, self.types[name])
            for name, value in given.items()
            if name in self.types and value != ""
        }
        check(self.query, values)
        return values

    def checked_body(self, given: Any) -> dict[str, Any]:
        if self.body is None:
            return {}
        check(self.body, given)
        return cast(dict[str, Any], given)


def check(validator: Draft202012Validator, value: Any) -> None:
    """Refuse a value that its schema does not allow, with the error that tells most."""
    error = max(validator.iter_errors(value), key=relevance, default=None)
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


def _typed(value: str, schema: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "integer" if re.fullmatch(r"-?\d{1,20}", value, re.ASCII):
            return int(value)
        case "boolean" if value in ("true", "false"):
            return value == "true"
        case "array":
            return [_typed(item, _plain(schema["items"])) for item in value.split(",")]
    return value


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a schema that only points at another one."""
    for pointing in (schema, *schema.get("allOf", ())):
        if "$ref" in pointing:
            name = pointing["$ref"].rpartition("/")[2]
            return _plain(spec()["components"]["schemas"][name])
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
    """Turn a union into one choice by `type`: an error then names the field that is wrong."""
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
    inquiries = [each for each in parameters if each["in"] == "query"]
    request = described.get("requestBody", {}).get("content", {}).get("application/json")
    return Operation(
        id=described["operationId"],
        verb=verb.upper(),
        path=path,
        pattern=re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))),
        query=_validator(_query_schema(inquiries)),
        types={each["name"]: _plain(each["schema"]) for each in inquiries},
        body=_validator(request["schema"]) if request else None,
        status=int(status),
        is_wrapped="data" in answer.get("properties", {}),
        is_open=described.get("x-requirements", {}).get("auth") is False,
        integers=frozenset(
            each["name"]
            for each in parameters
            if each["in"] == "path" and each["schema"]["type"] == "integer"
        ),
    )


def _query_schema(inquiries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "properties": {each["name"]: each["schema"] for each in inquiries},
        "required": [each["name"] for each in inquiries if each.get("required")],
    }


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(
        {**schema, "components": spec()["components"]}, format_checker=formats
    )
