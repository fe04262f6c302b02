"""JSON as callers send and get it: faster than by the standard library, and stricter."""

from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

MEDIA_TYPE = "application/json"


def parsed(body: bytes) -> Any:
    """Return what a body says; ParseError, also for endless nesting and halves of surrogates."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError(_("The body is no JSON: %s.") % error) from error


def dumped(data: Any) -> bytes:
    return orjson.dumps(data, default=str)
