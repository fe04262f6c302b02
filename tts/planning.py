"""From a script to lines for the voices of one engine."""

from collections.abc import Iterator, Sequence

from tts import engines
from tts.engines.engine import Engine, Line, Voice
from tts.text.languages import can_be_said, main_language, runs
from tts.text.script import Pause, Script, Utterance
from tts.text.speakable import speakable
from tts.text.splitter import split


def plan(script: Script, engine: Engine, voice: Voice, speed: float) -> list[Line | Pause]:
    """Give every part of a script to a voice of an engine, in lines that it can take."""
    lines: list[Line | Pause] = []
    for part in script:
        if isinstance(part, Pause):
            lines.append(Pause(part.seconds / speed))
        else:
            lines += cast(part, engine, voice, speed)
    return lines


def cast(said: Utterance, engine: Engine, voice: Voice, speed: float) -> Iterator[Line]:
    """Yield the lines of one utterance: another voice of the engine reads another language."""
    manner = said.manner.at_speed(speed)
    main = manner.language or main_language(said.text)
    own = wished(manner.voice, engine.voices()) or voice
    text = speakable(said.text, main, manner.says_as)
    for language, run in runs(text, main):
        reader = engines.voice_for(engine, language, own)
        for part in filter(can_be_said, split(run, engine.longest)):
            yield Line(part, reader, manner.rate, manner.pitch, manner.volume)


def wished(name: str, voices: Sequence[Voice]) -> Voice | None:
    return next((voice for voice in voices if voice.name == name), None)
