"""Reading a plain text or SSML into a script, within the limits."""

from tts.errors import NothingToSay, TextTooLong
from tts.text.script import Pause, Script, Utterance, utterances

PARAGRAPH_PAUSE = 0.5


def read(text: str, is_ssml: bool, limit: int) -> Script:
    """Return what a text says.

    Raises `BadMarkup`, `TextTooLong` for more than `limit` characters, `NothingToSay`.
    """
    if len(text) > limit:
        raise TextTooLong(limit)
    script = paragraphs(text)
    if not any(character.isalnum() for part in utterances(script) for character in part.text):
        raise NothingToSay
    return script


def paragraphs(text: str) -> Script:
    """Read a plain text: a pause between paragraphs, which are lines with an empty one between."""
    script: Script = []
    for paragraph in filter(str.strip, text.split("\n\n")):
        if script:
            script.append(Pause(PARAGRAPH_PAUSE))
        script.append(Utterance(paragraph))
    return script
