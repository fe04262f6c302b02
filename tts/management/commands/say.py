"""Say a text in the terminal."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tts import engines, terminal
from tts.audio.formats import FORMATS
from tts.errors import SpeechError
from tts.synthesis import Wish, synthesise


class Command(BaseCommand):
    help = "Say a text: writes an audio file, in the format that its name ends with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", nargs="?", help="what to say")
        parser.add_argument(
            "-o",
            "--output",
            default="speech.mp3",
            help="the file (speech.mp3); - is the standard output, as MP3",
        )
        add_voice(parser)
        parser.add_argument("--ssml", action="store_true", help="the text is SSML")
        parser.add_argument("--voices", action="store_true", help="list the voices and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["voices"]:
            for voice in engines.voices():
                self.stdout.write(f"{voice.name:14} {voice.language}  {voice.label}")
            return
        if not options["text"]:
            raise CommandError("What shall I say? manage.py say 'Hello!' -o hello.mp3")
        try:
            seconds = terminal.write(synthesise(wish_of(options)), options["output"])
        except (SpeechError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{options['output']}: {terminal.clock(seconds)}")


def add_voice(parser: CommandParser) -> None:
    parser.add_argument("--voice", default="", help="who speaks; see `manage.py say --voices`")
    parser.add_argument("--engine", default="", help="which engine speaks, with its best voice")
    parser.add_argument("--speed", type=float, default=1.0, help="from 0.25 to 4 (1)")


def wish_of(options: dict[str, Any]) -> Wish:
    given = {name: options[name] for name in ("text", "voice", "engine", "speed")}
    ending = Path(options["output"]).suffix.lstrip(".").lower()
    if options["output"] != "-" and ending not in FORMATS:
        raise CommandError(f"The file must end with one of: {', '.join(FORMATS)}.")
    return Wish(**given, is_ssml=options["ssml"], format=ending or "mp3")
