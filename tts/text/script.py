"""The script of a speech: utterances and pauses, in order."""

from dataclasses import dataclass, replace

# Factors.
SLOWEST, FASTEST = 0.25, 4.0
LOWEST, HIGHEST = 0.5, 2.0
LOUDEST = 2.0


@dataclass(frozen=True)
class Manner:
    """How an utterance is spoken. Rate, pitch and volume are factors; 1.0 is the voice's default.

    `language` and `voice` are names, or "" for those of the speech. `says_as` is a key of
    `tts.text.say_as`, or "" for normal text.
    """

    language: str = ""
    voice: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0
    says_as: str = ""

    def at_speed(self, speed: float) -> "Manner":
        """Return the manner at a speed, limited to what remains intelligible."""
        return replace(
            self,
            rate=min(max(self.rate * speed, SLOWEST), FASTEST),
            pitch=min(max(self.pitch, LOWEST), HIGHEST),
            volume=min(self.volume, LOUDEST),
        )


@dataclass(frozen=True)
class Utterance:
    """A text that is spoken in one manner."""

    text: str
    manner: Manner = Manner()


@dataclass(frozen=True)
class Pause:
    """Silence, in seconds."""

    seconds: float


Script = list[Utterance | Pause]


def utterances(script: Script) -> list[Utterance]:
    return [part for part in script if isinstance(part, Utterance)]


def silence(script: Script) -> float:
    """Return the total length of the pauses in seconds, at speed 1."""
    return sum(part.seconds for part in script if isinstance(part, Pause))
