"""What is written for the eye alone: emoji get their names, marks and invisible signs go."""

import re
import unicodedata
from re import Match

import emoji

# Marks of Markdown around words; a link keeps its text.
LINK = re.compile(r"\[([^\]\n]{1,300})\]\([^()\s]{1,500}\)")
MARKS = re.compile(
    r"(?<!\w)(\*{1,3}|_{1,3}|~~|`{1,3})(?=\S)|(?<=\S)(\*{1,3}|_{1,3}|~~|`{1,3})(?!\w)"
)
HEADING = re.compile(r"^\s{0,3}(?:#{1,6}|>|[-*•])\s+", re.MULTILINE)
# A row of the same emoji is said once.
REPEATED = re.compile(r"(, [^,\n]{1,80},)\s*(?:\1\s*)+")
SPACES = re.compile(r"[^\S\n]+")
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
SKIN = re.compile(r"[\U0001F3FB-\U0001F3FF]")


def clean(text: str, language: str) -> str:
    """Return the text with names for emoji, and without what has no sound."""
    text = LINK.sub(r"\1", unicodedata.normalize("NFC", text))
    text = HEADING.sub("", text)
    text = MARKS.sub(unmarked, text)
    text = emoji.replace_emoji(SKIN.sub("", text), lambda found, _: f" {name(found, language)} ")
    text = REPEATED.sub(r"\1 ", text)
    text = "".join(sign for sign in text if sign == "\n" or audible(sign))
    return SPACES.sub(" ", text)


def unmarked(match: Match[str]) -> str:
    """Drop a mark; a single star after a number that nothing has opened is a star: отель 4*."""
    line = match.string.rfind("\n", 0, match.start()) + 1
    is_star = match[0] == "*" and match.string[match.start() - 1 : match.start()].isdigit()
    return "*" if is_star and match.string.find("*", line, match.start()) < 0 else ""


def name(found: str, language: str) -> str:
    """Return what an emoji is called, between commas so that it stands apart."""
    words = emoji.demojize(found, language=language, delimiters=("", ""))
    return f", {words.replace('_', ' ')}, "


def audible(sign: str) -> bool:
    return unicodedata.category(sign) not in INVISIBLE or sign == "\t"
