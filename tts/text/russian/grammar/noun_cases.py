"""The case of a noun that is abbreviated, and shows none: в п. 3, на ул. Чехова."""

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.government import (
    CLAUSE,
    SENTENCE_ENDS,
    VERBS,
    govern,
    is_abbreviation_dot,
    takes_object,
)
from tts.text.russian.grammar.morphology import forms_of, likeliest
from tts.text.russian.tables.abbreviations import ADJECTIVES, BEFORE_NUMBER, CONTRACTED, LAW_RANKS
from tts.text.russian.tables.government import LOCAL_CASES, MOTION
from tts.text.scanning import Context, Token

INTO = frozenset(("в", "во", "на"))
# What has an owner or a place before it: двор д. 5, копии стр. 2.
OWNED = frozenset((*LAW_RANKS, *row("дом квартира корпус подъезд")))
COPIED = frozenset(("копия", "скан", "ксерокопия", "скриншот"))
# Those that are followed by the next part of an address, and own nothing.
ADDRESS_NOUNS = frozenset(
    row(
        "улица проспект переулок площадь шоссе бульвар проезд набережная адрес город посёлок село"
        " деревня микрорайон район дом корпус строение этаж подъезд"
    )
)
NAMES = frozenset(("Name", "Surn", "Geox"))
MAX_CHAIN = 4
# A label with its number has at most so many tokens: ст. 12.1.3-1.
MAX_PARTS = 8
TIME_PART_NOUNS = frozenset(row("начало конец середина"))


def case_of_noun(context: Context, position: int) -> Case:
    """Return the case of an abbreviated noun: after в and на it is a place."""
    government = govern(context, position)
    if not government.is_preposition:
        return Case.NOMINATIVE
    if government.word in INTO and is_moving(context, position):
        return Case.ACCUSATIVE
    local = LOCAL_CASES.get(government.word)
    return local if local in government.cases else government.cases[0]  # в соответствии с п. 3


def label_case(noun: str, position: int, context: Context) -> Case:
    """Return the case of a label: в п. 3, and within another in the genitive: ч. 2 ст. 15."""
    if govern(context, position).is_preposition:
        return case_of_noun(context, position)
    before = next(context.before(position, 1), None)
    if before is None:
        return Case.NOMINATIVE
    if before.is_word and takes_object(likeliest(before.text)):
        return Case.ACCUSATIVE
    if before.text in ("и", "или"):
        label = label_before(context, before.start)
        if label is not None and BEFORE_NUMBER.get(label.text.lower()) == noun:
            return label_case(noun, label.start, context)
    if noun in TIME_PART_NOUNS and (
        follows_noun(context, position) or continues_genitive(context, position)
    ):
        return Case.GENITIVE
    if noun in LAW_RANKS and (label := label_before(context, position)):
        return case_in_law(noun, label, context)
    is_part = noun in LAW_RANKS and before.text in ("»", ")")
    is_owned = noun in OWNED and follows_common_noun(context, position)
    is_owned = is_owned or (noun == "страница" and likeliest(before.text).lemma in COPIED)
    return Case.GENITIVE if is_part or is_owned else case_of_noun(context, position)


def case_in_law(noun: str, label: Token, context: Context) -> Case:
    """Return the case of a part of a law after another: ч. 2 ст. 158, but ст. 158 ч. 2."""
    outer = BEFORE_NUMBER.get(label.text.lower()) or likeliest(label.text).lemma
    if LAW_RANKS.get(outer, -1) < LAW_RANKS[noun]:
        return Case.GENITIVE
    if label.text.lower() in BEFORE_NUMBER:
        return label_case(outer, label.start, context)
    return likeliest(label.text).case or Case.NOMINATIVE


def label_before(context: Context, position: int) -> Token | None:
    """Return the label of the number that is directly before: the ст of "ст. 12.1 ч."."""
    tokens = list(context.before(position, MAX_PARTS))
    if not tokens or not tokens[0].is_number:
        return None
    words = (token for token in tokens if not token.is_number and token.text not in ".-–,и№")
    return next((token for token in words if token.is_word), None)


def follows_common_noun(context: Context, position: int) -> bool:
    """Tell whether what is before owns a label: жильцам д. 40, but ул. Ленина д. 40."""
    if not follows_noun(context, position):
        return False
    noun, *more = context.before(position, 2)
    form = likeliest(noun.text)
    is_first = not more or more[0].text in SENTENCE_ENDS
    is_common = noun.text[0].islower() or (is_first and not NAMES & form.tags)
    return is_common and form.lemma not in ADDRESS_NOUNS


def chain_start(context: Context, position: int) -> int:
    """Return where a chain of abbreviations begins: мл. науч. сотр."""
    tokens = list(context.before(position, 2 * MAX_CHAIN))
    for dot, word in zip(tokens[::2], tokens[1::2], strict=False):
        if dot.text != "." or word.text.lower() not in ADJECTIVES:
            break
        position = word.start
    return position


def continues_genitive(context: Context, position: int) -> bool:
    """Tell whether a span goes on that has begun in the genitive: половины XIX — нач. XX в."""
    dash, numeral, part = [*context.before(position, 3), *[None] * 3][:3]
    if dash is None or numeral is None or part is None or dash.text not in "–—-":
        return False
    form = likeliest(part.text)
    is_whole = form.is_noun and form.lemma not in TIME_PART_NOUNS
    return numeral.text.isupper() and (is_whole or form.case is Case.GENITIVE)


def is_moving(context: Context, position: int) -> bool:
    """Tell whether the preposition belongs to a verb or noun of movement: едем в д. Сосновка."""
    tokens = list(context.before(position, CLAUSE))
    for at, token in enumerate(tokens):
        if token.text in SENTENCE_ENDS and not is_abbreviation_dot(tokens, at):
            return False
        forms = forms_of(token.text)
        if any(form.lemma in MOTION for form in forms[:2]):
            return True
        if forms[0].part in VERBS:
            return False
    return False


def follows_noun(context: Context, position: int) -> bool:
    before = next(context.before(position, 1), None)
    if before is None or not before.is_word:
        return False
    beginning, hyphen, _ = before.text.lower().partition("-")
    return forms_of(before.text)[0].is_noun or (bool(hyphen) and beginning in CONTRACTED)
