"""What can stand in the way of speech."""

from django.utils.functional import Promise
from django.utils.translation import override


class SpeechError(Exception):
    """The speech cannot be made."""


class BadWish(SpeechError):
    """What was asked for cannot be spoken, however often one tries."""


class NothingToSay(BadWish):
    """There is nothing in the text that could be spoken."""

    def __init__(self) -> None:
        super().__init__("There is nothing to say in the text.")


class TextTooLong(BadWish):
    """The text has more characters than one speech may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The text is longer than {limit} characters.")
        self.limit = limit


class BadMarkup(BadWish):
    """The SSML is not well-formed, or uses what is not understood here.

    `line` and `column` count from 1; `what` says what is wrong there, in the language of whoever
    reads it, while the message, which is for programs, is English.
    """

    def __init__(self, line: int, column: int, what: str | Promise) -> None:
        with override(None):
            super().__init__(f"Line {line}, column {column}: {what}")
        self.line, self.column, self.what = line, column, what


class UnknownVoice(BadWish):
    """No engine here has a voice of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no voice {name[:50]!r}.")


class UnknownEngine(BadWish):
    """There is no engine of this name here, or it cannot run on this machine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no engine {name[:50]!r}.")


class UnknownFormat(BadWish):
    """Audio is not made in this format."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no format {name[:50]!r}.")


class BadSpeed(BadWish):
    """The speed is out of the range that stays intelligible."""

    def __init__(self, slowest: float, fastest: float) -> None:
        super().__init__(f"The speed must be between {slowest} and {fastest}.")


class Cancelled(SpeechError):
    """The speech is not wanted any more."""

    def __init__(self) -> None:
        super().__init__("The speech was cancelled.")


class EngineFailed(SpeechError):
    """The engine could not speak; another try or another engine may."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuchAudio(SpeechError):
    """The text became more seconds of audio than one speech may have."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The speech is longer than {seconds:.0f} seconds.")
        self.seconds = seconds
