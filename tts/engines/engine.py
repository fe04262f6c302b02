"""What every engine is: voices, and a way to speak with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tts.audio.sound import Sound

IsCancelled = Callable[[], bool]


@dataclass(frozen=True)
class Voice:
    """A voice that can be asked for by `name`, which no other voice of any engine has.

    `language` is what it speaks, `reads` the other languages that it reads well inside of that;
    `own_name` is what the engine calls it. `gender` is "female", "male" or "" for a machine's.
    """

    name: str
    language: str
    gender: str
    engine: str
    licence: str
    label: str
    own_name: str
    reads: tuple[str, ...] = ()

    def can_read(self, language: str) -> bool:
        return language == self.language or language in self.reads


@dataclass(frozen=True)
class Line:
    """Words for one voice. Rate, pitch and volume are factors: 1.0 is the voice's own."""

    text: str
    voice: Voice
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0


class Engine(Protocol):
    """A way to make speech: an `OfflineEngine` or an `OnlineEngine`.

    `longest` is the most characters of one line.
    """

    name: str
    label: str
    longest: int

    def voices(self) -> Sequence[Voice]:
        """Return its voices that can be used on this machine now, the best of a language first."""


@runtime_checkable
class OfflineEngine(Engine, Protocol):
    """Speaks on this machine, giving sound as it is made."""

    def warm(self) -> None:
        """Get ready to speak, without waiting for it."""

    def speak(self, line: Line, is_cancelled: IsCancelled) -> Iterator[Sound]:
        """Speak one line.

        Raises `Cancelled` within 0.1 s of `is_cancelled` becoming true, and `EngineFailed`.
        """


@runtime_checkable
class OnlineEngine(Engine, Protocol):
    """Has a server speak. Nothing is played before all of it is there."""

    def fetch(self, lines: Sequence[Line], is_cancelled: IsCancelled) -> Sequence[Sound]:
        """Return the sound of every line; raises `Cancelled`, and `EngineFailed` if any fails."""
