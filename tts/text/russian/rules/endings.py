"""Numbers written with endings, and words that begin with a number: 3-й, 2-х, 10-летний."""

import re
from dataclasses import dataclass
from functools import lru_cache
from re import Match

from tts.text.russian.grammar.cases import DIRECT, Case, is_few, row
from tts.text.russian.grammar.government import Government, govern
from tts.text.russian.grammar.heads import Head, find_head
from tts.text.russian.grammar.morphology import Form, counted, decline, forms_of, gender_of
from tts.text.russian.grammar.numerals import COLLECTIVE, cardinal, joined, ordinal
from tts.text.russian.grammar.ordinals import Agreement
from tts.text.russian.tables.units import NUMBERED_UNITS, UNITS
from tts.text.scanning import Context, Rule, full_stop

START = r"(?<![\w.,])"
NUMBER = r"([1-9]\d{0,8}|0)"
DASH = r"[-‑–]"
ENDED = re.compile(
    rf"{START}{NUMBER}[ \u00a0]?{DASH}[ \u00a0]?([а-яё]{{1,3}})(?!\w)", re.IGNORECASE
)
ENDED_RANGE = re.compile(
    rf"{START}{NUMBER}(?:-[а-яё]{{1,3}})?\s?[–—-]\s?{NUMBER}-([а-яё]{{1,3}})(?!\w)", re.IGNORECASE
)
ATTACHED = re.compile(rf"{START}{NUMBER}(х(?=\s)|ой|ый|ая|ое|го|му|ую|ых|ые|ти|мя|й|я)(?!\w)")
UNIT_NAMES = sorted(
    {*NUMBERED_UNITS, *(unit for unit in UNITS if unit.isalpha() and unit.islower())},
    key=len,
    reverse=True,
)
ENDED_UNIT = re.compile(rf"{START}{NUMBER}{DASH}([а-яё]{{1,3}})\s({'|'.join(UNIT_NAMES)})(?!\w)\.?")
COMPOUND = re.compile(
    rf"{START}(?:{NUMBER}\s?[–—-]\s?)?{NUMBER}(%?)"
    rf"(?:{DASH}(?:(?:ти|ми|х|и|ух|ёх|тью)[-‑ ])?|(?:ти|х)[ ]?|(?=[а-яё]{{5}}))"
    r"([а-яё]{4,})(?!\w)"
)
LISTED_BEFORE = re.compile(r"\d-[а-яё]{1,3}\s*(?:,|и|или)\s*$")
LISTED_BEHIND = re.compile(r"\s*(?:,|и|или)\s*\d+-[а-яё]{1,3}(?!\w)")
# Cardinals that are written with their endings: 5-ти, 2-х. With "х" others are ordinals: 90-х.
CARDINAL_ENDINGS = frozenset(row("х ух ёх ех мя ю ью ми ти и тью ем"))
# The first cardinal whose instrumental ends in ю: с 5-ю, but 1-ю тысячу.
LEAST_INSTRUMENTAL = 5
# Which case is meant where nothing shows it; of "-м" it is the instrumental: он пришёл 1-м.
BY_HABIT = (
    Case.NOMINATIVE, Case.GENITIVE, Case.ACCUSATIVE, Case.INSTRUMENTAL, Case.PREPOSITIONAL,
    Case.DATIVE,
)  # fmt: skip

# Third of what has no singular is written like the neuter: на 3-е сутки.
THIRD_PAIR = Agreement(Case.ACCUSATIVE, "p", is_ordinal=True)
FIRST_YEAR = 1000
Option = tuple[str, Agreement]


@lru_cache(4096)
def numerals_with(number: int, ending: str) -> tuple[Option, ...]:
    """Return the numerals of a number that end in the letters written after it."""
    ordinals = ((case, gender) for gender in "mfnp" for case in Case)
    cardinals = ((case, gender) for gender in "mfn" for case in Case if case not in DIRECT)
    options = [
        *((ordinal(number, *how), Agreement(*how, is_ordinal=True)) for how in ordinals),
        *((cardinal(number, *how), Agreement(*how)) for how in cardinals),
    ]
    if ending == "е" and number % 10 == 3 and number % 100 != 13:
        options.append((ordinal(number, Case.ACCUSATIVE, "p"), THIRD_PAIR))  # на 3-е сутки
    if number in COLLECTIVE:
        options.append((COLLECTIVE[number], Agreement(is_collective=True)))
    return tuple((word, how) for word, how in options if word.endswith(ending) or how is THIRD_PAIR)


@dataclass(frozen=True)
class Place:
    """Where a number with an ending is, and what is around it."""

    number: int
    ending: str
    head: Head | None
    government: Government
    is_listed: bool

    def rank(self, how: Agreement) -> tuple[bool, bool, int, bool]:
        """Return how badly a numeral fits: to its noun, its ending, its preposition, by habit."""
        return (
            not self.fits_noun(how),
            how.is_ordinal == self.is_counting and not how.is_collective,
            self.rank_case(how.case),
            self.rank_gender(how.gender),
        )

    def rank_gender(self, gender: str) -> bool:
        if self.ending != "е":
            return gender != "m"
        is_years = self.number >= FIRST_YEAR or self.government.word in ("в", "во")
        return self.head is None and is_decade(self.number) and is_years and gender != "p"

    @property
    def is_counting(self) -> bool:
        """Tell whether a cardinal is expected: 2-х, 5-ти, по 2-м темам."""
        if self.ending == "м":
            forms = self.head.forms if self.head and not self.is_listed else ()
            return is_few(self.number) and bool(forms) and all(form.is_plural for form in forms)
        is_oblique = Case.INSTRUMENTAL in self.government.cases or self.government.is_free
        if self.ending == "ю" and not is_oblique:
            return False  # на 11-ю
        if self.ending == "х" and not is_few(self.number):
            return False
        return self.ending in CARDINAL_ENDINGS and not is_decade(self.number)

    def fits_noun(self, how: Agreement) -> bool:
        forms = self.head.forms if self.head else ()
        return not forms or any(fits(how, form, self.is_listed) for form in forms)

    def rank_case(self, case: Case) -> int:
        if not self.government.is_free:
            cases = self.government.cases
            return cases.index(case) if case in cases else len(cases)
        if self.head is None and self.ending in ("м", "ым", "им"):
            return int(case is not Case.INSTRUMENTAL)
        return 0 if self.head else BY_HABIT.index(case)


def fits(how: Agreement, form: Form, is_listed: bool) -> bool:
    """Tell whether a numeral agrees with a form of a noun; each of a list is one: 3-м и 4-м."""
    if how.is_collective:
        return form.is_plural and form.case is Case.GENITIVE
    if not how.is_ordinal or how.gender == "p":
        return form.is_plural and form.case is how.case
    is_one = not form.is_plural or is_listed
    return is_one and (form.case, form.gender) == (how.case, how.gender)


def is_decade(number: int) -> bool:
    return number >= 10 and number % 10 == 0


def read_ending(number: int, ending: str, context: Context, start: int, end: int) -> str | None:
    """Return the numeral with an ending that fits best where it stands, None for no ending."""
    options = numerals_with(number, ending)
    if not options:
        return None
    is_listed = bool(LISTED_BEFORE.search(context.text, max(0, start - 12), start)) or bool(
        LISTED_BEHIND.match(context.text, end)
    )
    place = Place(
        number, ending, find_head(number, context, end), govern(context, start), is_listed
    )
    return min(options, key=lambda option: place.rank(option[1]))[0]


def read_ended(match: Match[str], context: Context) -> str | None:
    """Read "3-й", "2-х", "5ый"."""
    return read_ending(int(match[1]), match[2].lower(), context, *match.span())


def read_ended_range(match: Match[str], context: Context) -> str | None:
    """Read "80-90-е", "5-6-й": both numbers have the ending."""
    said = [read_ending(int(match[at]), match[3].lower(), context, *match.span()) for at in (1, 2)]
    return None if None in said else " — ".join(filter(None, said))


def read_ended_unit(match: Match[str], context: Context) -> str | None:
    """Read "на 45-м км", "в 2-х км": the unit is in the case of its numeral."""
    number, ending, unit = int(match[1]), match[2].lower(), match[3]
    is_ordinal = ending == "ю" and number < LEAST_INSTRUMENTAL
    is_counted = ending in CARDINAL_ENDINGS and not is_decade(number) and not is_ordinal
    name = UNITS.get(unit) if is_counted else NUMBERED_UNITS.get(unit)
    if name is None:
        return None
    gender = gender_of(name)
    options = [(word, how.case) for word, how in numerals_with(number, ending)
               if how.is_ordinal != is_counted and how.gender == gender]  # fmt: skip
    if not options:
        return None
    cases = govern(context, match.start()).cases
    governed = (option for case in cases for option in options if option[1] is case)
    word, case = next(governed, options[0])
    named = counted(name, number, case) if is_counted else decline(name, case)
    return f"{word} {named}{full_stop(match, context)}"


def read_compound(match: Match[str], context: Context) -> str | None:
    """Read the words that begin with a number: 10-летний, 2-3-комнатный, 20%-ный."""
    number, percent, tail = int(match[2]), match[3], match[4]
    joint = match.string[match.end(3) : match.start(4)]
    is_adjective = any(form.is_adjective for form in forms_of(tail))
    if not number or not (joint in ("-", "‑") or is_adjective or tail.startswith("лет")):
        return None
    low = f"{joined(int(match[1]))}-" if match[1] else ""
    return f"{low}{joined(number)}{'процент' if percent else ''}{tail}"


RULES = [
    Rule("0", ENDED_RANGE, read_ended_range),
    Rule("0", ENDED_UNIT, read_ended_unit),
    Rule("0", ENDED, read_ended),
    Rule("0", ATTACHED, read_ended),
    Rule("0", COMPOUND, read_compound),
]
