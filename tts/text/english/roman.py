"""Roman numerals in English: of rulers, wars, chapters, sequels."""

import re
from re import Match

from tts.text.english.numerals import cardinal, ordinal, row
from tts.text.english.tables.words import LABELS as SHORT_LABELS
from tts.text.scanning import Context, Rule

NUMERAL = re.compile(r"(?<![\w.'’])([IVXLCDM]{1,8}|[ivxl]{1,7})(?!\w|&|['’](?!s\b)|\.\w)")
SPAN = re.compile(
    r"(?<![\w.])([IVXLCDM]{1,8}|[ivxl]{1,7})\s?[–—-]\s?([IVXLCDM]{1,8}|[ivxl]{1,7})(?![\w-])"
)
# Numerals that stand for nothing else, whatever is around.
CLEAR = re.compile(r"II|IX|XI|XV|(?!XXX$)[IVX]{3,}")
# A further numeral of a list.
LISTED = re.compile(r"(?:,|\s?[&–-]|,?\s(?:and|or|to))\s?[IVXLC]+\b")
VALID = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
RULERS = frozenset(
    row(
        "henry louis elizabeth charles james george william edward richard mary philip"
        " napoleon peter catherine nicholas alexander paul john pius benedict francis leo"
        " gregory innocent clement urban frederick wilhelm ferdinand charlemagne alfonso"
        " carlos juan felipe margaret christian gustav ivan ramses ramesses otto rudolf"
        " leopold albert victor umberto constantine justinian tsar haile augustus sixtus"
        " boniface julius anne ferdinand harald olaf haakon selim murad mehmed suleiman"
        " cleopatra darius xerxes artaxerxes antiochus menelik romulus francis"
    )
)
# What stands before the name of a ruler, and the first names of people with a numeral.
REIGNING = frozenset(
    row(
        "king queen pope emperor empress tsar czar sultan shah prince duke kaiser pharaoh"
        " patriarch robert thomas michael david joseph harry walter davis samuel daniel theodore"
    )
)
LABELS = frozenset(
    row(
        "chapter part volume book section act scene war phase type class grade level stage"
        " title appendix article figure table episode season series world unit module lesson"
        " category group tier bowl division schedule annex round game version mark wrestlemania"
        " canto exhibit verse page pages footnote note clause line paragraph item step question"
        " factor nerve olympiad"
    )
)
ACRONYMS = frozenset(
    row("IV CD DC MC MD CV DIV MIX LCD MM CM DI CC DM ID LL XL XXL MI VI IX CIVIL DIM MILD LID VIM")
)
NUMERALS_TOO = frozenset(row("IV VI IX"))
INTRAVENOUS = frozenset(
    row("drip drips fluid fluids line lines bag pole therapy antibiotics access")
)


def number_of(written: str) -> int:
    if not VALID.fullmatch(written):
        return 0
    values = [VALUES[letter] for letter in written]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)


def read_numeral(match: Match[str], context: Context) -> str | None:
    written, number = match[1], number_of(match[1].upper())
    if not number:
        return None
    after = context.word_after(match.end()).lower()
    if after in ("century", "centuries"):
        return ordinal(number)
    if written == "IV" and (after in INTRAVENOUS or context.word_before(match.start()) == "an"):
        return None
    if is_labelled(match, context):
        return cardinal(number)
    if written.islower():
        return cardinal(number) if is_item(match) else None
    before = context.word_before(match.start())
    if before == "the" and len(written) > 1 and after:
        return ordinal(number) if written not in ACRONYMS else None
    return read_name(match, context) or (cardinal(number) if CLEAR.fullmatch(written) else None)


def is_labelled(match: Match[str], context: Context) -> bool:
    """Tell what is numbered: "Chapter IV", "Vol. II", "page xii"."""
    tokens = [token.text for token in context.before(match.start(), 2)]
    if len(tokens) > 1 and tokens[0] == "." and tokens[1] in SHORT_LABELS:
        return True
    label = tokens[0].lower() if tokens else ""
    if label.endswith("s") and label[:-1] in LABELS:  # Articles I, II and III
        return len(match[1]) > 1 or LISTED.match(match.string, match.end()) is not None
    if label not in LABELS:
        return False
    if len(match[1]) > 1:
        return True
    # A letter in lower case may be a word of its own: "in part i agree".
    return match[1] in "IVX" or (match[1] in "ivx" and not context.word_after(match.end()))


def is_item(match: Match[str]) -> bool:
    """Tell the items of a list: (i), (ii)."""
    text, start, end = match.string, *match.span()
    is_in_brackets = text[start - 1 : start] == "(" and text[end : end + 1] == ")"
    return is_in_brackets and (len(match[1]) > 1 or (match[1] == "i" and "(ii)" in text))


def read_name(match: Match[str], context: Context) -> str | None:
    """Read the number of a ruler, of a namesake or of a sequel: Henry VIII, Rocky IV."""
    written, number = match[1], number_of(match[1])
    tokens = list(context.before(match.start(), 2))
    before = tokens[0] if tokens else None
    if before is None or not before.is_word or not before.text[0].isupper() or number >= 40:
        return None
    if not context.text[before.end].isspace():
        return None
    first = tokens[1].text.lower() if len(tokens) > 1 else ""
    if before.text.lower() in RULERS or (
        len(written) > 1 and (first in REIGNING or first in RULERS)
    ):
        is_pronoun = written == "I" and first not in REIGNING and is_verb_after(match, context)
        return None if is_pronoun else f"the {ordinal(number)}"
    if (
        len(written) > 1
        and not before.text.isupper()
        and written not in ACRONYMS - {"IV", "VI", "IX"}
    ):
        return cardinal(number)
    return None


def is_verb_after(match: Match[str], context: Context) -> bool:
    """Tell the pronoun from the first of a name: "told Henry I am"."""
    return context.word_after(match.end()).lower() in {
        "am", "was", "will", "have", "had", "can", "do", "did", "think", "know", "would", "could",
        "should", "want", "need", "saw", "love", "like", "hope", "met",
    }  # fmt: skip


def read_span(match: Match[str], context: Context) -> str | None:
    """Read "Chapters I-III"."""
    first, last = number_of(match[1].upper()), number_of(match[2].upper())
    if context.word_after(match.end()).lower().startswith("centur"):
        return f"{ordinal(first)} to {ordinal(last)}"
    if not 0 < first < last or not is_span_labelled(match, context):
        return None
    return f"{cardinal(first)} to {cardinal(last)}"


def is_span_labelled(match: Match[str], context: Context) -> bool:
    label = context.word_before(match.start())
    return label.rstrip("s") in LABELS or is_labelled(match, context)


RULES = [
    Rule("a", SPAN, read_span),
    Rule("a", NUMERAL, read_numeral),
]
