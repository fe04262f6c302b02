"""What a Roman numeral numbers, and its case and gender: Пётр I, глава III, XX съезд."""

import re
from collections.abc import Iterable
from re import Match

from tts.text.russian.grammar.cases import DIRECT, Case, row
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.labels import LABELS, MAX_LISTED
from tts.text.russian.grammar.morphology import Form, forms_of, gender_of
from tts.text.russian.grammar.noun_cases import follows_noun, label_case
from tts.text.russian.tables.abbreviations import BEFORE_NUMBER
from tts.text.scanning import Context, Token

# Х, І, С and М are also typed in Cyrillic.
LETTERS = "IVXLCDMХІ"
NUMERAL = rf"([{LETTERS}]{{1,9}})(?![^\W\d_])"
VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
VALID = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
# Words that are numbered in Roman, before the numeral or after it.
NUMBERED = LABELS | frozenset(
    row(
        "тип группа степень класс курс этап период категория стадия фаза очередь уровень съезд век"
        " квартал тур акт действие книга раздел песнь эпоха раунд половина чтение созыв место линия"
        " полугодие триместр четверть разряд лига отделение война международный конгресс олимпиада"
    )
)
# What is always numbered by what is before it.
AGES = frozenset(row("век столетие тысячелетие созыв съезд квартал полугодие поколение"))
# What has letters rather than Roman numerals.
LETTERED = frozenset(row("модель канал код точка ось вариант версия терминал серия сектор зона"))
# Multi-letter numerals that mostly mean something else.
PERSONS = frozenset(("Name", "Surn", "Patr"))
# The letters of numerals that are not taken for acronyms.
SMALL = frozenset("IVXХІ")
How = tuple[Case, str]
LISTED_BEFORE = re.compile(rf"(?<![\w.]){NUMERAL}(?:\s*,|\s+(?:и|или))\s+$")
LISTED_BEHIND = re.compile(rf"(?:\s*,|\s+(?:и|или))\s+{NUMERAL}(?=\s)")
EARLIER = re.compile(rf"(?<!\w){NUMERAL}\s+([а-яё]{{3,}})\b[^!?\n]*$")
LONGEST_ITEM = 16
LONGEST_CLAUSE = 60


def number_of(written: str) -> int:
    """Return the value of a Roman numeral, 0 for other letters."""
    latin = written.translate(str.maketrans("ХІ", "XI"))
    if not latin or not VALID.fullmatch(latin):
        return 0
    values = [VALUES[letter] for letter in latin]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)


def of_word_before(match: Match[str], context: Context, is_several: bool = False) -> How | None:
    """Return the case and gender of what is before: Пётр I, глава III, т. II."""
    start = roman_list_start(match, context)
    tokens = list(context.before(start, 2))
    if not tokens:
        return None
    token = tokens[0]
    if token.text == "." and len(tokens) > 1:
        return of_short_label(tokens[1], context)
    forms = [form for form in forms_of(token.text) if form.is_noun and form.case is not None]
    if not forms or not context.text[token.end : start].isspace():
        return None
    if len(match[1]) == 1 and (match[1] in "LCDM" or forms[0].lemma in LETTERED):
        return None
    if forms_of(context.word_after(match.end()) or "-")[0].lemma in AGES:
        return None  # книги XIX века
    is_listed = start < match.start() or is_several
    if is_listed and (forms[0].lemma not in NUMBERED or has_own_noun(match, context)):
        return None
    if forms[0].lemma in NUMBERED and (is_listed or not forms[0].is_plural):
        # глава is a chapter here, and no head of anything
        things = sorted(forms, key=lambda form: form.is_animate)
        case, _ = agree(things, govern(context, token.start).cases)
        return case, things[0].gender
    return of_ruler(forms, match, context, token) if token.text.istitle() else None


def of_noun_after(context: Context, start: int, end: int) -> How | None:
    """Return the case and gender of the noun that follows: II степени, XX съезд."""
    first_end = end
    for _ in range(MAX_LISTED):
        further = LISTED_BEHIND.match(context.text, end)
        if not further:
            break
        end = further.end()
    is_listed = (
        end > first_end
        or LISTED_BEFORE.search(context.text, max(0, start - LONGEST_ITEM), start) is not None
    )
    position, is_plural = end, False
    for token in context.after(end, 3):
        if not token.is_word or not context.text[position : token.start].isspace():
            return None
        forms = forms_of(token.text)
        nouns = [form for form in forms if form.is_noun and form.case is not None]
        nouns = [form for form in nouns if form.is_plural >= is_plural] or nouns
        if nouns and (forms[0].is_noun or position > end):
            return of_noun(nouns, context, start, is_listed)
        if not forms[0].is_adjective:
            return None
        position, is_plural = token.end, forms[0].is_plural
    return None


def of_noun_earlier(match: Match[str], context: Context) -> How | None:
    """Return the case and gender of what an earlier numeral numbers: за I тур — 5, за II — 7."""
    government, start = govern(context, match.start()), match.start()
    earlier = EARLIER.search(context.text, max(0, start - LONGEST_CLAUSE), start)
    if not earlier or not government.is_preposition:
        return None
    forms = [form for form in forms_of(earlier[2]) if form.is_noun and not form.is_plural]
    return agree(forms, government.cases) if forms and forms[0].lemma in NUMBERED else None


def of_noun(nouns: list[Form], context: Context, start: int, is_listed: bool) -> How | None:
    if nouns[0].lemma not in NUMBERED and nouns[0].is_animate:
        return None
    cases = govern(context, start).cases
    if follows_noun(context, start) and Case.GENITIVE not in cases:
        cases = (Case.GENITIVE, *cases)
    several = [form for form in nouns if form.is_plural and form.case in DIRECT]
    if is_listed and several and not govern(context, start).is_preposition:
        return agree(several, cases)  # XX и XXI века
    how = agree([form for form in nouns if not form.is_plural] or nouns, cases)
    return how if is_listed else of_several(how, nouns)


def agree(forms: list[Form], cases: Iterable[Case]) -> How:
    """Return the case, the first of `cases` that a form has, with the gender of the form."""
    form = next((one for case in cases for one in forms if one.case is case), forms[0])
    return form.case or Case.NOMINATIVE, form.gender


def of_several(how: How, forms: list[Form]) -> How:
    """Return the plural for what has one numeral though it is several: XXII Олимпийские игры."""
    return (how[0], "p") if all(form.is_plural for form in forms) else how


def of_short_label(token: Token, context: Context) -> How | None:
    noun = BEFORE_NUMBER.get(token.text.lower())
    return (label_case(noun, token.start, context), gender_of(noun)) if noun else None


def of_ruler(forms: list[Form], match: Match[str], context: Context, token: Token) -> How | None:
    """Return the case of a person's name, or None for a thing's: Модель X, Канал C."""
    names = [form for form in forms if "Name" in form.tags and not form.is_plural]
    if set(match[1]) - SMALL or not (names or forms[0].is_animate):
        return None
    after = forms_of(context.word_after(match.end()) or "-")[0]
    if not names and after.lemma in NUMBERED:
        return None  # инвалид I группы
    start = name_start(context, token)
    government = govern(context, start)
    cases: tuple[Case, ...] = government.cases
    if not government.is_preposition:
        owned = (Case.GENITIVE,) if follows_thing(context, start) else ()
        cases = (*owned, Case.NOMINATIVE)
    return agree(names or forms, cases)


def follows_thing(context: Context, position: int) -> bool:
    """Tell whether something of the person is named before: реформы Петра I."""
    before = next(context.before(position, 1), None)
    is_noun = before is not None and follows_noun(context, position)
    return is_noun and not PERSONS & forms_of(before.text)[0].tags if before else False


def name_start(context: Context, token: Token) -> int:
    """Return where a name of several words begins: Иоанн Павел, император Николай."""
    start = token.start
    for before in context.before(token.start, 2):
        if not before.is_word or not forms_of(before.text)[0].is_animate:
            break
        start = before.start
    return start


def roman_list_start(match: Match[str], context: Context) -> int:
    """Return where the list of numerals begins to which one belongs: главы IV и V."""
    start = match.start()
    for _ in range(MAX_LISTED):
        before = LISTED_BEFORE.search(context.text, max(0, start - LONGEST_ITEM), start)
        if not before or not number_of(before[1]):
            break
        start = before.start(1)
    return start


def has_own_noun(match: Match[str], context: Context) -> bool:
    return forms_of(context.word_after(match.end()) or "-")[0].lemma in NUMBERED


def case_of_counted(match: Match[str], context: Context) -> Case | None:
    """Return the case of what a numeral counts rather than numbers: опера в IV актах."""
    before = context.word_before(match.start())
    word = context.word_after(match.end()) if before in ("в", "из") else ""
    if not word or LISTED_BEHIND.match(match.string, match.end()):
        return None
    form = forms_of(word)[0]
    is_counted = form.lemma in NUMBERED and form.is_plural and form.is_noun
    return form.case if is_counted else None
