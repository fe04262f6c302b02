"""A fake engine that makes tones instead of words, and records its lines."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tts.audio.sound import RATE, Samples
from tts.engines.engine import IsCancelled, Line, Voice
from tts.errors import Cancelled, EngineFailed

VOICE = Voice("tone", "ru", "female", "tone", "none", "Tone, the engine", "tone", ("en",))
SPARE = Voice("spare", "ru", "male", "spare", "none", "Spare", "spare", ("en",))
LETTER = Samples(b"\x00\x20\x00\xe0" * (RATE // 40))
"""A twentieth of a second."""


class ToneEngine:
    """Speaks a twentieth of a second for every letter, and remembers the lines."""

    name = "tone"
    label = "Tone"
    longest = 100
    voice = VOICE

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.letters = 0
        self.failures: list[str] = []
        self.at_each_letter: Callable[[], Any] = lambda: None

    def voices(self) -> Sequence[Voice]:
        return [self.voice]

    def warm(self) -> None:
        pass

    def speak(self, line: Line, is_cancelled: IsCancelled) -> Iterator[Samples]:
        self.spoken.append(line.text)
        if self.failures:
            raise EngineFailed(self.failures.pop(0))
        for _ in line.text:
            self.letters += 1
            self.at_each_letter()
            if is_cancelled():
                raise Cancelled
            yield LETTER


class SpareEngine(ToneEngine):
    """Another one, to fall back to."""

    name = "spare"
    label = "Spare"
    voice = SPARE
