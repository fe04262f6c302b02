"""The table of API methods: verb, path, scope, and the schema of parameters."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.framework.api.envelope import BadParameters
from bots.framework.api.limits import check_limits
from core.lazy import LazyModule

if TYPE_CHECKING:
    import jsonschema
    from jsonschema import Draft202012Validator, ValidationError
else:
    jsonschema = LazyModule("jsonschema")

_table: dict[str, Any] = json.loads(
    Path(__file__).with_name("methods.json").read_text(encoding="utf-8")
)
METHODS: dict[str, tuple[str, str]] = {
    name: (row["verb"], row["path"]) for name, row in _table["methods"].items()
}

SCOPES: dict[str, str] = {name: row["scope"] for name, row in _table["methods"].items()}


def check(method: str, parameters: dict[str, Any]) -> None:
    """Raise BadParameters for parameters that Pachca would reject.

    They are checked against Pachca's schema and against `limits`. Parameters that are not in the
    schema are accepted, because Pachca adds new ones. Parameters of the path are checked when the
    path is built.
    """
    error = max(
        _validator(method).iter_errors(parameters),
        key=jsonschema.exceptions.relevance,
        default=None,
    )
    if error is not None:
        raise BadParameters(f"{method}: {_describe(error)}")
    check_limits(method, parameters)


@cache
def _validator(method: str) -> Draft202012Validator:
    row = _table["methods"][method]
    schema = {"properties": row["properties"], "required": row["required"]}
    return jsonschema.Draft202012Validator({**schema, "$defs": _table["$defs"]})


def _describe(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    message = error.message if len(error.message) < 200 else f"{error.validator} is violated"
    return f"{place}: {message}" if place else message
