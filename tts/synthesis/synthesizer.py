"""From the spec of a speech to the bytes of its audio file, piece by piece."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.conf import settings

from tts import engines
from tts.audio.formats import FORMATS
from tts.audio.loudness import Leveller
from tts.audio.sound import Silence, Sound
from tts.engines.engine import Engine, IsCancelled, Line, OfflineEngine, OnlineEngine, Voice
from tts.errors import BadSpeed, EngineFailed, PausesTooLong, TooMuchAudio, UnknownFormat
from tts.synthesis.planning import Step, main_reader, plan
from tts.text.reading import document_language, read
from tts.text.script import FASTEST, SLOWEST, Pause, Script, silence, utterances


@dataclass(frozen=True)
class SpeechSpec:
    """What is to be spoken, and how.

    `voice` and `engine` are names; "" stands for the best voice for the language of the text.
    `speed` is a factor from 0.25 to 4. `format` is a key of `tts.audio.formats.FORMATS`.
    """

    text: str
    is_ssml: bool = False
    voice: str = ""
    engine: str = ""
    speed: float = 1.0
    format: str = "mp3"


@dataclass(frozen=True)
class Piece:
    """The next bytes of the file, the seconds of audio so far, the share of the text done."""

    data: bytes
    seconds: float
    done: float


class Take(NamedTuple):
    """The next sound, the gain of its voice in decibels, the share of the text done."""

    sound: Sound
    gain: float
    done: float


def resolve(spec: SpeechSpec) -> SpeechSpec:
    """Validate a spec, and return it with the names of its voice and engine filled in.

    Raises `InvalidSpeech`: `NothingToSay`, `TextTooLong`, `BadMarkup`, `PausesTooLong`,
    `UnknownVoice`, `UnknownEngine`, `UnknownFormat`, `BadSpeed`.
    """
    if spec.format not in FORMATS:
        raise UnknownFormat(spec.format)
    if not SLOWEST <= spec.speed <= FASTEST:
        raise BadSpeed(SLOWEST, FASTEST)
    script = read_script(spec)
    if silence(script) / spec.speed > settings.TTS_MAX_SECONDS:
        raise PausesTooLong(settings.TTS_MAX_SECONDS)
    for utterance in utterances(script):
        if utterance.manner.voice:
            engines.named(utterance.manner.voice)
    voice = engines.choose(spec.voice, spec.engine, document_language(script))
    return replace(spec, voice=voice.name, engine=voice.engine)


def never() -> bool:
    """Return False: the cancellation check of a synthesis that cannot be cancelled."""
    return False


def synthesise(spec: SpeechSpec, *, is_cancelled: Callable[[], bool] = never) -> "Synthesis":
    """Return the synthesis of a spec, which starts when iterated; raises like `resolve`."""
    return Synthesis(resolve(spec), is_cancelled)


class Synthesis:
    """The synthesis of one file. Iterate over it once to get the pieces.

    From the first piece on, these attributes are final: `spoken`, the spec with the engine and
    voice in use, which after a fallback differ from the requested ones; `fell_back`, the reason for
    the fallback, else ""; and `voice`, the name of the voice that reads most of the text. The
    engine never changes in the middle of a text.

    Iterating raises `Cancelled` at most 0.1 s after `is_cancelled` becomes true, `EngineFailed` and
    `TooMuchAudio`. Closing the iterator stops the synthesis.
    """

    def __init__(self, spec: SpeechSpec, is_cancelled: Callable[[], bool]) -> None:
        self.spec = spec
        self.spoken = spec
        self.voice = spec.voice
        self.fell_back = ""
        self._is_cancelled = is_cancelled

    def __iter__(self) -> Iterator[Piece]:
        leveller, encoder = Leveller(), FORMATS[self.spec.format].encoder()
        seconds = 0.0
        for sound, gain, done in self._takes():
            seconds += sound.seconds
            if seconds > settings.TTS_MAX_SECONDS:
                raise TooMuchAudio(settings.TTS_MAX_SECONDS)
            samples = sound.samples() if isinstance(sound, Silence) else sound
            if data := encoder.add(leveller.add(samples, gain + samples.gain)):
                yield Piece(data, seconds, done)
        yield Piece(encoder.add(leveller.end()) + encoder.end(), seconds, 1.0)

    def _takes(self) -> Iterator[Take]:
        """Yield the sounds. Falls back to another engine only before the first sound."""
        last = None
        for engine, voice in self._speakers():
            self.spoken = replace(self.spec, engine=engine.name, voice=voice.name)
            spoken = self._speak(engine, voice)
            try:
                begun = until_sound(spoken)
            except EngineFailed as error:
                self.fell_back, last = error.reason, error
                continue
            yield from begun
            yield from spoken
            return
        raise last or EngineFailed("no engine is available")

    def _speakers(self) -> Iterator[tuple[Engine, Voice]]:
        """Yield the engines to try: the requested one, then the offline ones."""
        requested = engines.find(self.spec.engine)
        voice = engines.named(self.spec.voice, requested.name)
        yield requested, voice
        for engine in engines.offline():
            if engine is not requested:
                yield engine, engines.voice_for(engine, voice.language)

    def _speak(self, engine: Engine, voice: Voice) -> Iterator[Take]:
        script = read_script(self.spec)
        self.voice = main_reader(script, engine, voice).name
        steps = plan(script, engine, voice, self.spec.speed)
        for step, sounds in perform(steps, engine, self._is_cancelled):
            gain = step.part.voice.gain if isinstance(step.part, Line) else 0.0
            for sound in sounds:
                yield Take(sound, gain, step.done)


def until_sound(spoken: Iterator[Take]) -> list[Take]:
    """Return the takes up to the first sound; raises `EngineFailed` if there is none."""
    begun = []
    for take in spoken:
        begun.append(take)
        if take.sound.seconds and not isinstance(take.sound, Silence):
            return begun
    raise EngineFailed("the engine makes no sound for the text")


def read_script(spec: SpeechSpec) -> Script:
    """Return the script of a text or its markup; raises as `resolve` does."""
    return read(spec.text, spec.is_ssml, settings.TTS_MAX_CHARACTERS)


def perform(
    steps: Iterator[Step], engine: Engine, is_cancelled: IsCancelled
) -> Iterator[tuple[Step, Iterable[Sound]]]:
    """Yield the sounds of every step; those of an online engine are all fetched first."""
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
