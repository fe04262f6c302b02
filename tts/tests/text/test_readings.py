"""Everyday sentences, and the readings of them that are accepted: the share that is read right.

Each line of the tables is a written text and its accepted readings, separated by tabs. They are
compared without punctuation and case; hyphens inside of words count. `given_*` come from others,
`own_*` are ours. A line break is written as \\n.
"""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.text.speakable import speakable

READINGS = Path(__file__).parent / "readings"
STRESS = "\u0301"
# The share of each table, in per cent, that must be read in one of the accepted ways.
LEAST = {"given_ru": 97, "given_en": 97, "own_ru": 99, "own_en": 98}


def rows_of(table: str) -> list[tuple[str, list[str]]]:
    lines = (READINGS / f"{table}.tsv").read_text("utf-8").splitlines()
    rows = (line.replace(r"\n", "\n").split("\t") for line in lines if line)
    return [(written, accepted) for written, *accepted in rows]


def plain(text: str) -> str:
    """Return the words alone, with nothing of punctuation but hyphens and apostrophes inside."""
    text = text.replace(STRESS, "").replace("’", "'").lower()
    text = re.sub(r"[^\w\s'-]", " ", text)
    return " ".join(re.sub(r"(?<!\w)['-]+|['-]+(?!\w)", " ", text).split())


@pytest.mark.parametrize("table", LEAST)
def test_everyday_sentences_are_read_right(table: Any, capsys: pytest.CaptureFixture[str]) -> None:
    language, rows = table[-2:], rows_of(table)

    said = [(plain(speakable(written, language)), accepted) for written, accepted in rows]
    wrong = [(words, accepted[0]) for words, accepted in said if words not in map(plain, accepted)]
    share = 100 * (1 - len(wrong) / len(rows))

    with capsys.disabled():
        print(f"\n{table}: {share:.1f} % of {len(rows)} read right")  # noqa: T201
    assert share >= LEAST[table], wrong


WRITTEN = [written for table in LEAST for written, _ in rows_of(table)]
PIECES = st.sampled_from(
    [
        *" .,:;-–—/+*№§$€%°()«»\"'\n\t", "5", "12", "1990", "0", "007", "1,5", "XX", "и", "до", "с",
        "г.", "т.", "р.", "кв.", "ул.", "А", "В", "м²", "31.12", "10:30", "-й", "-х",
    ]
)  # fmt: skip
TEXTS = st.lists(st.text(max_size=4) | PIECES | st.sampled_from(WRITTEN), max_size=12).map("".join)


@given(TEXTS, st.sampled_from(["ru", "en"]))
def test_any_text_is_read_without_fail_always_alike_and_within_bounds(
    text: Any, language: Any
) -> None:
    said = speakable(text, language)

    assert said == speakable(text, language)
    assert not any(character.isdecimal() for character in said)
    # An emoji has a long name; nothing else grows as much.
    assert len(said) <= 200 * len(text) + 200


LONG = 8_000


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "1-", "1, ", "1 и ", "1/", "10:", "1 000 ", "I-", "XX", "А", "АБВ ", "пн ", "г. ",
     "I, ", "3 дома и ",
     "+а", "a.b@", "5 новых ", "стр. 1 ", "8 900 ", "(", "\n", "-5", "№", "слово "],
)  # fmt: skip
def test_the_time_of_reading_grows_with_the_length_and_not_faster(
    piece: str, language: str
) -> None:
    speakable("Раз, 2, three", language)

    short = min(seconds_of(piece * (LONG // 8 // len(piece)), language) for _ in range(2))
    long = min(seconds_of(piece * (LONG // len(piece)), language) for _ in range(2))

    # Eight times as long; the square of it would be 64 times.
    assert long < 32 * max(short, 0.005)


def seconds_of(text: str, language: str) -> float:
    start = time.process_time()
    speakable(text, language)
    return time.process_time() - start


def test_a_page_is_read_in_well_under_a_third_of_a_second() -> None:
    page = " ".join(written for written, _ in rows_of("given_ru") + rows_of("own_ru"))[:5000]
    speakable(page, "ru")

    assert min(seconds_of(page, "ru") for _ in range(3)) < 0.3
