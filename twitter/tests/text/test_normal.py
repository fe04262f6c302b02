"""Texts have one form in which they are stored, and one in which they are compared."""

import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.text.visibility import is_blank
from twitter.text.normal import (
    fold,
    fold_username,
    honest_name,
    normalize,
    normalize_name,
)


@given(st.text())
def test_normalising_and_folding_twice_is_doing_it_once(text: Any) -> None:
    for form in (normalize, normalize_name, fold, fold_username):
        assert form(form(text)) == form(text)
    assert unicodedata.is_normalized("NFC", normalize(text))
    assert "\r" not in normalize(text)


def test_every_line_break_is_stored_as_lf() -> None:
    assert normalize("а\r\nб\rв\u2028г\x85д") == "а\nб\nв\nг\nд"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a\x07b\x1b[31m\x7f\x9b", "ab[31m"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\u202ba\u202c\u202db\u202a", "ab"),
        ("a\tb\n\nc", "a\tb\n\nc"),
    ],
)
def test_control_characters_and_direction_overrides_are_not_stored(
    written: str, stored: str
) -> None:
    assert normalize(written) == stored


@pytest.mark.parametrize(
    "text",
    [
        "👨\u200d👩\u200d👧",
        "نرگس\u200cها",
        "\u200fשלום!\u200e",
        "\u2067שלום\u2069",
        "❤\ufe0f",
        "пере\u00adнос",
    ],
)
def test_characters_that_writing_needs_are_stored(text: str) -> None:
    assert normalize(f"a {text} b") == f"a {text} b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ёлка", "елка"),
        ("Андрей", unicodedata.normalize("NFD", "андрей")),
        ("за\u0301мок", "замок"),
        ("STRASSE", "straße"),
        ("Σ", "ς"),
    ],
)
def test_texts_that_readers_take_for_the_same_are_folded_alike(one: str, other: Any) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "text", ["", " \n", "\uffa0", "\u115f", "\u3164", "\u034f", "\ufe0f", "\u0301", "\u200b\u200b",
             "\u00ad\u00ad", "\ufeff", "\u2800", "\u2065", "\U000e0041", "\ufdd0", "\u202e"]
)  # fmt: skip
def test_what_no_reader_sees_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", ".", "🎉", "❤\ufe0f", "हि", "\ue000", "ㅎ", "、"])
def test_what_a_reader_sees_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize(
    "name",
    ["\u200b\u200b", "\u00ad\u00ad", "Ве\u200bра", "Вера\u202eарев", "Вера\u2066", "Ве\x08ра",
     "Вера\nОрлова", "Ве\u3164ра", "Вера\u200e", "Вера @boris", "@boris", "Вера (@boris)",
     "Вера«@boris»", "\uff20boris", "Вера \ufe6bboris", "Ве\u200dра", "Vera\u200c", "\u200dVera",
     "Вера \u200dОрлова", "Вера\ufe0f", "Ве\u034fра", "Ann\U000e0100"],
)  # fmt: skip
def test_a_name_that_looks_like_another_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        assert honest_name(name) is None  # type: ignore[func-returns-value]  # it raises for others


@pytest.mark.parametrize(
    "name",
    [
        "Вера Орлова",
        "ivan@example.org",
        "نرگس\u200cها",
        "Ann 🎉",
        "O’Neil, Jr.",
        "Ann ❤\ufe0f",
        "Семья 👨\u200d👩\u200d👧",
        "1\ufe0f\u20e3 отдел",
        "Ann ©\ufe0f",
        "За\u0301мок",
    ],
)
def test_ordinary_names_are_accepted(name: str) -> None:
    assert honest_name(name) is None  # type: ignore[func-returns-value]  # it raises for others
