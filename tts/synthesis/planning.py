"""Planning: a script becomes lines for the voices of one engine."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tts import engines
from tts.engines.engine import Engine, Line, OnlineEngine, Voice
from tts.text.languages import can_be_said, runs
from tts.text.reading import document_language
from tts.text.script import Manner, Pause, Script, Utterance, utterances
from tts.text.speakable import speakable
from tts.text.splitter import passages, split


@dataclass(frozen=True)
class Step:
    """A line or a pause, and the share of the text before it (0 to 1)."""

    part: Line | Pause
    done: float


def plan(script: Script, engine: Engine, voice: Voice, speed: float) -> Iterator[Step]:
    """Assign every part of a script to a voice of the engine, in lines of at most `engine.longest`.

    Works passage by passage, so that the first is spoken while later ones are planned.
    """
    total = sum(len(said.text) for said in utterances(script))
    document = document_language(script, voice.language)
    before = 0
    for part in script:
        if isinstance(part, Pause):
            yield Step(Pause(part.seconds / speed), before / total)
            continue
        for passage in passages_for(engine, part.text):
            lines = list(cast(replace(part, text=passage), document, engine, voice, speed))
            for number, line in enumerate(lines):
                yield Step(line, (before + len(passage) * number / len(lines)) / total)
            before += len(passage)


def passages_for(engine: Engine, text: str) -> Iterable[str]:
    """Return the passages of a text: a single one for online engines, which need the whole text."""
    return [text] if isinstance(engine, OnlineEngine) else passages(text, engine.longest)


def cast(
    said: Utterance, document: str, engine: Engine, voice: Voice, speed: float
) -> Iterator[Line]:
    """Yield the lines of a passage, each with a voice of the engine for its language.

    `document` is the language of parts whose language neither markup nor a voice determines.
    """
    manner = said.manner.at_speed(speed)
    main = language_of(manner, document)
    own = own_voice(manner, engine, voice)
    text = speakable(said.text, main, manner.says_as)
    for language, run in runs(text, main):
        reader = engines.voice_for(engine, language, own)
        for part in filter(can_be_said, split(run, engine.longest)):
            yield Line(part, reader, manner.rate, manner.pitch, manner.volume)


def main_reader(script: Script, engine: Engine, voice: Voice) -> Voice:
    """Return the voice that reads most of a script."""
    document = document_language(script, voice.language)
    characters: Counter[Voice] = Counter()
    for said in utterances(script):
        own = own_voice(said.manner, engine, voice)
        reader = engines.voice_for(engine, language_of(said.manner, document), own)
        characters[reader] += len(said.text)
    return max(characters, key=lambda reader: characters[reader], default=voice)


def language_of(manner: Manner, document: str) -> str:
    """Return the language set by markup, directly or by a voice, else that of the document."""
    if manner.language or not manner.voice:
        return manner.language or document
    return engines.named(manner.voice).language


def own_voice(manner: Manner, engine: Engine, voice: Voice) -> Voice:
    """Return the voice set by markup if the engine has it, else that of the speech."""
    return next((own for own in engine.voices() if own.name == manner.voice), voice)
