"""An event as JSON text: `{"eventName": str, "payload": any, "headers": object}`.

`encode` accepts everything that `decode` returns, so a reply never fails because of its request.
"""

import json
import math
from dataclasses import dataclass, field
from typing import Any, NoReturn

import orjson
from django.core.serializers.json import DjangoJSONEncoder

from realtime.errors import Offence

RESERVED = frozenset({"connected", "disconnected", "error"})
SYSTEM = "system."
"""The prefix of events that the server itself answers."""
BLANKS = " \t\n\r"
MAX_DEPTH = 100
"""Levels of lists and objects in a frame. The encoders' own limits are higher."""


@dataclass(slots=True)
class Envelope:
    """A decoded event."""

    event_name: str
    payload: Any = None
    headers: dict[str, Any] = field(default_factory=dict)

    @property
    def reply_headers(self) -> dict[str, Any] | None:
        """The headers of a reply to this event, which carry the `id` that the sender gave it."""
        return {"reply_to": self.headers["id"]} if "id" in self.headers else None


def is_reserved(event: str) -> bool:
    """Return whether only the server may use this event name."""
    return event in RESERVED or event.startswith(SYSTEM)


def encode(event: str, payload: Any, headers: dict[str, Any] | None = None) -> str:
    """Return an event as text. Dates, decimals and UUIDs are written as Django does, NaN as null.

    The key `headers` is absent if there are none, as in Zaptools. Raises TypeError for a payload
    that cannot be written as JSON.
    """
    message = {"eventName": event, "payload": payload}
    if headers is not None:
        message["headers"] = headers
    try:
        return orjson.dumps(message, _encoder.default, _AS_DJANGO).decode()
    except TypeError:  # a number beyond 64 bits, half of a surrogate pair, a key that is no string
        return _encoder.encode(_finite(message))


def decode(text: str) -> Envelope:
    """Parse what a client sent; raise Offence if it is malformed or its name is reserved."""
    try:
        frame = _read(text)
    except _Unwritable as error:
        raise Offence("bad_json", str(error)) from None
    except (ValueError, RecursionError):
        raise Offence("bad_json", "The frame is not JSON.") from None
    if not isinstance(frame, dict):
        raise Offence("bad_frame", "The frame must be a JSON object.")
    name, headers = frame.get("eventName"), frame.get("headers")
    if not isinstance(name, str):
        raise Offence("bad_frame", "eventName must be a string.")
    if headers is not None and not isinstance(headers, dict):
        raise Offence("bad_frame", "headers must be an object.")
    if name in RESERVED:
        raise Offence("reserved_event", "This event name belongs to the server.")
    return Envelope(name, frame.get("payload"), headers or {})


def _read(text: str) -> Any:
    text = text.strip(BLANKS)
    frame, end = _decoder.raw_decode(text)
    if end < len(text):
        raise ValueError(text[end:])
    # Counting brackets is fast and rules out most frames; only the others are walked through.
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(frame, MAX_DEPTH):
        raise _Unwritable(f"The frame has more than {MAX_DEPTH} levels of lists and objects.")
    return frame


def _is_deeper(value: Any, levels: int) -> bool:
    """Return whether lists and objects are nested more than `levels` deep."""
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for each in layer
            if isinstance(each, list | dict)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, list | dict) for each in layer)


class _Unwritable(Exception):
    """Valid JSON that `encode` could not write; the message says why."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _parse_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Unwritable(f"The number {text[:40]} is too large.")
    return number


def _finite(value: Any) -> Any:
    """Return the value with None for NaN and infinities, as orjson writes them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


# Shared: json.loads and json.dumps would create one per call.
_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_parse_float)
_encoder = DjangoJSONEncoder(allow_nan=False, separators=(",", ":"))
_AS_DJANGO = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
