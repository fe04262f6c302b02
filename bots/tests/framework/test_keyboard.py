from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.framework.api.keyboard import BadKeyboard, Keyboard


def keyboard(count: int) -> Keyboard:
    made = Keyboard()
    for number in range(count):
        made.button(str(number), data=f"n{number}")
    return made


def sizes(made: Keyboard) -> list[int]:
    return [len(row) for row in made.as_buttons()]


def test_buttons_fill_rows_of_eight_and_a_row_begins_where_it_is_told_to() -> None:
    assert sizes(keyboard(10)) == [8, 2]
    assert sizes(keyboard(2).row().button("a", data="a")) == [2, 1]


def test_a_button_has_data_or_a_url() -> None:
    made = Keyboard().button("Yes", data="y").button("More", url="https://pachca.com")

    assert made.as_buttons() == [
        [{"text": "Yes", "data": "y"}, {"text": "More", "url": "https://pachca.com"}]
    ]


def test_adjusting_repeats_the_last_size_or_all_of_them() -> None:
    assert sizes(keyboard(7).adjust(1, 2)) == [1, 2, 2, 2]
    assert sizes(keyboard(7).adjust(1, 2, repeat=True)) == [1, 2, 1, 2, 1]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", {"data": "a"}),
        ("a" * 256, {"data": "a"}),
        ("a", {"data": "a" * 256}),
        ("a", {"data": ""}),
        ("a", {}),
        ("a", {"data": "a", "url": "https://a.ru"}),
    ],
)
def test_what_pachca_would_refuse_is_refused_at_once(text: Any, options: Any) -> None:
    with pytest.raises(BadKeyboard):
        Keyboard().button(text, **options)


def test_limits_of_a_whole_keyboard() -> None:
    with pytest.raises(BadKeyboard, match="100 buttons"):
        keyboard(101)
    with pytest.raises(BadKeyboard, match="32 rows"):
        keyboard(33).adjust(1)
    with pytest.raises(BadKeyboard, match="1 to 8"):
        keyboard(3).adjust(9)


@given(st.integers(0, 100), st.lists(st.integers(4, 8), min_size=1, max_size=5), st.booleans())
def test_no_button_is_lost_and_no_limit_passed(count: Any, widths: Any, repeat: Any) -> None:
    made = keyboard(count).adjust(*widths, repeat=repeat).as_buttons()

    assert [button["data"] for row in made for button in row] == [f"n{it}" for it in range(count)]
    assert len(made) <= 32
    assert all(0 < len(row) <= 8 for row in made)
