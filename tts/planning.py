"""From a script to lines for the voices of one engine."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tts import engines
from tts.engines.engine import Engine, Line, OnlineEngine, Voice
from tts.text.languages import can_be_said, main_language, runs
from tts.text.script import Pause, Script, Utterance, utterances
from tts.text.speakable import speakable
from tts.text.splitter import passages, split


@dataclass(frozen=True)
class Step:
    """A line or a pause, and the share of the text that is done before it."""

    part: Line | Pause
    done: float


def plan(script: Script, engine: Engine, voice: Voice, speed: float) -> Iterator[Step]:
    """Give every part of a script to a voice of an engine, in lines that it can take.

    Yields as it goes, a passage at a time: the first is spoken while the others are planned.
    """
    total = sum(len(said.text) for said in utterances(script))
    before = 0
    for part in script:
        if isinstance(part, Pause):
            yield Step(Pause(part.seconds / speed), before / total)
            continue
        for passage in passages_for(engine, part.text):
            lines = list(cast(replace(part, text=passage), part.text, engine, voice, speed))
            for number, line in enumerate(lines):
                yield Step(line, (before + len(passage) * number / len(lines)) / total)
            before += len(passage)


def passages_for(engine: Engine, text: str) -> Iterable[str]:
    """Return the passages of a text: one where all of it must be there before the first sound."""
    return [text] if isinstance(engine, OnlineEngine) else passages(text, engine.longest)


def cast(
    said: Utterance, around: str, engine: Engine, voice: Voice, speed: float
) -> Iterator[Line]:
    """Yield the lines of a passage: another voice of the engine reads another language.

    Which language is the other one, the text `around` it tells.
    """
    manner = said.manner.at_speed(speed)
    main = manner.language or main_language(around)
    own = wished(manner.voice, engine.voices()) or voice
    text = speakable(said.text, main, manner.says_as)
    for language, run in runs(text, main):
        reader = engines.voice_for(engine, language, own)
        for part in filter(can_be_said, split(run, engine.longest)):
            yield Line(part, reader, manner.rate, manner.pitch, manner.volume)


def wished(name: str, voices: Sequence[Voice]) -> Voice | None:
    return next((voice for voice in voices if voice.name == name), None)
