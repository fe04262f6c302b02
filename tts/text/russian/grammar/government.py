"""Which case the words before a number demand of it: prepositions, verbs, nouns, comparatives."""

from dataclasses import dataclass

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.morphology import Form, forms_of, likeliest
from tts.text.russian.tables.government import (
    COMPARING,
    DATIVE_WORDS,
    GENITIVE_NOUNS,
    GENITIVE_VERBS,
    INSTRUMENTAL_VERBS,
    MEASURED_NOUNS,
    MEASURING_VERBS,
    NEGATED_VERBS,
    PASSED_OVER,
    PLACING,
    PREPOSITIONS,
    SHORT_PREPOSITIONS,
    TOGETHER,
    VERBAL_NOUN_ENDINGS,
    Cases,
)
from tts.text.scanning import Context, Token

JOINTS = frozenset((*row("и или либо да"), *",–—-"))
ALL = frozenset(row("все всех всем"))
VERBS = ("VERB", "INFN", "GRND")
# How far back the verb of a clause may be.
CLAUSE = 9
SENTENCE_ENDS = frozenset(".!?;:…")
LONGEST_SHORT = 4
# Comparatives that compare nothing where a clause begins: дальше 300 м прямо.
ONWARD = frozenset(("дальше", "далее", "потом"))
CLAUSE_STARTS = frozenset(("", *",.;:–—-и"))
# Comparatives that are adjectives as well: не позднее 18:00.
LATER = frozenset(("позднее", "ранее"))
# What joins two numbers with nouns of their own: 3 романов и 12 повестей.
CONJUNCTIONS = frozenset(("и", "или"))
COUNTED_WORDS = 2


@dataclass(frozen=True)
class Government:
    """The possible cases, the likeliest first; `word` is what demands them, "" for nothing."""

    cases: Cases = (Case.NOMINATIVE, Case.ACCUSATIVE)
    word: str = ""

    @property
    def is_free(self) -> bool:
        return not self.word

    @property
    def is_preposition(self) -> bool:
        return self.word in PREPOSITIONS


FREE = Government()
GENITIVE = (Case.GENITIVE,)


def govern(context: Context, position: int) -> Government:
    """Return which cases what precedes a position allows for a number there.

    Passed over are particles, further numbers of a list, and plural adjectives, which show the
    case themselves: в течение последних 3 дней.
    """
    tokens = list(context.before(position, 14))
    described: frozenset[Case] | None = None
    at, following = 0, position
    while at < len(tokens):
        token, word = tokens[at], tokens[at].text.lower()
        if (at or is_number_at(context, position)) and belongs_to_list(tokens, at):
            at += 1
        elif word not in PASSED_OVER:
            cases = plural_adjective_cases(context, token, following)
            if not cases:
                return narrow(by_token(tokens, at), described)
            described = cases if described is None else described & cases
        following = token.start
        at += 1
    return narrow(FREE, described)


def is_number_at(context: Context, position: int) -> bool:
    """Tell a further number of a list from a label after one: до 10, каб. 4."""
    return not context.text[position : position + 1].islower()


def belongs_to_list(tokens: list[Token], at: int) -> bool:
    """Tell whether it joins an earlier number of the same list: "3, 5 и"."""
    if at and not (tokens[at - 1].is_number or tokens[at - 1].text == "ни"):
        return False
    is_joint = tokens[at].text.lower() in JOINTS
    return is_joint and at + 1 < len(tokens) and tokens[at + 1].is_number


def plural_adjective_cases(context: Context, token: Token, following: int) -> frozenset[Case]:
    """Return the cases of a plural adjective directly before: "последние 5", "этих 3"."""
    if not token.is_word or context.text[token.end : following].strip():
        return frozenset()
    forms, word = forms_of(token.text), token.text.lower()
    is_adjective = forms[0].is_adjective and not any(form.is_noun for form in forms[:2])
    if not is_adjective and word not in ALL:
        return frozenset()
    cases = {
        form.case
        for form in forms
        if form.is_adjective and form.is_plural and form.case is not None
    }
    return frozenset(cases | ({Case.NOMINATIVE, Case.ACCUSATIVE} if word == "все" else set()))


def list_start(context: Context, position: int) -> int:
    """Return where a list begins whose parts have nouns of their own: 3 романов и 12 повестей."""
    tokens = list(context.before(position, 24))
    joints, at = CONJUNCTIONS, 0
    while at < len(tokens) and tokens[at].text in joints:
        words = 0
        while words <= COUNTED_WORDS and is_counted_word(tokens, at + 1 + words):
            words += 1
        at += 1 + words
        if not words or at >= len(tokens) or not tokens[at].is_number:
            break
        position = tokens[at].start
        joints, at = CONJUNCTIONS | {","}, at + 1
    return position


def is_counted_word(tokens: list[Token], at: int) -> bool:
    if at >= len(tokens) or not tokens[at].is_word:
        return False
    form = likeliest(tokens[at].text)
    return form.is_noun or form.is_adjective


def narrow(government: Government, described: frozenset[Case] | None) -> Government:
    """Keep of the cases those that an adjective before the number can have."""
    if described is None:
        return government
    cases = tuple(case for case in government.cases if case in described)
    if not cases and government.is_free:
        return Government(tuple(sorted(described)), "описание") if described else government
    return Government(cases, government.word) if cases else government


def by_token(tokens: list[Token], at: int) -> Government:
    """Return what the token demands of the number behind it."""
    token, word = tokens[at], tokens[at].text.lower()
    before = tokens[at + 1].text.lower() if at + 1 < len(tokens) else ""
    if word in COMPARING or (word == "и" and means_even(tokens, at)):
        return Government(GENITIVE, word)
    if word == "." and before in SHORT_PREPOSITIONS:
        return Government(GENITIVE, "около")
    if word in PREPOSITIONS:
        is_together = word == "с" and before in TOGETHER
        return Government((Case.INSTRUMENTAL,) if is_together else PREPOSITIONS[word], word)
    return by_word(word, before) if token.is_word and word != "чем" else FREE


def means_even(tokens: list[Token], at: int) -> bool:
    """Tell whether и means даже after a negation: нет и 30 лет, не прошло и 5 минут."""
    words = [token.text.lower() for token in tokens[at + 1 : at + 3]]
    if not words or not tokens[at + 1].is_word:
        return False
    verb = likeliest(words[0])
    return verb.lemma in GENITIVE_VERBS or (words[1:] == ["не"] and verb.part in ("VERB", "PRED"))


def by_word(word: str, before: str) -> Government:
    """Return what a comparative, a verb or a noun demands."""
    forms = forms_of(word)
    lemmas = {form.lemma for form in forms} | {word}
    is_negated = before == "не"
    if word in ONWARD and before in CLAUSE_STARTS:
        return FREE
    if any(form.part == "COMP" for form in forms[:2]) or (is_negated and word in LATER):
        return Government(GENITIVE, word)
    if lemmas & (NEGATED_VERBS if is_negated else GENITIVE_VERBS - NEGATED_VERBS):
        return Government((Case.GENITIVE, Case.ACCUSATIVE), word)
    if lemmas & DATIVE_WORDS:
        return Government((Case.DATIVE,), word)
    if lemmas & INSTRUMENTAL_VERBS:
        return Government((Case.INSTRUMENTAL,), word)
    noun = next((form for form in forms[:2] if form.is_noun), None)
    if noun is not None:
        is_oblique = noun.case not in (Case.NOMINATIVE, Case.ACCUSATIVE, Case.INSTRUMENTAL)
        is_measure = noun.lemma in MEASURED_NOUNS and is_oblique and word != "числа"
        return Government(GENITIVE, word) if is_measure else FREE
    if takes_object(forms[0]):
        return Government((Case.ACCUSATIVE, Case.NOMINATIVE, Case.GENITIVE), word)
    return FREE


def takes_object(form: Form) -> bool:
    """Tell whether a verb has a direct object: "купил 1000", but not "осталась 1"."""
    return form.part in VERBS and (form.lemma in MEASURING_VERBS or "tran" in form.tags)


def has_object_verb(context: Context, position: int) -> bool:
    """Tell whether a verb earlier in the clause has the number as its object: смешай соль и 1 л."""
    tokens = list(context.before(position, CLAUSE))
    for at, token in enumerate(tokens):
        if token.text in SENTENCE_ENDS and not is_abbreviation_dot(tokens, at):
            return False
        if token.is_word and takes_object(likeliest(token.text)):
            return True
    return False


def is_abbreviation_dot(tokens: list[Token], at: int) -> bool:
    before = tokens[at + 1].text if at + 1 < len(tokens) else ""
    return tokens[at].text == "." and 0 < len(before) <= LONGEST_SHORT


def is_after_genitive_noun(context: Context, position: int) -> bool:
    """Tell whether a noun is before that has what is counted in the genitive: покупка 5 столов."""
    words = [token.text for token in context.before(position, 2)]
    noun = likeliest(words[0]) if words and words[0][0].isalpha() else None
    if noun is None or not noun.is_noun or {"Name", "Geox"} & noun.tags:
        return False
    if len(words) > 1 and words[1] == "-":
        return False  # 100-метровка
    is_verbal = noun.lemma.endswith(VERBAL_NOUN_ENDINGS) and not noun.is_animate
    return (is_verbal or noun.lemma in GENITIVE_NOUNS) and not (
        len(words) > 1 and words[1].lower() in PLACING
    )
