"""What a child and its owner say to each other through the child's standard streams.

The owner writes one JSON line for each `Order`. The child answers with frames (a kind, a length,
the bytes): its sample rate once, samples as they are made, and an end or a failure.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum

HEADER = struct.Struct("<BI")


class Kind(IntEnum):
    """What a frame carries."""

    READY = 0
    SAMPLES = 1
    END = 2
    FAILURE = 3


@dataclass(frozen=True)
class Order:
    """One utterance to speak. Rate, pitch and volume are factors: 1.0 is the voice's own."""

    text: str
    voice: str
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Order":
        return cls(**json.loads(line))


def frame(kind: Kind, data: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(data)) + data
