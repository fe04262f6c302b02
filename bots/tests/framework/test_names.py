import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.framework.api.names import MAX_BYTES, key_name, shorten, shown_name

parts = st.text() | st.sampled_from(
    ["..", " ", "/", "\\", ".pdf", "\0", "\u202e", "я" * 200, "👩‍👩‍👧" * 20]
)


@pytest.mark.parametrize(
    ("name", "shown", "key"),
    [
        ("отчёт .pdf ", "отчёт.pdf", "отчёт.pdf"),
        (unicodedata.normalize("NFD", "Отчёт за май.pdf"), "Отчёт за май.pdf", "Отчёт за май.pdf"),
        ("отчёт к/мая.txt", "отчёт к/мая.txt", "мая.txt"),
        ("a.c++", "a.c__", "a.c__"),
        ("v2. Итоги: май + июнь, со всеми приложениями", None, None),
        (".gitignore", ".gitignore", "gitignore"),
        ("evil\u202egpj.exe", "evil gpj.exe", "evil gpj.exe"),
        ("a\0b\nc.txt", "ab c.txt", "ab c.txt"),
        ("..", "file", "file"),
        ("", "file", "file"),
    ],
)
def test_a_name_is_shown_and_addressed(name: Any, shown: Any, key: Any) -> None:
    if shown is not None:
        assert (shown_name(name), key_name(name)) == (shown, key)
    assert extension(shown_name(name)) == extension(key_name(name))


def test_a_name_is_cut_by_bytes_and_its_extension_stays() -> None:
    name = "я" * 300 + ".pdf"

    assert shown_name(name) == key_name(name) == "я" * 125 + ".pdf"


@given(st.lists(parts, max_size=5).map("".join))
def test_any_name_fits_and_has_one_extension(name: Any) -> None:
    shown, key = shown_name(name), key_name(name)

    assert 0 < len(shown.encode()) <= MAX_BYTES
    assert 0 < len(key.encode()) <= MAX_BYTES
    assert "/" not in key
    assert extension(shown) == extension(key)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(40, 300))
def test_a_name_is_never_longer_than_it_may_be(name: Any, most: Any) -> None:
    assert len(shorten(name, most).encode()) <= most


def extension(name: str) -> str:
    """Return the extension as Pachca compares it."""
    return name.rpartition("/")[2].rpartition(".")[2].lower()
