"""Speaking in the terminal: into a file, with a bar that shows how far it is."""

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.core.management.base import CommandError

from tts.synthesis import Piece

# Columns of the bar, and of what is told beside it at most.
WIDEST, WORDS = 30, 40


class Bar:
    """A bar on a terminal; where there is none, nothing."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._started = time.monotonic()
        self._drawn_at = 0.0

    def show(self, done: float, seconds: float) -> None:
        now = time.monotonic()
        if not self._is_shown or (now - self._drawn_at < 0.1 and done < 1):
            return
        self._drawn_at = now
        width = min(WIDEST, os.get_terminal_size(sys.stderr.fileno()).columns - WORDS)
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
    """A file that appears whole or not at all; "-" is the standard output."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._draft = self._path.with_name(f"{self._path.name}.part")
        self._file: BinaryIO = sys.stdout.buffer if path == "-" else self._draft.open("wb")

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
        self._file.close()
        if error is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink()


def write(pieces: Iterable[Piece], path: str) -> float:
    """Write the pieces into a file, showing how far they are; returns the seconds of audio.

    Raises what making the pieces raises, OSError, and CommandError when somebody stops it.
    """
    seconds, bar = 0.0, Bar()
    try:
        with Output(path) as output:
            for piece in pieces:
                output.write(piece.data)
                seconds = piece.seconds
                bar.show(piece.done, seconds)
    except KeyboardInterrupt:
        raise CommandError("Stopped.", returncode=130) from None
    finally:
        bar.end()
    return seconds


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
