"""Read a whole book aloud."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tts import terminal
from tts.errors import NothingToSay, SpeechError
from tts.management.commands.say import add_voice
from tts.synthesis import Piece, Wish, synthesise
from tts.text.splitter import split


class Command(BaseCommand):
    help = "Read a text file of any length aloud, into one MP3 file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the text, in UTF-8")
        parser.add_argument("-o", "--output", help="the MP3 file (FILE.mp3); - is standard output")
        add_voice(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        source = Path(options["file"])
        output = options["output"] or str(source.with_suffix(".mp3"))
        wish = Wish(
            self._read(source),
            voice=options["voice"],
            engine=options["engine"],
            speed=options["speed"],
        )
        try:
            seconds = terminal.write(whole(wish), output)
        except (SpeechError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{output}: {terminal.clock(seconds)}")

    @staticmethod
    def _read(source: Path) -> str:
        try:
            return source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{source} cannot be read: {error}") from error


def whole(wish: Wish) -> Iterator[Piece]:
    """Speak a text of any length, part by part: the MP3s of parts are an MP3 of the whole.

    Raises what synthesis does; NothingToSay only if that is true of the whole text.
    """
    spoken, seconds = 0, 0.0
    for part in split(wish.text, settings.TTS_MAX_CHARACTERS):
        length = 0.0
        try:
            for piece in synthesise(replace(wish, text=part)):
                length = piece.seconds
                done = (spoken + piece.done * len(part)) / len(wish.text)
                yield Piece(piece.data, seconds + length, done)
        except NothingToSay:
            pass
        spoken += len(part)
        seconds += length
    if not seconds:
        raise NothingToSay
