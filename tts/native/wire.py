"""The protocol between parent and child on the child's standard streams.

The parent writes one JSON line for each `Request`. The child responds with frames (kind, length,
bytes): its sample rate once, then samples as they are made, and an end or a failure per request.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum

HEADER = struct.Struct("<BI")


class Kind(IntEnum):
    """The kind of a frame."""

    READY = 0
    SAMPLES = 1
    END = 2
    FAILURE = 3


@dataclass(frozen=True)
class Request:
    """One utterance to speak. Rate, pitch and volume are factors: 1.0 is the voice's own."""

    text: str
    voice: str
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Request":
        return cls(**json.loads(line))


def frame(kind: Kind, data: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(data)) + data
