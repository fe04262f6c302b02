import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.framework.events.identity import chat_of, key_of, kind_of
from bots.framework.events.types import Message

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["type", "event", "id", "chat_id", "user_id", "user_ids", "created_at", "trigger_id"]
payloads = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), json_values, max_size=8)


@given(payloads)
def test_anything_can_be_identified_and_fits_its_columns(payload: Any) -> None:
    assert len(kind_of(payload)) <= 64
    assert len(key_of(payload)) <= 200
    assert len(chat_of(payload)) <= 64
    assert "\0" not in kind_of(payload) + key_of(payload)
    assert Message.read(payload).text.count("\0") == 0


@given(payloads, st.integers())
def test_a_redelivery_has_the_same_key(payload: Any, later: Any) -> None:
    if payload.get("type") == "view":
        return
    assert key_of(payload) == key_of({**payload, "webhook_timestamp": later})


def event(type_: str, event_: str, **fields: object) -> dict[str, object]:
    return {"type": type_, "event": event_, "webhook_timestamp": time.time(), **fields}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (event("message", "new", id=1), event("message", "new", id=2)),
        (event("message", "new", id=1), event("message", "delete", id=1)),
        (
            event("message", "update", id=1, changed_at="10:00"),
            event("message", "update", id=1, changed_at="10:01"),
        ),
        (
            event("message", "update", id=1, content="a"),
            event("message", "update", id=1, content="b"),
        ),
        (event("button", "click", trigger_id="a"), event("button", "click", trigger_id="b")),
        (
            event("reaction", "new", message_id=1, user_id=1, code="👍", created_at="10:00"),
            event("reaction", "new", message_id=1, user_id=2, code="👍", created_at="10:00"),
        ),
        (event("view", "submit", data={}), event("view", "submit", data={})),
        (event("view", "submit", submit_id="a"), event("view", "submit", submit_id="b")),
        (
            event("chat_member", "add", chat_id=1, user_ids=[1], created_at="10:00"),
            event("chat_member", "add", chat_id=2, user_ids=[1], created_at="10:00"),
        ),
        (
            event("message", "link_shared", message_id=1, links=[{"url": "a"}]),
            event("message", "link_shared", message_id=1, links=[{"url": "b"}]),
        ),
        (
            event("video_call", "recording_ready", video_room_id=1, recording_id=1),
            event("video_call", "recording_ready", video_room_id=1, recording_id=2),
        ),
    ],
)
def test_different_events_have_different_keys(one: Any, other: Any) -> None:
    assert key_of(one) != key_of(other)


def test_the_order_of_people_does_not_make_a_new_event() -> None:
    one = event("company_member", "confirm", user_ids=[1, 2], created_at="10:00")
    other = event("company_member", "confirm", user_ids=[2, 1], created_at="10:00")

    assert key_of(one) == key_of(other)
