"""The table of the API's methods: where each is, and what it may be given."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, relevance

from bots.api.envelope import BadParameters

_table: dict[str, Any] = json.loads(
    Path(__file__).with_name("methods.json").read_text(encoding="utf-8")
)
METHODS: dict[str, tuple[str, str]] = {
    name: (row["verb"], row["path"]) for name, row in _table["methods"].items()
}

SCOPES: dict[str, str] = {name: row["scope"] for name, row in _table["methods"].items()}


def check(method: str, parameters: dict[str, Any]) -> None:
    """Raise BadParameters where Pachca's description does not allow the parameters.

    What the description does not know, because Pachca grows, is let through. Those of the path are
    checked when it is made.
    """
    error = max(_validator(method).iter_errors(parameters), key=relevance, default=None)
    if error is not None:
        raise BadParameters(f"{method}: {_told(error)}")


@cache
def _validator(method: str) -> Draft202012Validator:
    row = _table["methods"][method]
    schema = {"properties": row["properties"], "required": row["required"]}
    return Draft202012Validator({**schema, "$defs": _table["$defs"]})


def _told(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    message = error.message if len(error.message) < 200 else f"{error.validator} is not kept"
    return f"{place}: {message}" if place else message
