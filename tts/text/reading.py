"""Reading a plain text or SSML into a script, within the limits."""

from tts.errors import NothingToSay, TextTooLong
from tts.text.languages import can_be_said, main_language
from tts.text.script import Manner, Pause, Script, Utterance, utterances
from tts.text.speakable import speakable
from tts.text.ssml import PARAGRAPH_PAUSE, parse

# Markup may be this many times as long as what it says.
MARKUP = 4


def read(text: str, is_ssml: bool, limit: int) -> Script:
    """Return what a text says.

    Raises `BadMarkup`, `TextTooLong` for more than `limit` characters, `NothingToSay`.
    """
    if len(text) > (limit * MARKUP if is_ssml else limit):
        raise TextTooLong(limit)
    script = parse(text) if is_ssml else paragraphs(text)
    said = "".join(part.text for part in utterances(script))
    if len(said) > limit:
        raise TextTooLong(limit)
    if not (can_be_said(said) or can_be_said(speakable(said, main_language(said)))):
        raise NothingToSay  # not even a sign that has a name, like an emoji
    return script


def paragraphs(text: str) -> Script:
    """Read a plain text: a pause between paragraphs, which are lines with an empty one between.

    A paragraph in another language than the text's main one is marked as such.
    """
    script: Script = []
    main = main_language(text)
    for paragraph in filter(str.strip, text.split("\n\n")):
        if script:
            script.append(Pause(PARAGRAPH_PAUSE))
        language = main_language(paragraph, main)
        script.append(Utterance(paragraph, Manner(language="" if language == main else language)))
    return script


def document_language(script: Script, default: str = "ru") -> str:
    """Return the language of all that no markup assigns to a language, by its letters.

    Where nothing is left, the first assigned language counts; without letters, the default.
    """
    said = utterances(script)
    assigned = (part.manner.language for part in said if part.manner.language)
    unassigned = "".join(part.text for part in said if not part.manner.language)
    return main_language(unassigned, next(assigned, default))
