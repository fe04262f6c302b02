"""Years, their spans and decades in Russian."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.heads import find_head
from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.morphology import decline, forms_of
from tts.text.russian.grammar.numerals import ordinal
from tts.text.russian.tables.calendar import SEASONS
from tts.text.scanning import Context, Rule, full_stop

START = r"(?<![\w.,:/№-])"
ONE = re.compile(rf"{START}([12]\d{{3}}|\d{{1,3}})\s*(г\.|г(?!\w))(?:\s?(р|в)\.)?")
TWO_DIGITS = re.compile(rf"{START}(0\d)(?=\s+год(?:[ауе]|ом)?(?!\w))")
ERA = re.compile(r"\s*(?:до\s+)?н\.?\s?э")
# Up to this number it is rather an age: жил до 101 г.
OLDEST = 110
# Nouns after which three digits are a year rather than a weight.
DATED = ("битв", "войн", "крещени", "поход", "собор", "договор", "восстани", "взяти", "основани",
         "смерт", "рождени", "правлени", "осад", "реформ")  # fmt: skip
SEVERAL = re.compile(
    rf"{START}(\d{{4}}|\d{{2}})\s*[–—-]\s*(\d{{4}}|\d{{2}})\s*(гг\.?(?!\w)|годы|годах|годов|годам|годами|году|годом|года|год|г\.)"
)
LISTED = re.compile(
    rf"{START}(\d{{4}})(?=(?:\s*,\s*\d{{4}}|\s+(?:и|или|по|до)\s+\d{{4}}){{1,8}}"
    r"\s*(?:гг?\.?(?!\w)|год))"
)
LAST = re.compile(rf"{START}(\d{{4}})\s*(гг\.?(?!\w))")
DECADE = re.compile(rf"{START}(\d{{2}}|\d{{4}})-?(е|х|м)\s*гг\.?(?!\w)")
BARE = re.compile(rf"{START}(1[5-9]\d\d|20\d\d)(?!\d|[.,:/]\d|\s?[–—-]\s?\d|\w|-|\s?%)")
BARE_SPAN = re.compile(
    rf"{START}(1[5-9]\d\d|20\d\d)\s?[–—-]\s?(1[5-9]\d\d|20\d\d)(?!\d|[.,:/]\d|\w|-)"
)
SHORT = re.compile(r"(?<!\w)['’](\d\d)(?![\w'’])")
SEASON = re.compile(
    rf"{START}(\d{{4}})/(\d{{4}}|\d{{2}})(?![\d/])(?:\s+(учебн\w+|год\w*|гг\.|сезон\w*))?"
)
BORN = re.compile(r"(?:г\.\s?р\.|рождения|выпуска|основания|издания)\s*[:,—-]?\s*$")
EVENTS = {"р": "рождения", "в": "выпуска"}
CASES = {
    **dict.fromkeys(row("в во о об при"), Case.PREPOSITIONAL),
    **dict.fromkeys(row("на за через по про"), Case.ACCUSATIVE),
    **dict.fromkeys(row("к ко благодаря"), Case.DATIVE),
    **dict.fromkeys(row("между перед над"), Case.INSTRUMENTAL),
}
BARE_AFTER = frozenset(row("в во с до к ко после по около между от начиная"))
MONTHS = frozenset(
    row(
        "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь квартал"
        " полугодие"
    )
)
YEAR_WORD = re.compile(r"гг?\.?(?!\w)|год\w*")
PLURALS = {
    "годы": Case.NOMINATIVE, "годах": Case.PREPOSITIONAL, "годов": Case.GENITIVE,
    "годам": Case.DATIVE, "годами": Case.INSTRUMENTAL,
}  # fmt: skip


def year_case(context: Context, position: int) -> Case:
    """Return the case of a year whose word is short: в 2024 г., к 2030 г., закон 2012 г."""
    government = govern(context, position)
    if government.cases == (Case.INSTRUMENTAL,):
        return Case.INSTRUMENTAL
    if government.word in CASES:
        return CASES[government.word]
    if government.is_preposition:
        return Case.GENITIVE
    before, *more = [token.text.lower() for token in context.before(position, 2)] or [""]
    is_part = before == "." and more in (["кв"], ["мес"])
    is_alone = not before[:1].isalpha() or before in ("это", "сегодня", "и")
    return Case.NOMINATIVE if is_alone and not is_part else Case.GENITIVE


def read_one(match: Match[str], context: Context) -> str | None:
    """Read "в 2024 г.", "1985 г. р.", but neither "2000 г картофеля" nor "дом 4 г. Москва"."""
    number, short, event = match.groups()
    if event and len(number) == 4:
        return (
            f"{ordinal(int(number), Case.GENITIVE)} года {EVENTS[event]}{full_stop(match, context)}"
        )
    after, has_dot = context.word_after(match.end()), short.endswith(".")
    is_city = has_dot and after[:1].isupper() and is_labelled(context, match.start())
    if is_city or not (len(number) == 4 or (has_dot and is_short_year(match, context))):
        return None
    if not has_dot and after[:1].islower() and is_genitive_noun(after):
        return None
    case = year_case(context, match.start())
    return f"{ordinal(int(number), case)} {decline('год', case)}{full_stop(match, context)}"


def is_short_year(match: Match[str], context: Context) -> bool:
    """Tell years of one to three digits from weights: в 44 г. до н. э., в 98 г., битва 988 г."""
    number, word = match[1], govern(context, match.start()).word
    if ERA.match(match.string, match.end()):
        return True
    if len(number) < 3:
        return len(number) == 2 and word in CASES
    if is_genitive_noun(context.word_after(match.end()) or "-") or int(number) <= OLDEST:
        return False
    before = next(context.before(match.start(), 1), None)
    is_dated = before is not None and (
        before.text in "–—-(" or before.text.lower().startswith(DATED)
    )
    is_round = int(number) % 5 == 0
    return word in ("в", "во") or (not is_round and (is_dated or bool(word)))


def read_two_digits(match: Match[str], context: Context) -> str:
    """Read "летом 03 года", "в 07 году"."""
    word = context.word_after(match.end())
    case = (
        Case.GENITIVE
        if word == "года"
        else next(form.case for form in forms_of(word) if form.case is not None)
    )
    if word == "году":
        case = (
            Case.DATIVE
            if govern(context, match.start()).word in ("к", "по")
            else (Case.PREPOSITIONAL)
        )
    return f"ноль {ordinal(int(match[1]), case)}"


def is_genitive_noun(word: str) -> bool:
    form = forms_of(word)[0]
    return form.is_noun and form.case is Case.GENITIVE


def read_several(match: Match[str], context: Context) -> str:
    """Read "2020–2022 годах", "в 1941–1945 гг."."""
    first, last, word = match.groups()
    case = PLURALS.get(word, year_case(context, match.start()))
    said = f"{ordinal(int(first), case)} — {ordinal(int(last), case)}"
    return f"{said} {years_in(case)}{full_stop(match, context)}"


def years_in(case: Case) -> str:
    return "годов" if case is Case.GENITIVE else decline("год", case, is_plural=True)


def read_decade(match: Match[str], context: Context) -> str:
    """Read "в 90-х гг.", "с 1960-х гг."."""
    endings = {"е": Case.NOMINATIVE, "х": Case.GENITIVE, "м": Case.DATIVE}
    is_in = govern(context, match.start()).word in ("в", "во", "о", "об")
    case = Case.PREPOSITIONAL if is_in and match[2] == "х" else endings[match[2]]
    return f"{ordinal(int(match[1]), case, 'p')} {years_in(case)}{full_stop(match, context)}"


def read_listed(match: Match[str], context: Context) -> str:
    """Read a year whose word follows the last year of the list."""
    return ordinal(int(match[1]), list_case(context, match))


def list_case(context: Context, match: Match[str]) -> Case:
    tail = YEAR_WORD.search(match.string, match.end(), match.end() + 90)
    if tail and tail[0] in PLURALS and not govern(context, match.start()).is_preposition:
        return PLURALS[tail[0]]
    return year_case(context, match.start())


def read_last(match: Match[str], context: Context) -> str:
    case = year_case(context, match.start())
    return f"{ordinal(int(match[1]), case)} {years_in(case)}{full_stop(match, context)}"


def read_bare(match: Match[str], context: Context) -> str | None:
    """Read a year without its word after a preposition, a month or a season: "в 2024"."""
    start, end = match.span()
    if is_labelled(context, start) or find_head(int(match[1]), context, end):
        return None
    before, after = context.word_before(start), context.word_after(end)
    if BORN.search(match.string, max(0, start - 16), start):
        return ordinal(int(match[1]))
    if before in SEASONS or forms_of(before or "-")[0].lemma in MONTHS:
        return ordinal(int(match[1]), Case.GENITIVE)
    is_foreign = bool(after) and after[0].isascii()
    is_governed = govern(context, start).word in BARE_AFTER
    if is_foreign or not is_governed or before not in (*BARE_AFTER, "и", "или"):
        return None
    return ordinal(int(match[1]), year_case(context, start))


def read_bare_span(match: Match[str], context: Context) -> str | None:
    if is_labelled(context, match.start()) or find_head(int(match[2]), context, match.end()):
        return None
    is_governed = govern(context, match.start()).is_preposition
    case = year_case(context, match.start()) if is_governed else Case.NOMINATIVE
    return f"{ordinal(int(match[1]), case)} — {ordinal(int(match[2]), case)}"


def read_season(match: Match[str], context: Context) -> str | None:
    """Read "сезон 2024/25", "в 2024/2025 учебном году"."""
    first, last, word = match.groups(default="")
    full = int(last) if len(last) == 4 else int(first) // 100 * 100 + int(last)
    if full != int(first) + 1:
        return None
    is_named = context.word_before(match.start()) == "год"  # учебный год 2025/26
    case = Case.NOMINATIVE if is_named else year_case(context, match.start())
    said = f"{ordinal(int(first), case)} — {ordinal(int(last) or full, case)}"
    return f"{said} {word}".strip()


def read_short(match: Match[str], context: Context) -> str:
    """Read "летом '98", "в '85"."""
    government = govern(context, match.start())
    case = year_case(context, match.start()) if government.is_preposition else Case.GENITIVE
    return ordinal(int(match[1]), case)


RULES = [
    Rule(".", SHORT, read_short),
    Rule("0", DECADE, read_decade),
    Rule("0", SEVERAL, read_several),
    Rule("0", LISTED, read_listed),
    Rule("0", LAST, read_last),
    Rule("0", TWO_DIGITS, read_two_digits),
    Rule("0", ONE, read_one),
    Rule("0", SEASON, read_season),
]
# After measures, which have the same numbers: от 2000 ₽.
BARE_RULES = [Rule("0", BARE_SPAN, read_bare_span), Rule("0", BARE, read_bare)]
