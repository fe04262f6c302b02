"""Written English, and what a good reader says."""

from typing import Any

import pytest

from tts.text.speakable import speakable

SAID = {
    "21 books, 1,500 pages": "twenty one books, one thousand five hundred pages",
    "3.14": "three point one four",
    "the 21st, 3rd and 12th": "the twenty first, third and twelfth",
    "in 1984, in 2006, of 2026": (
        "in nineteen eighty four, in two thousand six, of twenty twenty six"
    ),
    "Nov 21, 2026": "November twenty first, twenty twenty six",
    "4 July 1776": "July fourth, seventeen seventy six",
    "2026-01-05": "January fifth, twenty twenty six",
    "at 2:30 pm": "at two thirty P M",
    "at 9:05": "at nine oh five",
    "$1,500.50": "one thousand five hundred dollars fifty cents",
    "$1 and $2.5 million": "one dollar and two point five million dollars",
    "15%, -5 °C": "fifteen percent, minus five degrees Celsius",
    "5-10 km": "five to ten kilometres",
    "v1.2.3": "version one point two point three",
    "007": "zero zero seven",
    "+1 555 123 45 67": "plus one, five five five, one two three, four five, six seven",
    "a.b@example.io": "a dot b at example dot io",
    "see https://example.com/docs#top": "see example dot com slash docs",
    "Dr. Smith, e.g. me": "Doctor Smith, for example me",
    "HTTP and NASA": "aitch tee tee pee and NASA",
    "Henry VIII, Rocky IV": "Henry the eighth, Rocky four",
    "98.6ºF and -5 ℃": ("ninety eight point six degrees Fahrenheit and minus five degrees Celsius"),
    "PLEASE READ THE RULES": "PLEASE READ THE RULES",
    "I AM HERE": "I AM HERE",
    "Hello 👋!": "Hello, waving hand!",
    "R&D = fun": "ar and dee equals fun",
}


@pytest.mark.parametrize(("written", "said"), SAID.items())
def test_english_is_said_as_a_good_reader_says_it(written: Any, said: Any) -> None:
    assert speakable(written, "en") == said
