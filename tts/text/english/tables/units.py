"""Units of measurement and money: the name of one, and of several."""


def regular(*names: str) -> dict[str, tuple[str, str]]:
    return {name: (name, f"{name}s") for name in names}


def per(one: str, several: str, what: str) -> tuple[str, str]:
    return f"{one} per {what}", f"{several} per {what}"


SCALES = {
    "thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion",
    "k": "thousand", "m": "million", "mn": "million", "mln": "million", "bn": "billion",
    "b": "billion", "tn": "trillion", "t": "trillion",
}  # fmt: skip

# The unit and its hundredth, one and several of each.
MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("you ess dollar", "you ess dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"), "₽": ("rouble", "roubles", "kopeck", "kopecks"),
    "¥": ("yen", "yen", "sen", "sen"), "₹": ("rupee", "rupees", "paisa", "paise"),
    "A$": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "C$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
}  # fmt: skip
CODES = {
    "USD": "$", "EUR": "€", "GBP": "£", "RUB": "₽", "JPY": "¥", "INR": "₹", "dollars": "$",
    "AUD": "A$", "CAD": "C$",
}  # fmt: skip

MILE, KILOMETRE, METRE = ("mile", "miles"), ("kilometre", "kilometres"), ("metre", "metres")
UNITS: dict[str, tuple[str, str]] = {
    "%": ("percent", "percent"), "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"), "°": ("degree", "degrees"),
    "¢": ("cent", "cents"), "p": ("penny", "pence"), "‰": ("per mille", "per mille"),
    "km/h": per(*KILOMETRE, "hour"), "kph": per(*KILOMETRE, "hour"),
    "kmh": per(*KILOMETRE, "hour"), "mph": per(*MILE, "hour"), "mi/h": per(*MILE, "hour"),
    "m/s": per(*METRE, "second"), "ft/s": ("foot per second", "feet per second"),
    "mpg": per(*MILE, "gallon"), "rpm": ("revolution per minute", "revolutions per minute"),
    "bpm": ("beat per minute", "beats per minute"),
    "fps": ("frame per second", "frames per second"), "dpi": ("dot per inch", "dots per inch"),
    "km": KILOMETRE, "m": METRE, "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"), "µm": ("micrometre", "micrometres"),
    "nm": ("nanometre", "nanometres"), "km²": ("square kilometre", "square kilometres"),
    "m²": ("square metre", "square metres"), "cm²": ("square centimetre", "square centimetres"),
    "m³": ("cubic metre", "cubic metres"), "cm³": ("cubic centimetre", "cubic centimetres"),
    "sq ft": ("square foot", "square feet"), "sq. ft": ("square foot", "square feet"),
    "sq m": ("square metre", "square metres"), "sq mi": ("square mile", "square miles"),
    "cu ft": ("cubic foot", "cubic feet"), "ft²": ("square foot", "square feet"),
    "kg": ("kilogram", "kilograms"), "kgs": ("kilogram", "kilograms"), "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"), "mcg": ("microgram", "micrograms"),
    "t": ("tonne", "tonnes"), "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"), "st": ("stone", "stone"), "ft": ("foot", "feet"),
    "in": ("inch", "inches"), "mi": MILE, "yd": ("yard", "yards"), "yds": ("yard", "yards"),
    "ac": ("acre", "acres"), "ha": ("hectare", "hectares"), "l": ("litre", "litres"),
    "L": ("litre", "litres"), "ml": ("millilitre", "millilitres"),
    "mL": ("millilitre", "millilitres"), "fl oz": ("fluid ounce", "fluid ounces"),
    "fl. oz": ("fluid ounce", "fluid ounces"), "gal": ("gallon", "gallons"),
    "pt": ("pint", "pints"), "qt": ("quart", "quarts"), "tbsp": ("tablespoon", "tablespoons"),
    "tbsps": ("tablespoon", "tablespoons"), "tsp": ("teaspoon", "teaspoons"),
    "tsps": ("teaspoon", "teaspoons"), "pkg": ("package", "packages"), "s": ("second", "seconds"),
    "sec": ("second", "seconds"), "secs": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"), "µs": ("microsecond", "microseconds"),
    "ns": ("nanosecond", "nanoseconds"), "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"), "h": ("hour", "hours"), "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"), "d": ("day", "days"), "wk": ("week", "weeks"),
    "wks": ("week", "weeks"), "mo": ("month", "months"), "mos": ("month", "months"),
    "yr": ("year", "years"), "yrs": ("year", "years"), "y/o": ("year old", "year old"),
    "yo": ("year old", "year old"), "KB": ("kilobyte", "kilobytes"),
    "kB": ("kilobyte", "kilobytes"), "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"), "TB": ("terabyte", "terabytes"),
    "PB": ("petabyte", "petabytes"), "Kb": ("kilobit", "kilobits"), "Mb": ("megabit", "megabits"),
    "Gb": ("gigabit", "gigabits"), "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "MB/s": ("megabyte per second", "megabytes per second"),
    "GB/s": ("gigabyte per second", "gigabytes per second"),
    "Mbit/s": ("megabit per second", "megabits per second"), "kW": ("kilowatt", "kilowatts"),
    "W": ("watt", "watts"), "MW": ("megawatt", "megawatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"), "V": ("volt", "volts"),
    "kV": ("kilovolt", "kilovolts"), "mA": ("milliamp", "milliamps"),
    "mAh": ("milliamp hour", "milliamp hours"), "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"), "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"), "dB": ("decibel", "decibels"),
    "hp": ("horsepower", "horsepower"),
    "psi": ("pound per square inch", "pounds per square inch"), "cal": ("calorie", "calories"),
    "kcal": ("kilocalorie", "kilocalories"), "kJ": ("kilojoule", "kilojoules"),
    "c.": ("cup", "cups"), "hPa": ("hectopascal", "hectopascals"),
    "MPa": ("megapascal", "megapascals"), "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"), "kts": ("knot", "knots"),
    "cc": ("cubic centimetre", "cubic centimetres"), "Wh": ("watt hour", "watt hours"),
    "MWh": ("megawatt hour", "megawatt hours"), "GWh": ("gigawatt hour", "gigawatt hours"),
    "TWh": ("terawatt hour", "terawatt hours"), "GW": ("gigawatt", "gigawatts"),
    "Ah": ("amp hour", "amp hours"), "amps": ("amp", "amps"), "mV": ("millivolt", "millivolts"),
    "cl": ("centilitre", "centilitres"), "dl": ("decilitre", "decilitres"),
    "µg": ("microgram", "micrograms"), "μg": ("microgram", "micrograms"),
    "IU": ("international unit", "international units"), "lm": ("lumen", "lumens"),
    "Nm": ("newton metre", "newton metres"), "kN": ("kilonewton", "kilonewtons"),
    "px": ("pixel", "pixels"), "MP": ("megapixel", "megapixels"), "pp": ("page", "pages"),
    "pts": ("point", "points"), "pcs": ("piece", "pieces"), "pc": ("piece", "pieces"),
    "ppl": ("person", "people"), "kPa": ("kilopascal", "kilopascals"), "doz": ("dozen", "dozen"),
    "mol": ("mole", "moles"), "mg/dL": ("milligram per decilitre", "milligrams per decilitre"),
    "g/L": ("gram per litre", "grams per litre"),
    "mg/kg": ("milligram per kilogram", "milligrams per kilogram"),
    "mm Hg": ("millimetre of mercury", "millimetres of mercury"),
    "mmHg": ("millimetre of mercury", "millimetres of mercury"),
}  # fmt: skip
PER = {
    "month": "month", "mo": "month", "year": "year", "yr": "year", "day": "day", "week": "week",
    "wk": "week", "hour": "hour", "hr": "hour", "h": "hour", "night": "night", "person": "person",
    "kg": "kilogram", "lb": "pound", "user": "user", "gal": "gallon", "l": "litre",
    "kWh": "kilowatt hour", "unit": "unit", "min": "minute", "sq ft": "square foot",
    "oz": "ounce", "pp": "person", "m²": "square metre", "item": "item", "s": "second",
    "seat": "seat", "GB": "gigabyte", "TB": "terabyte", "MB": "megabyte", "km": "kilometre",
    "mi": "mile", "mile": "mile", "ticket": "ticket", "class": "class", "game": "game",
}  # fmt: skip
