"""Which of its meanings an ambiguous unit has: г is grams, a year or a city."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case, is_few, is_one
from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.morphology import Form, forms_of, likeliest
from tts.text.russian.grammar.numerals import value
from tts.text.scanning import Context

MONTHS_AFTER = re.compile(r"\s*(?:и\s+)?\d{1,2}\s?(?:мес|дн|нед)")
MEASURED = re.compile(
    r"\s*(?:%|°|км|кг|(?:[млгт]\b|с\b(?!\s+\d))|см|мм|руб|рубл|₽|\$|€|тыс|млн|млрд|[ГгМм][Бб]|[ВА]\b|раз|балл|процент"
    r"|метр|литр|килограмм|градус|миллион|миллиард|секунд|верси)"
)
# Usual voltages, which no house or class has.
MAINS = frozenset((110, 127, 220, 230, 380, 400))
ELECTRIC = (
    "ток", "напряж", "сил", "автомат", "розет", "предохран", "аккумул", "батар", "сет", "питан",
    "заряд", "блок", "адаптер", "лампа",
)  # fmt: skip
# After a label these number what follows rather than measure: кв. 5 эт. 3.
AFTER_LABELS = frozenset(("стр", "эт", "пар", "час"))
DAILY = ("в день", "в сутки", "в неделю")
OLDEST = 110
# Prepositions of an age: прививка в 1 г.
AT_AGE = frozenset(("в", "к", "до"))
MONTHS_IN_YEAR = 12
# What lasts for years, or differs by them: контракт на 3 г., старше на 2 г.
TERMS = (
    "старше", "младше", "моложе", "контракт", "срок", "договор", "приговор", "аренд", "кредит",
    "ипотек", "вклад", "гаранти", "виз", "лицензи", "осужд", "соглашени",
    "отсидел", "прожил", "проработал", "прослужил", "отслужил", "длил",
)  # fmt: skip
AGE_LIMITS = frozenset(("от", "до", "с", "старше", "младше"))
WRITINGS = (
    "роман", "сочинени", "издани", "собрани", "словар", "энциклопеди", "справочник", "учебник",
    "истори", "произведени", "труд", "книг", "пособи",
)  # fmt: skip
# What is measured in years: до 5 л. лишения свободы.
SPENT = ("лишени", "колони", "тюрьм", "опыта", "стажа", "службы", "брака")
NUMBER_AFTER = re.compile(r"\s+\d")
LASTING = ("VERB", "PRTS", "ADJS")
AGED = frozenset(("исполнилось", "исполнился", "исполнится", "возрасте", "возраст", "стаж"))


def is_measured(match: Match[str]) -> bool:
    """Tell whether a unit or a counted noun follows, so that it is no date or time: "2.05 м"."""
    return MEASURED.match(match.string, match.end()) is not None


def sense_of(match: Match[str], context: Context, unit: str) -> str | None:
    """Return another unit that is meant, "" where it is no unit at all, None where it is itself."""
    if unit == "р":
        return sense_of_r(match, context)
    if unit == "г":
        return sense_of_g(match, context)
    if unit == "т" and is_volume(match, context):
        return "том"
    if unit == "л" and (is_age(match, context) or is_of_person(match, context)):
        return "год"
    return None if is_unit(match, context, unit) else ""


def is_unit(match: Match[str], context: Context, unit: str) -> bool:
    """Tell a unit from a word or letter of the same spelling: "в 7 с утра", "дом 5 м"."""
    after, has_dot = context.word_after(match.end()), match[0].endswith(".")
    if unit in ("л. н", "п. м"):
        return True
    if unit == "ст":
        return after[:1].islower() and is_genitive(after)
    if is_labelled(context, match.start()):
        return unit not in AFTER_LABELS and (len(unit) > 1 or not unit.isalpha())
    if unit in ("В", "А"):
        return is_electric(match, context) or is_spaced_electric(match, unit, after)
    if unit == "с":
        if NUMBER_AFTER.match(match.string, match.end()):
            return False  # 16.05 с 10:00
        return has_dot or not after or not has_case(after, Case.GENITIVE, Case.INSTRUMENTAL)
    if unit == "т":
        return not is_countable(after)
    return unit != "б" or has_dot


def is_spaced_electric(match: Match[str], unit: str, after: str) -> bool:
    """Tell "220 В" and "16 А" from the letter of a house, and from в and а: "3 В договоре"."""
    if match.string[match.start("unit") - 1].isdecimal():
        return unit == "В" and value(match["digits"]) in MAINS
    if unit == "А":
        return not after.islower()
    is_preposition = has_case(after, Case.ACCUSATIVE, Case.PREPOSITIONAL) and not is_genitive(after)
    return not after or (after[0].islower() and not is_preposition)


def is_electric(match: Match[str], context: Context) -> bool:
    words = [token.text.lower() for token in context.before(match.start(), 4)]
    words += [token.text.lower() for token in context.after(match.end(), 2)]
    return any(word.startswith(ELECTRIC) for word in words)


def sense_of_r(match: Match[str], context: Context) -> str | None:
    """Tell roubles from раз ("2 р/д", "3 р. в день") and from a river ("р. Волга")."""
    following = " ".join(token.text for token in context.after(match.end(), 2))
    is_daily = match.groupdict()["per"] in ("д", "день", "сут", "нед") or following in DAILY
    if value(match["digits"]) <= 6 and is_daily:
        return "раз"
    after = context.word_after(match.end())
    is_name = match[0].endswith(".") and after[:1].isupper()
    return "" if is_name and not context.ends_sentence(match.end()) else None


def sense_of_g(match: Match[str], context: Context) -> str | None:
    """Tell grams from a year and a city: "2000 г картофеля", "в 2000 г.", "4 г. Москва"."""
    if is_labelled(context, match.start()):
        return ""
    has_dot, after = match[0].endswith("."), context.word_after(match.end())
    if has_dot and MONTHS_AFTER.match(match.string, match.end()):
        return "год"
    number = value(match["digits"])
    is_year = 1000 <= number < 2100 and not match["part"]
    if has_dot and after[:1].isupper():
        return "" if is_year or number < 100 else None
    is_substance = after[:1].islower() and is_genitive(after) and not has_dot
    if has_dot and takes_year(number) and is_of_person(match, context):
        return "год"
    return "" if is_year and not is_substance else None


def is_age(match: Match[str], context: Context) -> bool:
    """Tell years from litres: "Иванов, 45 л., сторож"."""
    before = next(context.before(match.start(), 1), None)
    if before is None or before.text not in (",", "(") or not match[0].endswith("."):
        return False
    is_person = value(match["digits"]) <= OLDEST and not match["part"]
    return is_person and not is_genitive(context.word_after(match.end()))


def follows_person(match: Match[str], context: Context) -> bool:
    """Tell whether people are named shortly before: "детям от 6 до 12 л."."""
    before = context.before(match.start(), 6)
    return any(token.is_word and forms_of(token.text)[0].is_animate for token in before)


def is_volume(match: Match[str], context: Context) -> bool:
    """Tell volumes from tonnes: "роман в 2 т."."""
    if context.word_before(match.start()) != "в" or not match[0].endswith("."):
        return False
    before = context.before(match.start(), 12)
    return any(token.text.lower().startswith(WRITINGS) for token in before)


def takes_year(number: int) -> bool:
    """Tell whether the short form of год follows: 54 г., but 55 л."""
    return number <= OLDEST and (is_one(number) or is_few(number))


def is_of_person(match: Match[str], context: Context) -> bool:
    """Tell the age of a person from a measure: "больному 54 г.", "старше на 3 г."."""
    if context.word_after(match.end()).startswith(SPENT):
        return True
    if match["part"] or is_genitive(context.word_after(match.end())):
        return False
    words = [token.text.lower() for token in context.before(match.start(), 4)]
    if lasts(match, context):
        return True
    if words and (words[0] == "на" or words[0].startswith(TERMS)):
        earlier = (token.text.lower() for token in context.before(match.start(), 12))
        if any(word.startswith(TERMS) for word in earlier):
            return True
    if words[:1] and words[0] in AGE_LIMITS and follows_person(match, context):
        return True
    if words and words[0] in AGED:
        return True
    if words and words[0] in AT_AGE and value(match["digits"]) < MONTHS_IN_YEAR:
        return not context.word_after(match.end())
    if words[:1] == [","] and any(
        token.text.lower() in ("рост", "вес") for token in context.before(match.start(), 9)
    ):
        return True
    if words[:1] == [","]:
        forms = forms_of(words[1]) if len(words) > 1 else ()
        return any("Surn" in form.tags for form in forms) or (
            bool(forms) and forms[0].is_animate and forms[0].case is Case.NOMINATIVE
        )
    return bool(words) and any(map(is_aged, forms_of(words[0])[:3]))


def lasts(match: Match[str], context: Context) -> bool:
    """Tell the time of what lasts: 5 л. не виделись, 3 г. женаты."""
    after = context.word_after(match.end())
    form = likeliest(after) if match[0].endswith(".") and after[:1].islower() else None
    return form is not None and (form.part in LASTING or after in ("не", "назад", "подряд"))


def is_aged(form: Form) -> bool:
    """Tell whether an age may follow directly: больному 54 г., ребёнок 5 л."""
    if form.case is Case.DATIVE:
        return form.is_animate or form.part in ("NPRO", "ADJF")
    return form.is_noun and form.is_animate and form.case is Case.NOMINATIVE


def is_countable(word: str) -> bool:
    """Tell whether a noun is in the genitive plural, so that т before it is тысяч: 8 т слов."""
    form = forms_of(word)[0] if word else None
    return form is not None and form.is_noun and form.is_plural and form.case is Case.GENITIVE


def is_genitive(word: str) -> bool:
    return has_case(word, Case.GENITIVE)


def has_case(word: str, *cases: Case) -> bool:
    return bool(word) and any(form.case in cases for form in forms_of(word))
