"""Errors of speech, and how to explain them to users."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override


class SpeechError(Exception):
    """The speech cannot be made."""


class InvalidSpeech(SpeechError):
    """What was requested cannot be spoken; a retry would not help."""


class NothingToSay(InvalidSpeech):
    """The text contains nothing that can be spoken."""

    def __init__(self) -> None:
        super().__init__("The text contains nothing that can be spoken.")


class TextTooLong(InvalidSpeech):
    """The text has more characters than a speech may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The text is longer than {limit} characters.")
        self.limit = limit


class PausesTooLong(InvalidSpeech):
    """The pauses alone last longer than a speech may."""

    def __init__(self, limit: float) -> None:
        super().__init__(
            f"The pauses alone last longer than {limit:.0f} seconds, the maximum for a speech."
            " Shorten them."
        )
        self.limit = limit


class BadMarkup(InvalidSpeech):
    """The SSML is not well-formed, or uses a feature that is not supported.

    `line` and `column` count from 1. `what` describes the problem in the reader's language; the
    message of the exception is for programs and always English.
    """

    def __init__(self, line: int, column: int, what: str | Promise) -> None:
        with override(None):
            super().__init__(f"Line {line}, column {column}: {what}")
        self.line, self.column, self.what = line, column, what


class UnknownVoice(InvalidSpeech):
    """No engine here has a voice of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no voice {name[:50]!r}.")


class UnknownEngine(InvalidSpeech):
    """There is no engine of this name, or it cannot run on this machine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no engine {name[:50]!r}.")


class UnknownFormat(InvalidSpeech):
    """Audio cannot be encoded in this format."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no format {name[:50]!r}.")


class BadSpeed(InvalidSpeech):
    """The speed is out of the range that stays intelligible."""

    def __init__(self, slowest: float, fastest: float) -> None:
        super().__init__(f"The speed must be between {slowest} and {fastest}.")


class InvalidRoute(InvalidSpeech):
    """The route id cannot be stored."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"A route id has at most {limit} characters and no NUL.")


class TooManySpeeches(Exception):
    """The owner has as many unfinished speeches as TTS_MAX_OPEN allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"There are {limit} unfinished speeches, the maximum. Wait for one.")


class Cancelled(SpeechError):
    """The speech is no longer wanted."""

    def __init__(self) -> None:
        super().__init__("The speech was cancelled.")


class EngineFailed(SpeechError):
    """The engine could not speak; a retry or another engine may succeed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuchAudio(SpeechError):
    """The text became more seconds of audio than a speech may have."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The speech is longer than {seconds:.0f} seconds.")
        self.seconds = seconds


def message_for(error: Exception) -> str:
    """Return what to show a user for an error of a request, in the current language."""
    match error:
        case NothingToSay():
            return _("This text contains nothing that can be spoken.")
        case TextTooLong(limit=limit):
            return _("The text is longer than %(limit)s characters.") % {"limit": limit}
        case BadMarkup(line=line, column=column, what=what):
            place = {"line": line, "column": column, "what": what}
            return _("Markup error in line %(line)s, column %(column)s: %(what)s") % place
        case PausesTooLong(limit=limit):
            return _(
                "The pauses alone last longer than %(limit)d seconds, the maximum for a speech."
                " Shorten them."
            ) % {"limit": limit}
        case UnknownVoice() | UnknownEngine():
            return _("This voice is not available.")
        case TooManySpeeches():
            return _("You have too many unfinished texts. Wait until one of them is ready.")
        case ConnectionError():
            return _("The audio storage is unavailable. Try again in a minute.")
    return str(error)
