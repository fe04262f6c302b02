"""Quantities that describe a noun and have a unit in the singular: a 12 ft ladder, a $5 bill."""

from re import Match

from tts.text.english.numerals import row
from tts.text.scanning import Context

DETERMINERS = frozenset(
    row(
        "a an the this that each every another one his her my our your their its no any two three"
        " four five six seven eight nine ten"
    )
)
# What follows a quantity that stands for itself: "the 20 min we had".
NO_NOUNS = frozenset(
    row(
        "a an the this that these those of to in on at by for from with without within into onto"
        " over under through until till per than as about around above below before after since"
        " between behind beyond past across along against during near off out up down and or but"
        " nor so if when while where which who whom whose because though although is are was were"
        " be been being am has have had do does did will would can could shall should may might"
        " must i you he she it we they me him us them there here then now ago away apart early"
        " later late earlier ahead back long wide tall high deep thick old short more less extra"
        " each every total only just also too not north south east west left remaining minimum"
        " maximum daily weekly monthly yearly annually today tomorrow tonight yesterday again"
        " plus minus times versus went goes came comes made makes gets got took takes cost costs"
    )
)


def singular(one: str) -> str:
    """Return the name of a unit that describes a noun."""
    return "pence" if one == "penny" else one


def is_attribute(match: Match[str], context: Context) -> bool:
    """Tell whether a noun follows right behind, and an article or a number is before.

    An adjective may stand between, but behind "a" alone: "the remaining 5 lb" may be the subject.
    """
    if match[0].endswith(".") and context.ends_sentence(match.end()):
        return False
    after = context.word_after(match.end())
    is_can = [token.text for token in context.after(match.end(), 2)] == ["can", "of"]
    if (
        not after
        or (after.lower() in NO_NOUNS and not is_can)
        or not match.string[match.end()].isspace()
    ):
        return False
    before = [token.text.lower() for token in context.before(match.start(), 2)]
    if not before:
        return False
    if before[0] in DETERMINERS or before[0] in ("x", "×") or before[0].isdigit():
        return True
    return before[0].isalpha() and before[1:] in (["a"], ["an"])
