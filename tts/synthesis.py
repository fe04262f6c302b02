"""From a wish to the bytes of an audio file, as they are made."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from django.conf import settings

from tts import engines
from tts.audio.formats import FORMATS
from tts.audio.sound import Silence, Sound
from tts.engines.engine import Engine, IsCancelled, Line, OfflineEngine, OnlineEngine, Voice
from tts.errors import BadSpeed, EngineFailed, TooMuchAudio, UnknownFormat
from tts.planning import Step, plan
from tts.text.languages import main_language
from tts.text.reading import read
from tts.text.script import FASTEST, SLOWEST, Pause, Script, utterances


@dataclass(frozen=True)
class Wish:
    """What is to be said, and how. Without a voice, the best one for the text's language speaks."""

    text: str
    is_ssml: bool = False
    voice: str = ""
    engine: str = ""
    speed: float = 1.0
    format: str = "mp3"


@dataclass(frozen=True)
class Piece:
    """The next bytes of the file, the seconds of audio so far, and how much of the text is done."""

    data: bytes
    seconds: float
    done: float


def check(wish: Wish) -> Wish:
    """Return the wish with its voice and engine settled, before anything is made.

    Raises a `BadWish`: `NothingToSay`, `TextTooLong`, `BadMarkup`, `UnknownVoice`, `UnknownEngine`,
    `UnknownFormat`, `BadSpeed`.
    """
    if wish.format not in FORMATS:
        raise UnknownFormat(wish.format)
    if not SLOWEST <= wish.speed <= FASTEST:
        raise BadSpeed(SLOWEST, FASTEST)
    script = read_wish(wish)
    for utterance in utterances(script):
        if utterance.manner.voice:
            engines.named(utterance.manner.voice)
    said = " ".join(utterance.text for utterance in utterances(script))
    voice = engines.choose(wish.voice, wish.engine, main_language(said))
    return replace(wish, voice=voice.name, engine=voice.engine)


def never() -> bool:
    return False


def synthesise(wish: Wish, *, is_cancelled: Callable[[], bool] = never) -> "Synthesis":
    """Check a wish and return what will make it when iterated over; raises as `check` does."""
    return Synthesis(check(wish), is_cancelled)


class Synthesis:
    """One file being made: iterate over it once for its pieces.

    `engine`, `voice` and `fell_back` are final when the first piece is there. `fell_back` tells why
    another engine than the wished one spoke; the change is never in the middle of a text.

    Iterating raises `Cancelled` at most 0.1 s after `is_cancelled` became true, `EngineFailed` and
    `TooMuchAudio`. Closing the iterator stops the work too.
    """

    def __init__(self, wish: Wish, is_cancelled: Callable[[], bool]) -> None:
        self.wish = wish
        self.engine = wish.engine
        self.voice = wish.voice
        self.fell_back = ""
        self._is_cancelled = is_cancelled

    def __iter__(self) -> Iterator[Piece]:
        encoder = FORMATS[self.wish.format].encoder()
        seconds = 0.0
        for sound, done in self._sounds():
            seconds += sound.seconds
            if seconds > settings.TTS_MAX_SECONDS:
                raise TooMuchAudio(settings.TTS_MAX_SECONDS)
            if data := encoder.add(sound):
                yield Piece(data, seconds, done)
        yield Piece(encoder.end(), seconds, 1.0)

    def _sounds(self) -> Iterator[tuple[Sound, float]]:
        """Yield the sound, and how much of the text is done; falls back before the first only."""
        last = None
        for engine, voice in self._speakers():
            self.engine, self.voice = engine.name, voice.name
            spoken = self._speak(engine, voice)
            try:
                begun = until_sound(spoken)
            except EngineFailed as error:
                self.fell_back, last = error.reason, error
                continue
            yield from begun
            yield from spoken
            return
        raise last or EngineFailed("no engine can speak here")

    def _speakers(self) -> Iterator[tuple[Engine, Voice]]:
        """Yield who may speak: the wished engine, then those of this machine."""
        wished = engines.find(self.wish.engine)
        voice = engines.named(self.wish.voice, wished.name)
        yield wished, voice
        for engine in engines.offline():
            if engine is not wished:
                yield engine, engines.voice_for(engine, voice.language)

    def _speak(self, engine: Engine, voice: Voice) -> Iterator[tuple[Sound, float]]:
        steps = plan(read_wish(self.wish), engine, voice, self.wish.speed)
        for step, sounds in perform(steps, engine, self._is_cancelled):
            for sound in sounds:
                yield sound, step.done


def until_sound(spoken: Iterator[tuple[Sound, float]]) -> list[tuple[Sound, float]]:
    """Take the pauses and the first sound; raises `EngineFailed` when none comes."""
    begun = []
    for sound, done in spoken:
        begun.append((sound, done))
        if sound.seconds and not isinstance(sound, Silence):
            return begun
    raise EngineFailed("the engine makes no sound of the text")


def read_wish(wish: Wish) -> Script:
    return read(wish.text, wish.is_ssml, settings.TTS_MAX_CHARACTERS)


def perform(
    steps: Iterator[Step], engine: Engine, is_cancelled: IsCancelled
) -> Iterator[tuple[Step, Iterable[Sound]]]:
    """Yield the sounds of every step. Those of an online engine are all there before the first."""
    fetched: Iterator[Sound] = iter(())
    if isinstance(engine, OnlineEngine):
        known = list(steps)
        lines = [step.part for step in known if isinstance(step.part, Line)]
        steps, fetched = iter(known), iter(engine.fetch(lines, is_cancelled))
    for step in steps:
        if isinstance(step.part, Pause):
            yield step, [Silence(step.part.seconds)]
        elif isinstance(engine, OfflineEngine):
            yield step, engine.speak(step.part, is_cancelled)
        else:
            yield step, [next(fetched)]
