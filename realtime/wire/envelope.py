"""The wire: a JSON text frame an event, `{"eventName": str, "payload": any, "headers": object}`."""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn

import orjson
from django.core.serializers.json import DjangoJSONEncoder

from realtime.errors import Offence

RESERVED = frozenset({"connected", "disconnected", "error"})
SYSTEM = "system."
"""What events that the server itself answers begin with."""
BLANKS = " \t\n\r"


@dataclass(slots=True)
class Envelope:
    event_name: str
    payload: Any = None
    headers: dict[str, Any] = field(default_factory=dict)

    @property
    def reply_headers(self) -> dict[str, Any]:
        """The headers of whatever answers this event: the sender knows it by the id it gave."""
        return {"reply_to": self.headers["id"]} if "id" in self.headers else {}


def is_of_the_server(event: str) -> bool:
    """Tell whether an event's name is one that only the server itself may use."""
    return event in RESERVED or event.startswith(SYSTEM)


def encode(event: str, payload: Any, headers: dict[str, Any] | None = None) -> str:
    """Return the frame as text, with dates and the like as Django has them, and null for NaN."""
    message = {"eventName": event, "payload": payload, "headers": headers or {}}
    try:
        return orjson.dumps(message, _encoder.default, _AS_DJANGO).decode()
    except TypeError:  # a number beyond 64 bits, half of a surrogate pair, a key that is no string
        return _encoder.encode(message)


def decode(text: str) -> Envelope:
    """Return what a client sent; raise Offence for whatever the wire does not allow."""
    try:
        frame = _read(text)
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
    return frame


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Made once: the functions of the module would make one for each call.
_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_encoder = DjangoJSONEncoder(allow_nan=False, separators=(",", ":"))
_AS_DJANGO = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
