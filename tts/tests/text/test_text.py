"""Parting texts: by sentences, and by languages. Nothing is lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.errors import NothingToSay, TextTooLong
from tts.text.languages import main_language, runs
from tts.text.reading import read
from tts.text.script import Pause, Utterance
from tts.text.splitter import passages, split

TEXT = st.text(st.sampled_from("абв xyz.,!?;:—\n 12…»"), max_size=400)


@given(TEXT | st.text(), st.integers(1, 120))
def test_splitting_loses_nothing_and_keeps_to_the_limit(text: Any, longest: Any) -> None:
    parts = list(split(text, longest))

    assert "".join(parts) == text
    assert all(0 < len(part) <= longest for part in parts)


def test_a_text_is_parted_at_sentences_then_clauses_then_words() -> None:
    text = "Один. Два три, четыре пять! Шестьсемьвосемь"

    assert list(split(text, 20)) == ["Один. Два три, ", "четыре пять! ", "Шестьсемьвосемь"]
    assert list(split(text, 9)) == [
        "Один. ", "Два три, ", "четыре ", "пять! ", "Шестьсемь", "восемь",
    ]  # fmt: skip


def test_short_sentences_go_together() -> None:
    assert list(split("Да. Нет. Да. Нет.", 9)) == ["Да. Нет. ", "Да. Нет."]


@given(TEXT | st.text(), st.sampled_from(["ru", "en"]))
def test_parting_by_language_loses_nothing(text: Any, main: Any) -> None:
    assert "".join(part for _, part in runs(text, main)) == text


@pytest.mark.parametrize(
    ("text", "language"),
    [("Привет", "ru"), ("Hello", "en"), ("42", "ru"), ("Сервер Redis Cluster упал", "ru")],
)
def test_the_language_is_known_by_its_letters(text: str, language: str) -> None:
    assert main_language(text) == language


def test_foreign_words_go_together() -> None:
    assert list(runs("Наш Redis Cluster, версия", "ru")) == [
        ("ru", "Наш "), ("en", "Redis Cluster"), ("ru", ", версия"),
    ]  # fmt: skip


def test_paragraphs_are_parted_by_a_pause() -> None:
    assert read("Раз\n\n\nдва", False, 100) == [Utterance("Раз"), Pause(0.5), Utterance("\nдва")]


@pytest.mark.parametrize("text", ["", " \n", "…", "—!?", "\u200b", "&nbsp;"[:0], "***"])
def test_a_text_with_nothing_to_say_is_refused(text: Any) -> None:
    with pytest.raises(NothingToSay):
        read(text, False, 100)


@pytest.mark.parametrize("text", ["5", "😀", "а", "=", "%"])
def test_a_sign_that_has_a_name_can_be_said(text: str) -> None:
    assert read(text, False, 100)


def test_a_text_over_the_limit_is_refused() -> None:
    with pytest.raises(TextTooLong):
        read("а" * 101, False, 100)
    with pytest.raises(TextTooLong):
        read(f"<speak>{'а' * 101}</speak>", True, 100)


@given(st.text("аБ .!?\nслово", max_size=300), st.integers(1, 50))
def test_passages_are_the_text_when_joined(text: Any, shortest: Any) -> None:
    assert "".join(passages(text, shortest)) == text


def test_a_passage_ends_where_nothing_needs_its_neighbour() -> None:
    text = "Обсудим планирование. На ул. Ленина, т. е. у проф. Иванова! Да. Все придут? Хорошо."

    assert list(passages(text, 1)) == [
        "Обсудим планирование. ",
        "На ул. Ленина, т. е. у проф. Иванова! ",
        "Да. Все придут? ",
        "Хорошо.",
    ]
