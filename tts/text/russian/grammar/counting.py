"""The cases in which a number can be, by the form that it has given to its noun."""

from tts.text.russian.grammar.cases import DIRECT, Case, is_few, is_one
from tts.text.russian.grammar.morphology import Form
from tts.text.russian.tables.government import Cases

DIRECT_OR_GENITIVE = (*DIRECT, Case.GENITIVE)
# Nouns that are adjectives by form have the plural after two: два взрослых.
ADJECTIVAL = ("ый", "ий", "ой", "ая", "ое")
CHILDREN = ("ребёнок", "ребята", "дети")


def cardinal_cases(form: Form, number: int) -> Cases:
    """Return the cases of a cardinal that makes a noun take a form: () for none."""
    if form.case is None:
        return ()
    if is_one(number):
        return () if form.is_plural and not form.is_paired else (form.case,)
    if is_few(number):
        return few_cases(form, form.case, number)
    if not form.is_plural:
        return ()
    if form.case is Case.GENITIVE:
        return DIRECT_OR_GENITIVE
    return () if form.case in DIRECT else (form.case,)


def few_cases(form: Form, case: Case, number: int) -> Cases:
    """Return the cases of 2, 3, 4 and of what ends in them."""
    is_genitive = case is Case.GENITIVE
    if not form.is_plural:
        if not is_genitive or not form.is_noun:
            return ()
        # вижу двух друзей, but двадцать два друга
        return (Case.NOMINATIVE,) if form.is_animate and number < 10 else DIRECT
    if form.is_adjective and (is_genitive or case in DIRECT):
        return DIRECT_OR_GENITIVE if is_genitive else DIRECT
    if case in DIRECT and form.is_noun and form.gender == "f" and form.lemma.endswith(ADJECTIVAL):
        return DIRECT  # две сборные
    if is_genitive and (form.is_paired or form.lemma.endswith(ADJECTIVAL)):
        return DIRECT_OR_GENITIVE
    if is_genitive and form.is_animate and number < 10:
        return (Case.GENITIVE, Case.ACCUSATIVE)
    return () if case in DIRECT else (case,)


def is_collective(form: Form, number: int, governed: Cases) -> bool:
    """Tell whether it is двое суток, трое детей; `governed` is () where nothing governs."""
    if number not in (2, 3, 4) or not form.is_plural or form.case is not Case.GENITIVE:
        return False
    if form.is_paired and not form.is_animate:
        return Case.GENITIVE not in governed or governed[0] is Case.ACCUSATIVE
    return form.lemma in CHILDREN and not governed


def spoken_case(case: Case, form: Form) -> Case:
    """Return the genitive for the accusative of living beings: вижу двух друзей, одного друга."""
    is_of_many = form.is_plural and form.case in (Case.GENITIVE, Case.ACCUSATIVE)
    is_of_one = form.gender == "m" and form.case is Case.ACCUSATIVE
    is_living = form.is_animate and (is_of_many or is_of_one)
    return Case.GENITIVE if case is Case.ACCUSATIVE and is_living else case
