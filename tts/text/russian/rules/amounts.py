"""Amounts of money and measures in words: a number, its unit, and what it is per."""

import re
from dataclasses import dataclass

from tts.text.russian.grammar.cases import DIRECT, Case
from tts.text.russian.grammar.morphology import counted, decline, gender_of, has_singular, part_of
from tts.text.russian.grammar.numerals import (
    COLLECTIVE,
    cardinal,
    decimal,
    one_and_a_half,
    value,
    whole,
)
from tts.text.russian.tables.units import MONEY, MULTIPLIERS, PER, PRICE_PER, UNITS


@dataclass(frozen=True)
class Unit:
    """What an amount is of. `hundredth` is the small coin; `times` a multiplier like million."""

    name: str = ""
    hundredth: str = ""
    times: str = ""
    per: str = ""

    @property
    def counted(self) -> str:
        return self.times or self.name

    @property
    def rest(self) -> str:
        """What follows a multiplier: миллион → рублей."""
        return decline(self.name, Case.GENITIVE, True) if self.times and self.name else ""


@dataclass(frozen=True)
class Amount:
    """A number as written, with the digits after its comma."""

    digits: str
    part: str = ""

    @property
    def number(self) -> int:
        return value(self.digits)

    @property
    def size(self) -> float:
        return float(f"{self.number}.{self.part or 0}")

    @property
    def is_code(self) -> bool:
        """Tell whether it has a zero in front, or is a zero."""
        return self.digits.startswith("0")

    @property
    def is_one_and_a_half(self) -> bool:
        return (self.number, self.part) == (1, "5")


def say_amount(amount: Amount, unit: Unit, case: Case) -> str:
    """Return пять километров, три целых пять десятых километра, двадцать рублей пять копеек."""
    name = unit.counted
    if amount.part and unit.hundredth and not unit.times and len(amount.part) == 2:
        said = say_coins(amount, unit, case)
    elif amount.is_one_and_a_half and name:
        said = f"{one_and_a_half(gender_of(name), case)} {half_counted(name, case)}"
    elif amount.part:
        said = f"{decimal(amount.number, amount.part, case)} {part_of(name)}"
    else:
        number = whole(amount.digits, case, gender_of(name))
        if amount.number in COLLECTIVE and case in DIRECT and not has_singular(name):
            number = COLLECTIVE[amount.number]
        said = f"{number} {counted(name, amount.number, case)}"
    return " ".join(filter(None, (said.strip(), unit.rest, unit.per)))


def half_counted(name: str, case: Case) -> str:
    return part_of(name) if case in DIRECT else decline(name, case, is_plural=True)


def say_coins(amount: Amount, unit: Unit, case: Case) -> str:
    coins = int(amount.part)
    rubles = say_amount(Amount(amount.digits), Unit(unit.name), case)
    if not coins:
        return rubles
    small = cardinal(coins, case, gender_of(unit.hundredth))
    if not amount.number:
        return f"{small} {counted(unit.hundredth, coins, case)}"
    return f"{rubles} {small} {counted(unit.hundredth, coins, case)}"


def unit_of(times: str, money: str, unit: str, per: str) -> Unit:
    multiplier = MULTIPLIERS[times.rstrip(".").lower()] if times else ""
    if money:
        name, hundredth = MONEY_FOUND[squeeze(money.lower())]
        return Unit(name, hundredth, multiplier, PRICES_FOUND[squeeze(per)] if per else "")
    name = UNITS_FOUND[squeeze(unit)] if unit else ""
    return Unit(name, "", multiplier, PER_FOUND[squeeze(per)] if per else "")


def squeeze(name: str) -> str:
    return re.sub(r"[.\s]", "", name)


# With the words that are no units but what ambiguous letters may mean.
UNITS_FOUND = {squeeze(name): said for name, said in UNITS.items()} | {
    name: name for name in ("год", "раз", "том")
}
MONEY_FOUND = {squeeze(name): names for name, names in MONEY.items()}
PER_FOUND = {squeeze(name): said for name, said in PER.items()}
PRICES_FOUND = {squeeze(name): said for name, said in PRICE_PER.items()}


def say_alone(amount: Amount, unit: Unit, case: Case) -> str:
    """Return the first number of a range or a size, without its unit."""
    if not amount.part:
        return whole(amount.digits, case, gender_of(unit.counted))
    if amount.is_one_and_a_half and unit.counted:
        return one_and_a_half(gender_of(unit.counted), case)
    return decimal(amount.number, amount.part, case)
