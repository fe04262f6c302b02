import contextlib
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils.functional import lazystr
from hypothesis import given
from hypothesis import strategies as st

from realtime.errors import Offence
from realtime.wire.envelope import RESERVED, Envelope, decode, encode

characters = st.characters(exclude_categories=())  # halves of surrogate pairs too
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(characters),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(characters), inner),
    max_leaves=20,
)  # fmt: skip
names = st.text().filter(lambda name: name not in RESERVED)
objects = st.dictionaries(st.text(), json_values)


@given(names, json_values, objects)
def test_decoding_reverses_encoding(name: Any, payload: Any, headers: Any) -> None:
    assert decode(encode(name, payload, headers)) == Envelope(name, payload, headers)


@given(names, json_values, objects)
def test_every_frame_is_valid_utf8(name: Any, payload: Any, headers: Any) -> None:
    assert encode(name, payload, headers).encode().decode()


@pytest.mark.parametrize(
    ("payload", "decoded"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC), "2026-01-02T03:04:05.678Z"),
        (Decimal("1.10"), "1.10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (lazystr("tea"), "tea"),
        ({1: "one"}, {"1": "one"}),
        (math.nan, None),
    ],
)
def test_python_values_without_json_counterpart_are_converted(payload: Any, decoded: Any) -> None:
    assert decode(encode("tea", payload)).payload == decoded


def test_values_that_json_cannot_represent_are_refused() -> None:
    with pytest.raises(TypeError):
        encode("tea", object())


@given(st.text() | json_values.map(json.dumps))
def test_any_text_is_decoded_or_raises_an_offence(text: Any) -> None:
    with contextlib.suppress(Offence):
        envelope = decode(text)

        assert isinstance(envelope.event_name, str)
        assert isinstance(envelope.headers, dict)


@given(names, st.dictionaries(st.text(), json_values))
def test_unknown_keys_are_ignored(name: Any, others: Any) -> None:
    frame = {**others, "eventName": name, "payload": 1, "headers": None}

    assert decode(json.dumps(frame)) == Envelope(name, 1, {})
