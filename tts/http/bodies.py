"""Reading JSON from untrusted requests."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from tts.actions import is_storable


class BadBody(ValueError):
    """The request body is invalid; the message says why."""


def read_json(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in the body, {} if the body is empty; raises BadBody."""
    try:
        data = json.loads(request.body or b"{}")
    except RequestDataTooBig as error:
        raise BadBody("The body is too large.") from error
    except (ValueError, RecursionError) as error:
        raise BadBody("The body is not JSON.") from error
    if not isinstance(data, dict):
        raise BadBody("The body is not a JSON object.")
    return data


def required_text(data: dict[str, Any], name: str) -> str:
    """Return the text under a name; raises BadBody if it is missing, empty or not storable."""
    text = data.get(name)
    if not isinstance(text, str) or not text:
        raise BadBody(f"{name} must be a non-empty string.")
    if not is_storable(text):
        raise BadBody(f"{name} contains characters that cannot be stored.")
    return text


def find_texts(tree: Any) -> Iterator[str]:
    """Yield the text of every key named `text`, anywhere in the tree, in document order."""
    waiting = [(False, tree)]
    while waiting:
        is_text, node = waiting.pop()
        if isinstance(node, str) and is_text:
            yield node
        elif isinstance(node, dict):
            waiting += [(key == "text", value) for key, value in reversed(node.items())]
        elif isinstance(node, list):
            waiting += [(False, value) for value in reversed(node)]
