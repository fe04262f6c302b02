"""Whatever a client sends, the answer is never the server's own failure."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.actions import post_message
from sandbox.api.schema import operations

WORDS = """message chat webhook view entity_id entity_type content buttons files code name
member_ids link_previews blocks type trigger_id"""
KEYS = st.sampled_from(WORDS.split())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["user", "thread", "header", "modal", "\0", "\ud800", "x" * 300])
)
BODIES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=12,
)
NUMBERS = st.integers(-1, 4) | st.sampled_from([2**31, 2**63, 10**30])
MESSAGES = st.fixed_dictionaries(
    {"entity_id": NUMBERS, "content": LEAVES},
    optional={
        "entity_type": st.sampled_from(["user", "thread", "discussion", 1]),
        "buttons": BODIES,
        "files": st.lists(st.dictionaries(KEYS, LEAVES), max_size=2),
        "parent_message_id": NUMBERS,
        "display_name": LEAVES,
    },
)
IDS = st.sampled_from(["1", "2", "0", "-1", "x", "%00", str(2**63), "9" * 40, "١"])
QUERIES = st.dictionaries(
    st.sampled_from(["chat_id", "limit", "cursor", "query", "sort", "order", "code", "name"])
    | st.sampled_from(["last_message_at_after", "personal", "chat_ids", "created_from", "role"]),
    st.text(max_size=6) | IDS | st.sampled_from(["2024-01-01T00:00:00Z", "asc", "true", "1,x"]),
    max_size=4,
)
ROUTES = st.sampled_from(sorted((each.verb, each.path) for each in operations().values()))
QUICK = settings(
    max_examples=250,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def world(ann: Any, chat: Any, as_ann: Any) -> None:
    message = post_message(ann, chat, "hi https://example.com/")
    as_ann.post(f"/messages/{message.pk}/thread")


def answer(caller: Any, verb: Any, path: Any, body: Any, query: Any) -> Any:
    return caller.call(verb, path, json.dumps(body), **query)


@QUICK
@given(route=ROUTES, ids=st.lists(IDS, min_size=2, max_size=2), body=BODIES, query=QUERIES)
def test_any_route_takes_anything(
    world: Any, as_ann: Any, as_bot: Any, route: Any, ids: Any, body: Any, query: Any
) -> None:
    verb, path = route
    for name, value in zip(("{id}", "{user_id}"), ids, strict=True):
        path = path.replace(name, value)

    for caller in (as_ann, as_bot):
        response = answer(caller, verb, path, body, query)

        assert response.status_code < 500, (verb, path, body, query)
        if response.status_code >= 400:
            assert response.json().keys() in ({"errors"}, {"error", "error_description"})


@QUICK
@given(message=MESSAGES)
def test_any_message_is_sent_or_refused(world: Any, as_bot: Any, message: Any) -> None:
    response = answer(as_bot, "POST", "/messages", {"message": message}, {})

    assert response.status_code in (201, 400, 403, 404, 422)


@QUICK
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_refused(world: Any, as_ann: Any, raw: Any) -> None:
    response = as_ann.post("/messages", raw)

    assert response.status_code in (400, 404)
