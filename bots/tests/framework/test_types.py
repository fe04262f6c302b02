"""Whatever JSON a webhook carries: a typed event, or a refusal that says why; never a crash."""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.framework.events import types
from bots.framework.routing.router import OBSERVERS
from bots.intake.inbox import NotReadable, read
from bots.models import Bot
from bots.runtime.execution import observer_of

KINDS = [
    ("message", "new"),
    ("message", "update"),
    ("message", "delete"),
    ("message", "link_shared"),
    ("reaction", "new"),
    ("button", "click"),
    ("view", "submit"),
    ("chat_member", "add"),
    ("company_member", "confirm"),
    ("video_call", "recording_ready"),
    ("poll", "closed"),  # what Pachca may add
]
KNOWN = sorted(
    {it.name for kind in set(OBSERVERS.values()) for it in fields(kind)}
    | {"content", "message_chat_id", "domain", "skip"}
)
texts = st.text() | st.sampled_from(["\0", "\ud800", "2026-11-22T10:00:00.000Z", "0", "user"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KNOWN) | texts, inner, max_size=4)
    ),
    max_leaves=10,
)
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
payloads = st.dictionaries(st.sampled_from(KNOWN), values, max_size=12)


def typed(payload: dict[str, Any]) -> Iterator[types.Event]:
    """Read the fields as those of an event of each kind."""
    for type_, event in KINDS:
        whole = {**payload, "type": type_, "event": event, "webhook_timestamp": 1}
        update, _sent = read(Bot(pk=1), json.dumps(whole).encode())
        yield OBSERVERS[observer_of(update.kind)].read(update.payload)


def is_of(value: Any, annotation: Any) -> bool:
    """Tell whether the value is what the field says that it holds."""
    if annotation is Any:
        return True
    if isinstance(annotation, UnionType):
        return any(is_of(value, one) for one in get_args(annotation))
    if get_origin(annotation) is list:
        return type(value) is list and all(is_of(it, get_args(annotation)[0]) for it in value)
    if annotation is datetime:
        return isinstance(value, datetime)
    return type(value) is (get_origin(annotation) or annotation)


def texts_in(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for it in value for text in texts_in(it)]
        case dict():
            return [text for pair in value.items() for it in pair for text in texts_in(it)]
    return []


@patiently
@given(payload=payloads)
def test_any_fields_make_an_event_whose_values_are_of_their_types(payload: Any) -> None:
    for event in typed(payload):
        hints = get_type_hints(type(event))
        wrong = {
            it.name: getattr(event, it.name)
            for it in fields(event)
            if not is_of(getattr(event, it.name), hints[it.name])
        }
        assert wrong == {}, type(event)


@patiently
@given(payload=payloads)
def test_what_handlers_ask_of_an_event_always_has_an_answer(payload: Any) -> None:
    for event in typed(payload):
        assert event.chat.kind in ("", "private", "chat", "thread")
        assert event.here is None or event.here.entity_id
        assert isinstance(event.writer_id, int)
        assert isinstance(event.about, int)


@patiently
@given(payload=payloads)
def test_every_text_of_an_event_can_be_answered_back_and_stored(payload: Any) -> None:
    for event in typed(payload):
        shown = [getattr(event, it.name) for it in fields(event) if it.name != "raw"]
        for text in texts_in(shown):
            assert "\0" not in text
            text.encode()


@patiently
@given(st.binary() | values.map(json.dumps).map(str.encode))
def test_a_body_is_read_or_refused(body: Any) -> None:
    try:
        update, sent = read(Bot(pk=1), body)
    except NotReadable:
        return

    assert (json.loads(update.raw), type(sent)) == (json.loads(body), int)


def test_a_body_that_is_nested_without_end_is_refused() -> None:
    body = b'{"webhook_timestamp": 1, "data": ' + b"[" * 10**5 + b"]" * 10**5 + b"}"

    with pytest.raises(NotReadable):
        read(Bot(pk=1), body)
