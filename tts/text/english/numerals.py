"""English numbers in words."""


def row(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# How a number is written, for the patterns of all modules.
NUMBER = r"(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.(\d+))?"

# Behind the x of 9x13 a number begins as well.
START = r"(?:(?<![\w.,])|(?<=[\d'′″\"][xX×]))"

DASH = r"\s?[–—-]\s?"

PREFIXES = {"-": "minus ", "–": "minus ", "−": "minus ", "+": "plus "}

SMALL = row(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen"
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES = ("", "thousand", "million", "billion", "trillion")
LARGEST = 10**15
ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip


def cardinal(number: int) -> str:
    """Return a whole number in words; raises `ValueError` from 10**15 on."""
    if abs(number) >= LARGEST:
        raise ValueError("too large for words")
    if number <= 0:
        return f"minus {cardinal(-number)}" if number else SMALL[0]
    words = []
    for power in range(len(SCALES) - 1, -1, -1):
        count = number // 1000**power % 1000
        if count:
            words += [below_thousand(count), SCALES[power]]
    return " ".join(filter(None, words))


def below_thousand(number: int) -> str:
    words = [SMALL[number // 100], "hundred"] if number >= 100 else []
    number %= 100
    if number >= 20:
        unit = f" {SMALL[number % 10]}" if number % 10 else ""
        words.append(TENS[number // 10] + unit)
    elif number:
        words.append(SMALL[number])
    return " ".join(words)


def ordinal(number: int) -> str:
    before, _, last = cardinal(number).rpartition(" ")
    if last in ORDINALS:
        last = ORDINALS[last]
    else:
        last = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return f"{before} {last}".strip()


def decimal(whole: int, digits: str) -> str:
    return f"{cardinal(whole)} point {spell(digits)}"


def spell(digits: str) -> str:
    return " ".join(SMALL[int(digit)] for digit in digits)


def year(number: int) -> str:
    """Return nineteen eighty four, two thousand six, twenty twenty six."""
    century, rest = divmod(number, 100)
    if not 1010 <= number <= 2099 or 2000 <= number <= 2009:
        return cardinal(number)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def decade(number: int) -> str:
    """Return nineteen eighties, nineties, two thousands."""
    return plural(year(number) if number >= 1000 else cardinal(number))


def plural(said: str) -> str:
    """Return twenties, threes, sixes."""
    if said.endswith("y"):
        return f"{said[:-1]}ies"
    return f"{said}es" if said.endswith("x") else f"{said}s"


def whole(written: str) -> str:
    """Return a whole number as written; a code (007, or a very long one) digit by digit."""
    bare = written.replace(",", "")
    if (len(bare) > 1 and bare[0] == "0") or int(bare[:20]) >= LARGEST:
        return spell(bare)
    return cardinal(int(bare))


def value(written: str) -> int:
    """Return a number for its noun; of one too long for words only the end matters."""
    return int(written.replace(",", "")[-14:])


def counted(written: str, part: str | None) -> str:
    return decimal(value(written), part) if part else whole(written)


def fraction(upper: int, lower: int) -> str:
    """Return one half, three quarters, two thirds."""
    names = {2: "half", 4: "quarter"}
    name = names.get(lower) or ordinal(lower)
    if upper == 1:
        return f"one {name}"
    return f"{cardinal(upper)} {'halves' if lower == 2 else f'{name}s'}"
