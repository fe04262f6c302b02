"""What is to be said, in order: utterances and the pauses between them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Utterance:
    """Words in one manner. Rate, pitch and volume are factors: 1.0 is the voice's own.

    `language` and `voice` are names that the markup asks for, or "".
    """

    text: str
    language: str = ""
    voice: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0


@dataclass(frozen=True)
class Pause:
    """Silence, in seconds."""

    seconds: float


Script = list[Utterance | Pause]


def utterances(script: Script) -> list[Utterance]:
    return [part for part in script if isinstance(part, Utterance)]
