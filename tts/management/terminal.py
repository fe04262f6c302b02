"""Output of the commands: an audio file, and a progress bar in the terminal."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.core.management.base import CommandError

from tts.audio.formats import FORMATS, Format
from tts.synthesis import Piece, Synthesis

# Maximum columns of the bar, and columns reserved for the text beside it.
MAX_BAR_WIDTH, TEXT_WIDTH = 30, 40


class Bar:
    """A progress bar on standard error; prints nothing unless that is a terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._started = time.monotonic()
        self._drawn_at = 0.0

    def show(self, done: float, seconds: float) -> None:
        now = time.monotonic()
        if not self._is_shown or (now - self._drawn_at < 0.1 and done < 1):
            return
        self._drawn_at = now
        width = min(MAX_BAR_WIDTH, os.get_terminal_size(sys.stderr.fileno()).columns - TEXT_WIDTH)
        filled = round(done * width)
        left = (now - self._started) * (1 - done) / done if done > 0.02 else 0.0
        bar = "█" * filled + "░" * (width - filled)
        said = f"\r{bar} {done:4.0%}  {clock(seconds)} spoken"
        sys.stderr.write(f"{said}, {clock(left)} left\033[K" if left else f"{said}\033[K")
        sys.stderr.flush()

    def end(self) -> None:
        if self._is_shown:
            sys.stderr.write("\n")


class Output:
    """A file that appears only when complete, or standard output for "-".

    Formats whose header contains the length get it filled in, except on standard output.
    """

    def __init__(self, path: str, format: Format) -> None:
        self._complete = format.complete
        self._path = Path(path)
        self._draft = self._path.with_name(f"{self._path.name}.part")
        self._file: BinaryIO = sys.stdout.buffer if path == "-" else self._draft.open("w+b")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.flush()
        if self._file is sys.stdout.buffer:
            return
        try:
            if error is None and self._complete:
                self._complete(self._file)
        finally:
            self._file.close()
        if error is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink()


def write(pieces: Iterable[Piece], path: str, format: str = "mp3") -> float:
    """Write the pieces into a file with a progress bar; return the seconds of audio.

    Raises what the iteration raises, OSError, and CommandError on Ctrl-C.
    """
    seconds, bar = 0.0, Bar()
    try:
        with Output(path, FORMATS[format]) as output:
            for piece in pieces:
                output.write(piece.data)
                seconds = piece.seconds
                bar.show(piece.done, seconds)
    except KeyboardInterrupt:
        raise CommandError("Stopped.", returncode=130) from None
    finally:
        bar.end()
    return seconds


def outcome(output: str, seconds: float, syntheses: Sequence[Synthesis]) -> str:
    """Return a summary: the file, its length, the voices, and the reason for a fallback."""
    speakers = dict.fromkeys(f"{it.voice} ({it.spoken.engine})" for it in syntheses)
    reasons = dict.fromkeys(it.fell_back for it in syntheses if it.fell_back)
    instead = f"; fell back: {', '.join(reasons)}" if reasons else ""
    return f"{output}: {clock(seconds)}, {', '.join(speakers)}{instead}"


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
