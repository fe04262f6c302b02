"""Russian numbers in words: in every case and gender, as cardinals, ordinals and fractions."""

from tts.text.russian.grammar.cases import DIRECT, Case, is_few, is_one, row

# Endings of hard adjectives by gender, "p" for the plural.
ADJECTIVE = {
    "m": "ый ого ому ый ым ом",
    "f": "ая ой ой ую ой ой",
    "n": "ое ого ому ое ым ом",
    "p": "ые ых ым ые ыми ых",
}
ONE = {
    "m": row("один одного одному один одним одном"),
    "f": row("одна одной одной одну одной одной"),
    "n": row("одно одного одному одно одним одном"),
    "p": row("одни одних одним одни одними одних"),
    # Masculine living beings: жду двадцать одного гостя.
    "a": row("один одного одному одного одним одном"),
}
TWO = {
    "m": row("два двух двум два двумя двух"),
    "f": row("две двух двум две двумя двух"),
}
TWO["n"] = TWO["p"] = TWO["a"] = TWO["m"]
# With nouns that are only in the plural, and with children: двое суток, трое детей.
COLLECTIVE = {2: "двое", 3: "трое", 4: "четверо"}
ZERO = row("ноль нуля нулю ноль нулём нуле")


def forms(stem: str, endings: str) -> tuple[str, ...]:
    return tuple(stem + ending for ending in endings.split())


def soft(word: str, oblique: str = "") -> tuple[str, ...]:
    """пять, пяти, пятью: how the numbers in -ь go."""
    stem = oblique or word[:-1]
    return (word, f"{stem}и", f"{stem}и", word, f"{word[:-1]}ью", f"{stem}и")


def plain(word: str, oblique: str) -> tuple[str, ...]:
    return (word, oblique, oblique, word, oblique, oblique)


def tens(unit: str, oblique: str, instrumental: str) -> tuple[str, ...]:
    """пятьдесят, пятидесяти, пятьюдесятью."""
    word, other = f"{unit}десят", f"{oblique}десяти"
    return (word, other, other, word, f"{instrumental}десятью", other)


def hundreds(word: str, genitive: str, dative: str, instrumental: str) -> tuple[str, ...]:
    return (
        word,
        f"{genitive}сот",
        f"{dative}стам",
        word,
        f"{instrumental}стами",
        f"{genitive}стах",
    )


SMALL: dict[int, tuple[str, ...]] = {
    3: row("три трёх трём три тремя трёх"),
    4: row("четыре четырёх четырём четыре четырьмя четырёх"),
    5: soft("пять"),
    6: soft("шесть"),
    7: soft("семь"),
    8: soft("восемь", "восьм"),
    9: soft("девять"),
    10: soft("десять"),
    11: soft("одиннадцать"),
    12: soft("двенадцать"),
    13: soft("тринадцать"),
    14: soft("четырнадцать"),
    15: soft("пятнадцать"),
    16: soft("шестнадцать"),
    17: soft("семнадцать"),
    18: soft("восемнадцать"),
    19: soft("девятнадцать"),
    20: soft("двадцать"),
    30: soft("тридцать"),
    40: plain("сорок", "сорока"),
    50: tens("пять", "пяти", "пятью"),
    60: tens("шесть", "шести", "шестью"),
    70: tens("семь", "семи", "семью"),
    80: tens("восемь", "восьми", "восемью"),
    90: plain("девяносто", "девяноста"),
    100: plain("сто", "ста"),
    200: hundreds("двести", "двух", "двум", "двумя"),
    300: hundreds("триста", "трёх", "трём", "тремя"),
    400: hundreds("четыреста", "четырёх", "четырём", "четырьмя"),
    500: hundreds("пятьсот", "пяти", "пяти", "пятью"),
    600: hundreds("шестьсот", "шести", "шести", "шестью"),
    700: hundreds("семьсот", "семи", "семи", "семью"),
    800: hundreds("восемьсот", "восьми", "восьми", "восемью"),
    900: hundreds("девятьсот", "девяти", "девяти", "девятью"),
}
# The singular, the plural, and the gender.
SCALES = (
    (
        row("тысяча тысячи тысяче тысячу тысячей тысяче"),
        row("тысячи тысяч тысячам тысячи тысячами тысячах"),
        "f",
    ),
    *(
        (
            row(f"{word} {word}а {word}у {word} {word}ом {word}е"),
            row(f"{word}ы {word}ов {word}ам {word}ы {word}ами {word}ах"),
            "m",
        )
        for word in ("миллион", "миллиард", "триллион")
    ),
)
LARGEST = 10**15
LONGEST_GROUP = 12
# Stems of the ordinals that are not made of the cardinal; those in -ой are in STRESSED.
ORDINALS = {
    0: "нулев", 1: "перв", 2: "втор", 4: "четвёрт", 6: "шест", 7: "седьм", 8: "восьм",
    40: "сороков", 90: "девяност", 100: "сот",
}  # fmt: skip
STRESSED = (0, 2, 6, 7, 8, 40)
THIRD = {
    "m": "ий ьего ьему ий ьим ьем",
    "f": "ья ьей ьей ью ьей ьей",
    "n": "ье ьего ьему ье ьим ьем",
    "p": "ьи ьих ьим ьи ьими ьих",
}
SCALE_ORDINALS = ("тысячн", "миллионн", "миллиардн", "триллионн")
THIRD_PART = (
    row("треть трети трети треть третью трети"),
    row("трети третей третям трети третями третях"),
)
IN_COMPOUNDS = {"одного": "одно", "ста": "сто", "девяноста": "девяносто"}
PARTS = {1: "десят", 2: "сот", 3: "тысячн", 4: "десятитысячн", 5: "стотысячн", 6: "миллионн"}


def cardinal(number: int, case: Case = Case.NOMINATIVE, gender: str = "m") -> str:
    """Return a whole number in words; raises `ValueError` from 10**15 on."""
    if abs(number) >= LARGEST:
        raise ValueError("too large for words")
    if number <= 0:
        return f"минус {cardinal(-number, case, gender)}" if number else ZERO[case]
    words: list[str] = []
    for power in range(len(SCALES), 0, -1):
        count = number // 1000**power % 1000
        # тысяча рублей rather than одна тысяча, when it comes first.
        if count and (count > 1 or words):
            words += below_thousand(count, case, SCALES[power - 1][2])
        if count:
            words.append(scale_form(power, count, case))
    return " ".join(words + below_thousand(number % 1000, case, gender))


def scale_form(power: int, count: int, case: Case) -> str:
    """Return the form of тысяча, миллион and so on after their count."""
    singular, plural, _ = SCALES[power - 1]
    if is_one(count):
        return singular[case]
    if case not in DIRECT:
        return plural[case]
    return singular[Case.GENITIVE] if is_few(count) else plural[Case.GENITIVE]


def below_thousand(number: int, case: Case, gender: str) -> list[str]:
    words = [SMALL[number // 100 * 100][case]] if number >= 100 else []
    number %= 100
    if number >= 20:
        words.append(SMALL[number // 10 * 10][case])
        number %= 10
    if number in (1, 2):
        words.append((ONE if number == 1 else TWO)[gender][case])
    elif number:
        words.append(SMALL[number][case])
    return words


def ordinal(number: int, case: Case = Case.NOMINATIVE, gender: str = "m") -> str:
    """Return двадцать первый in a case and gender ("p" for the plural)."""
    last = last_part(number)
    before = f"{cardinal(number - last)} " if number > last else ""
    if last == 3:
        return before + forms("трет", THIRD[gender])[case]
    form = forms(ordinal_stem(last), ADJECTIVE[gender])[case]
    if last in STRESSED and form.endswith("ый"):
        form = f"{form[:-2]}ой"
    return before + form


def last_part(number: int) -> int:
    """Return the part that takes the ending: 6 of 2026, 20 of 1920, 900 of 1900, 2000 of 2000."""
    scale = 1
    while number and number % (scale * 1000) == 0:
        scale *= 1000
    part = number // scale % 1000
    if scale > 1 or not part % 100:
        return part * scale
    rest = part % 100
    return rest if rest < 20 or rest % 10 == 0 else rest % 10


def ordinal_stem(part: int) -> str:
    if part in ORDINALS:
        return ORDINALS[part]
    if part < 1000:
        word = SMALL[part][Case.GENITIVE if part > 30 else Case.NOMINATIVE]
        return word if part >= 100 else word[:-1]
    power = 1
    while part % 1000 ** (power + 1) == 0:
        power += 1
    count = part // 1000**power
    return (joined(count) if count > 1 else "") + SCALE_ORDINALS[power - 1]


def joined(number: int) -> str:
    """Return the number as it begins a longer word: двадцатиоднотысячный, сорокалетний."""
    if number == 1000:
        return "тысяче"
    words = cardinal(number, Case.GENITIVE).split()
    return "".join(IN_COMPOUNDS.get(word, word) for word in words)


def decimal(whole: int, digits: str, case: Case = Case.NOMINATIVE) -> str:
    """Return a decimal fraction: три целых четырнадцать сотых; long ones digit by digit."""
    if len(digits) > len(PARTS):
        return f"{cardinal(whole)} запятая {' '.join(cardinal(int(digit)) for digit in digits)}"
    wholes = f"{cardinal(whole, case, 'f')} {part_form('цел', whole, case)}"
    parts = int(digits)
    return f"{wholes} {cardinal(parts, case, 'f')} {part_form(PARTS[len(digits)], parts, case)}"


def fraction(upper: int, lower: int, case: Case = Case.NOMINATIVE) -> str:
    """Return три четвёртых, двум третям."""
    count = cardinal(upper, case, "f")
    if lower == 3:
        return f"{count} {THIRD_PART[0][case] if is_one(upper) else third_parts(case)}"
    if is_one(upper):
        return f"{count} {ordinal(lower, case, 'f')}"
    return f"{count} {ordinal(lower, Case.GENITIVE if case in DIRECT else case, 'p')}"


def third_parts(case: Case) -> str:
    return THIRD_PART[0][Case.GENITIVE] if case in DIRECT else THIRD_PART[1][case]


def part_form(stem: str, number: int, case: Case) -> str:
    if is_one(number):
        return forms(stem, ADJECTIVE["f"])[case]
    oblique = Case.GENITIVE if case in DIRECT else case
    return forms(stem, ADJECTIVE["p"])[oblique]


def one_and_a_half(gender: str, case: Case) -> str:
    if case not in DIRECT:
        return "полутора"
    return "полторы" if gender == "f" else "полтора"


def whole(written: str, case: Case = Case.NOMINATIVE, gender: str = "m") -> str:
    """Return a whole number as written; a code (007, or a very long one) digit by digit."""
    bare = "".join(filter(str.isdecimal, written))
    if is_code(bare):
        return digits(bare)
    return cardinal(int(bare), case, gender)


def is_code(bare: str) -> bool:
    return (len(bare) > 1 and bare[0] == "0") or int(bare[:20]) >= LARGEST


def group(number: str) -> str:
    """Return a group of a telephone number or a code with its zeros in front."""
    zeros = len(number) - len(number.lstrip("0"))
    if len(number) > LONGEST_GROUP:
        return digits(number)
    rest = [cardinal(int(number))] if zeros < len(number) else []
    return " ".join(["ноль"] * zeros + rest)


def value(written: str) -> int:
    """Return a number for its noun; of one too long for words only the end matters."""
    return int("".join(filter(str.isdecimal, written))[-14:])


def digits(text: str) -> str:
    """Return every digit by itself."""
    return " ".join(cardinal(int(digit)) for digit in text)
