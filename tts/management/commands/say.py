"""Speak a text into a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tts import engines
from tts.audio.formats import FORMATS
from tts.errors import SpeechError
from tts.management import terminal
from tts.synthesis import SpeechSpec, synthesise
from tts.text.ssml import is_markup


class Command(BaseCommand):
    help = "Speak a text into an audio file. The extension of the file selects the format."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", nargs="?", help="the text to speak")
        parser.add_argument(
            "-o",
            "--output",
            default="speech.mp3",
            help="output file (default: speech.mp3); - writes MP3 to standard output",
        )
        add_voice(parser)
        parser.add_argument(
            "--ssml",
            action="store_true",
            help="treat the text as SSML (automatic if it begins with <speak>)",
        )
        parser.add_argument("--voices", action="store_true", help="list the voices and exit")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["voices"]:
            for voice in engines.voices():
                self.stdout.write(f"{voice.name:14} {voice.language}  {voice.label}")
            return
        if not options["text"]:
            raise CommandError("Give a text: manage.py say 'Hello!' -o hello.mp3")
        try:
            synthesis = synthesise(spec_of(options))
            seconds = terminal.write(synthesis, options["output"], synthesis.spec.format)
        except (SpeechError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(terminal.outcome(options["output"], seconds, [synthesis]))


def add_voice(parser: CommandParser) -> None:
    parser.add_argument("--voice", default="", help="name of a voice; see `manage.py say --voices`")
    parser.add_argument("--engine", default="", help="name of an engine, whose best voice is used")
    parser.add_argument("--speed", type=float, default=1.0, help="0.25 to 4 (default: 1)")


def spec_of(options: dict[str, Any]) -> SpeechSpec:
    given = {name: options[name] for name in ("text", "voice", "engine", "speed")}
    ending = Path(options["output"]).suffix.lstrip(".").lower()
    if options["output"] != "-" and ending not in FORMATS:
        raise CommandError(f"The extension of the file must be one of: {', '.join(FORMATS)}.")
    is_ssml = options["ssml"] or is_markup(options["text"])
    return SpeechSpec(**given, is_ssml=is_ssml, format=ending or "mp3")
