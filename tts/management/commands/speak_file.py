"""Speak a text file of any length."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tts.errors import NothingToSay, SpeechError
from tts.management import terminal
from tts.management.commands.say import add_voice
from tts.synthesis import Piece, SpeechSpec, Synthesis, synthesise
from tts.text.splitter import split


class Command(BaseCommand):
    help = "Speak a text file of any length into one MP3 file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="text file in UTF-8")
        parser.add_argument(
            "-o", "--output", help="output file (default: FILE.mp3); - is standard output"
        )
        add_voice(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        source = Path(options["file"])
        output = options["output"] or str(source.with_suffix(".mp3"))
        spec = SpeechSpec(
            self._read(source),
            voice=options["voice"],
            engine=options["engine"],
            speed=options["speed"],
        )
        syntheses: list[Synthesis] = []
        try:
            seconds = terminal.write(whole(spec, syntheses), output)
        except (SpeechError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(terminal.outcome(output, seconds, syntheses))

    @staticmethod
    def _read(source: Path) -> str:
        try:
            return source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{source} cannot be read: {error}") from error


def whole(spec: SpeechSpec, syntheses: list[Synthesis]) -> Iterator[Piece]:
    """Speak a text of any length in parts; the concatenated MP3s of the parts are a valid MP3.

    Adds the synthesis of each part to `syntheses`. Raises what synthesis raises; NothingToSay only
    if no part contains anything to speak.
    """
    spoken, seconds = 0, 0.0
    for part in split(spec.text, settings.TTS_MAX_CHARACTERS):
        length = 0.0
        try:
            syntheses.append(synthesise(replace(spec, text=part)))
            for piece in syntheses[-1]:
                length = piece.seconds
                done = (spoken + piece.done * len(part)) / len(spec.text)
                yield Piece(piece.data, seconds + length, done)
        except NothingToSay:
            pass
        spoken += len(part)
        seconds += length
    if not seconds:
        raise NothingToSay
