import datetime
import uuid
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.framework.events.types import Button
from bots.framework.filters import F
from bots.framework.filters.callback_data import BadCallbackData, CallbackData
from bots.framework.routing.injection import Context
from bots.tests.conftest import run


class Colour(Enum):
    RED = "r:d"
    BLUE = 2


class Everything(CallbackData, prefix="all"):
    number: int
    text: str
    ratio: float = 0.5
    yes: bool = False
    price: Decimal | None = None
    key: uuid.UUID | None = None
    day: datetime.date | None = None
    moment: datetime.datetime | None = None
    colour: Colour = Colour.BLUE


everything = st.builds(
    Everything,
    number=st.integers(-(10**12), 10**12),
    text=st.text(max_size=5),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    yes=st.booleans(),
    price=st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**6),
    key=st.none() | st.uuids(),
    day=st.none() | st.dates(),
    moment=st.none() | st.datetimes(timezones=st.just(datetime.UTC)),
    colour=st.sampled_from(Colour),
)


@given(everything)
def test_what_is_packed_comes_back(data: Any) -> None:
    try:
        packed = data.pack()
    except BadCallbackData:  # a few of them are too long together
        return

    assert Everything.unpack(packed) == data
    assert len(packed) <= 255


class Vote(CallbackData, prefix="vote"):
    poll: int
    option: str | None = None


@given(st.text() | st.from_regex(r"vote:.{0,9}:.{0,9}"))
def test_whatever_comes_is_read_or_refused(data: Any) -> None:
    with suppress(BadCallbackData):
        assert Vote.unpack(data).pack().startswith("vote:")


def test_nothing_and_an_empty_text_are_told_apart() -> None:
    assert Vote.unpack(Vote(poll=1, option="").pack()).option == ""
    assert Vote.unpack(Vote(poll=1).pack()).option is None


def test_what_does_not_fit_is_refused_when_it_is_packed() -> None:
    with pytest.raises(BadCallbackData, match="255 fit"):
        Vote(poll=1, option="a" * 255).pack()


def test_a_type_that_no_button_can_carry_is_told_where_it_is_registered() -> None:
    class Odd(CallbackData, prefix="odd"):
        what: list[int]

    with pytest.raises(BadCallbackData, match="cannot carry"):
        Odd.filter()


def test_a_prefix_is_needed() -> None:
    with pytest.raises(BadCallbackData):
        type("Nameless", (CallbackData,), {})


@pytest.mark.parametrize(
    ("data", "rule", "passes"),
    [
        ("vote:1:a", None, True),
        ("vote:1:a", F.poll == 1, True),
        ("vote:1:a", F.poll == 2, False),
        ("vote:x:a", None, False),
        ("other:1:a", None, False),
    ],
)
def test_its_filter_gives_it_typed(data: str, rule: Any, passes: bool) -> None:
    verdict = run(Vote.filter(rule).passes(Button(data=data), Context()))

    assert verdict == ({"callback_data": Vote(poll=1, option="a")} if passes else False)
