"""The interface of engines. Implement `OfflineEngine` or `OnlineEngine` to add one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tts.audio.sound import Sound

IsCancelled = Callable[[], bool]


@dataclass(frozen=True)
class Voice:
    """A voice. `name` is unique among the voices of all engines.

    `language` is the voice's own language, `reads` others that it reads well within a text of that
    language; both are codes such as "ru". `own_name` is the name in the engine. `gender` is
    "female", "male" or "" for synthetic voices. `gain` is the number of decibels that brings the
    voice to the common loudness (`tts.audio.loudness`); `benchmarks.tts.loudness` measures it.
    """

    name: str
    language: str
    gender: str
    engine: str
    licence: str
    label: str
    own_name: str
    reads: tuple[str, ...] = ()
    gain: float = 0.0

    def can_read(self, language: str) -> bool:
        """Return whether the voice reads a language."""
        return language == self.language or language in self.reads


@dataclass(frozen=True)
class Line:
    """Text for one voice. Rate, pitch and volume are factors; 1.0 is the voice's default."""

    text: str
    voice: Voice
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0


class Engine(Protocol):
    """What offline and online engines have in common.

    `name` is the id, `label` the name shown to users, `longest` the maximum number of characters
    in one line.
    """

    name: str
    label: str
    longest: int

    def voices(self) -> Sequence[Voice]:
        """Return the voices that are available now, the best of each language first."""


@runtime_checkable
class OfflineEngine(Engine, Protocol):
    """An engine that runs on this machine and yields sound while it speaks."""

    def warm(self) -> None:
        """Prepare for the next line in the background."""

    def speak(self, line: Line, is_cancelled: IsCancelled) -> Iterator[Sound]:
        """Speak one line.

        Raises `Cancelled` within 0.1 s of `is_cancelled` becoming true, and `EngineFailed`.
        """


@runtime_checkable
class OnlineEngine(Engine, Protocol):
    """An engine that requests audio from a server. Playing starts when all lines have arrived."""

    def fetch(self, lines: Sequence[Line], is_cancelled: IsCancelled) -> Sequence[Sound]:
        """Return the sound of every line; raises `Cancelled`, and `EngineFailed` if one fails."""
