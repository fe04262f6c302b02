"""From a script to lines for the voices of one engine."""

from collections.abc import Iterator, Sequence

from tts import engines
from tts.engines.engine import Engine, Line, Voice
from tts.text.languages import main_language, runs
from tts.text.script import Pause, Script, Utterance
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
    main = said.language or main_language(said.text)
    own = wished(said.voice, engine.voices()) or voice
    for language, text in runs(said.text, main):
        reader = engines.voice_for(engine, language, own)
        for part in filter(can_be_said, split(text, engine.longest)):
            yield Line(part, reader, said.rate * speed, said.pitch, said.volume)


def can_be_said(text: str) -> bool:
    """Tell whether there is more in it than punctuation, which some engines refuse."""
    return any(character.isalnum() for character in text)


def wished(name: str, voices: Sequence[Voice]) -> Voice | None:
    return next((voice for voice in voices if voice.name == name), None)
