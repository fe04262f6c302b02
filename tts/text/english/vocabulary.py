"""The words that short forms and signs stand for in English."""

from tts.text.english.numerals import row

MONTHS = row(
    "January February March April May June July August September October November December"
)
SCALES = {"k": "thousand", "m": "million", "bn": "billion"}
# One, and more than one.
MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"), "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"), "₽": ("rouble", "roubles", "kopeck", "kopecks"),
    "¥": ("yen", "yen", "sen", "sen"),
}  # fmt: skip
UNITS = {
    "%": ("percent", "percent"), "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"), "°": ("degree", "degrees"),
    "km/h": ("kilometre per hour", "kilometres per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "km": ("kilometre", "kilometres"), "m": ("metre", "metres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"), "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"),
    "lb": ("pound", "pounds"), "oz": ("ounce", "ounces"), "ft": ("foot", "feet"),
    "in": ("inch", "inches"), "mi": ("mile", "miles"), "l": ("litre", "litres"),
    "ml": ("millilitre", "millilitres"), "s": ("second", "seconds"), "ms": ("millisecond",) * 2,
    "min": ("minute", "minutes"), "h": ("hour", "hours"), "hrs": ("hour", "hours"),
    "KB": ("kilobyte", "kilobytes"), "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"), "TB": ("terabyte", "terabytes"),
    "kW": ("kilowatt", "kilowatts"),
    "W": ("watt", "watts"), "V": ("volt", "volts"), "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"), "MHz": ("megahertz",) * 2, "GHz": ("gigahertz",) * 2,
    "Mbps": ("megabit per second", "megabits per second"),
}  # fmt: skip
ABBREVIATIONS = {
    r"e\.g\.": "for example", r"i\.e\.": "that is", r"etc\.": "et cetera", r"vs\.?": "versus",
    r"Mr\.": "Mister", r"Mrs\.": "Missis", r"Ms\.": "Miss", r"Dr\.": "Doctor",
    r"Prof\.": "Professor",
    r"Inc\.": "Incorporated", r"Ltd\.?": "Limited", r"Co\.": "Company",
    r"approx\.": "approximately",
    r"w/": "with", r"w/o": "without", r"No\.(?=\s*\d)": "number", r"p\.(?=\s*\d)": "page",
    r"pp\.(?=\s*\d)": "pages", r"fig\.(?=\s*\d)": "figure",
}  # fmt: skip
SIGNS: dict[str, str | int | None] = {
    "&": " and ", "+": " plus ", "=": " equals ", "≈": " about ", "~": " about ",
    "<": " less than ", ">": " greater than ", "≤": " at most ", "≥": " at least ", "×": " times ",
    "÷": " divided by ", "±": " plus or minus ", "→": " , ", "←": " , ", "%": " percent ",
    "°": " degrees ", "$": " dollar ", "€": " euro ", "£": " pound ", "₽": " rouble ",
    "№": " number ", "§": " section ", "@": " at ", "#": " number ", "*": " ", "_": " ", "|": " , ",
    "^": " ", "`": " ", "\\": " ", "/": " ", "•": " , ", "·": " , ", "©": " copyright ", "®": "",
    "™": "", "½": " one half ", "¼": " one quarter ", "¾": " three quarters ", "²": " squared",
    "³": " cubed",
}  # fmt: skip


LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        row(
            "ay bee see dee ee eff gee aitch eye jay kay ell em en oh pee cue ar ess tee you vee"
            " double-you ex why zed"
        ),
        strict=True,
    )
)
# Capitals that are said as a word.
WORDS = frozenset(row("NASA NATO UNESCO JSON REST JPEG RAM LAN ASAP LASER AIDS OPEC GIF PIN SIM"))
