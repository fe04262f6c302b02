"""Years, decades and centuries in English."""

import re
from re import Match

from tts.text.english.dates import START
from tts.text.english.numerals import DASH, cardinal, decade, ordinal, plural, row, year
from tts.text.scanning import Context, Rule, final_stop

CENTURY = re.compile(r"(?<![\w.,])(\d{1,2})(?:st|nd|rd|th)\s(?:c\.|cent\.|C\b\.?)")
HUNDREDS = re.compile(r"(?<=\b[Tt]he\s)([1-9]00)s(?!\w)")
DECADE = re.compile(r"(?<![\w.,:/$€£])['’]?(\d{3}0|\d0)['’]?s(?!\w)|(?<!\w)['’](\d0)s(?!\w)")
SHORT_YEAR = re.compile(r"(?<!\w)['’](\d\d)(?![\w'’])")
YEARS = re.compile(rf"{START}(1[1-9]\d\d|20\d\d){DASH}(1[1-9]\d\d|20\d\d|\d\d)(?![\w,.-]\d|\w|-\w)")
YEAR = re.compile(rf"{START}(10[1-9]\d|1[1-9]\d\d|20\d\d)(?!\w|[,.:/]\d|\s?%|-\w)")
CIRCA = re.compile(r"\b(?:ca?|[Ee]st)\.\s*$")
YEAR_WORDS = frozenset(
    row(
        "in of by since until till from to before after during year around between early late mid"
        " circa and or through spring summer autumn fall winter for class copyright edition ©"
    )
)
# Words in s after a year that are no plurals, so that nothing is counted.
NO_PLURALS = frozenset(row("was is has this as its"))
# What comes before seconds, and not before decades; and what is several and no decade.
LASTING = frozenset(row("for wait waits rest hold within every after takes took another than"))
SEVERAL = ("10", "100", "1000")
VERBS = frozenset(row("was were is had has began became came changed"))


def read_century(match: Match[str], context: Context) -> str:
    return f"{ordinal(int(match[1]))} century{final_stop(match, context)}"


def read_decade(match: Match[str], context: Context) -> str | None:
    if match.string.startswith(" of ", match.end()) and match[1] in SEVERAL:
        return None
    is_bare = match[0] == f"{match[1]}s" and len(match[1]) == 2
    if is_bare and context.word_before(match.start()) in LASTING:
        return None  # wait 30s
    return decade(int(match[1] or match[2]))


def read_hundreds(match: Match[str], context: Context) -> str:
    """Read "the 400s"."""
    return plural(cardinal(int(match[1])))


def read_short_year(match: Match[str], context: Context) -> str:
    number = int(match[1])
    return cardinal(number) if number > 9 else f"oh {cardinal(number)}"


def read_years(match: Match[str], context: Context) -> str | None:
    """Read "1939–1945", "the 2024-25 season"."""
    first, last = int(match[1]), match[2]
    if len(last) == 2:
        return f"{year(first)} to {cardinal(int(last))}" if int(last) > first % 100 else None
    return f"{year(first)} to {year(int(last))}" if int(last) > first else None


def read_year(match: Match[str], context: Context) -> str | None:
    """Read a number of four digits as a year where one can stand: in 1984, c. 1450, (2026)."""
    if CIRCA.search(match.string, max(0, match.start() - 5), match.start()):
        return year(int(match[1]))
    before, after = context.word_before(match.start()), context.word_after(match.end())
    token = next(context.before(match.start(), 1), None)
    sign = token.text if token else "."
    behind = [token.text for token in context.after(match.end(), 2)]
    is_counting = (
        VERBS.isdisjoint(behind)
        and after.islower()
        and after.endswith("s")
        and after not in NO_PLURALS
    )
    is_subject = sign in (".", "!", "?") and after.islower()
    is_apart = sign in ("(", ",") and not after
    words = {token.text.lower() for token in context.before(match.start(), 4)}
    is_apart = is_apart or (sign == ":" and "year" in words)
    is_year = before in YEAR_WORDS or is_apart or is_subject
    return year(int(match[1])) if is_year and not is_counting else None


RULES = [
    Rule("0", CENTURY, read_century),
    Rule("0", HUNDREDS, read_hundreds),
    Rule("0.", DECADE, read_decade),
    Rule(".", SHORT_YEAR, read_short_year),
]
# After times, which have the same numbers.
YEAR_RULES = [Rule("0", YEARS, read_years), Rule("0", YEAR, read_year)]
