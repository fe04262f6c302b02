"""Reading JSON that anybody may have sent."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from tts.actions import is_storable


class BadBody(ValueError):
    """The request cannot be understood; the message says what is wrong with it."""


def json_of(request: HttpRequest) -> dict[str, Any]:
    """Return the object that the body holds, {} where it is empty; raises BadBody."""
    try:
        data = json.loads(request.body or b"{}")
    except RequestDataTooBig as error:
        raise BadBody("The body is too large.") from error
    except (ValueError, RecursionError) as error:
        raise BadBody("The body is not JSON.") from error
    if not isinstance(data, dict):
        raise BadBody("The body is not a JSON object.")
    return data


def text_at(data: dict[str, Any], name: str) -> str:
    """Return the text under a name; raises BadBody when there is none that can be kept."""
    text = data.get(name)
    if not isinstance(text, str) or not text:
        raise BadBody(f"{name} must be a text, and not empty.")
    if not is_storable(text):
        raise BadBody(f"{name} holds characters that are no text.")
    return text


def texts_in(tree: Any) -> Iterator[str]:
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
