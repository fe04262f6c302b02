"""What went wrong, for people: in their language."""

from django.utils.translation import gettext as _

from tts import errors
from tts.actions import TooManySpeeches


def sentence_on(error: Exception) -> str:
    """Return what to tell a person about an error of speech."""
    match error:
        case errors.NothingToSay():
            return _("There is nothing to say in this text.")
        case errors.TextTooLong(limit=limit):
            return _("The text is longer than %(limit)s characters.") % {"limit": limit}
        case errors.BadMarkup(line=line, column=column, what=what):
            place = {"line": line, "column": column, "what": what}
            return _("The markup is wrong in line %(line)s, column %(column)s: %(what)s") % place
        case errors.UnknownVoice() | errors.UnknownEngine():
            return _("There is no such voice here.")
        case TooManySpeeches():
            return _("Too many of your texts are being spoken. Wait for one of them.")
        case ConnectionError():
            return _("The files cannot be reached just now. Try again in a minute.")
    return str(error)
