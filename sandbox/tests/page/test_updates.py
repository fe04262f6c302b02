"""What open pages hear."""

import json
from typing import Any, cast

import pytest

from realtime.errors import EventError
from realtime.register import EventContext
from sandbox import events
from sandbox.actions import add_chat, direct_chat, post_message
from sandbox.live import room_of


@pytest.fixture
def told(sockets, django_capture_on_commit_callbacks):
    """Run something to its commit; return what was told, as (room, event, payload)."""

    def run(action, *args):
        sockets.frames.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action(*args)
            assert sockets.frames == []
        frames = [(room, json.loads(frame)) for room, frame in sockets.frames]
        return [(room, frame["eventName"], frame["payload"]) for room, frame in frames]

    return run


def test_a_message_is_told_to_the_people_of_the_chat_once_committed(told, ann, bob, bot, chat):
    heard = told(post_message, ann, chat, "hi")

    rooms = {room for room, event, _payload in heard if event == "sandbox.message"}
    assert rooms == {room_of(ann.pk), room_of(bob.pk)}
    payload = heard[0][2]
    assert (payload["action"], payload["message"]["content"]) == ("new", "hi")
    assert payload["message"]["author"]["id"] == ann.pk


def test_changes_are_told(told, as_ann, as_bob, chat):
    message = as_ann.say(chat, "hi")
    path = f"/messages/{message['id']}"

    edited = told(as_ann.put, path, {"message": {"content": "hello"}})
    reacted = told(as_bob.post, f"{path}/reactions", {"code": "👍"})
    deleted = told(as_ann.delete, path)

    assert edited[0][2]["message"]["content"] == "hello"
    assert reacted[0][2]["message"]["reactions"][0]["code"] == "👍"
    assert [heard[0][2]["action"] for heard in (edited, reacted, deleted)] == [
        "update",
        "update",
        "delete",
    ]


def test_a_chat_is_told_as_each_person_sees_it(told, ann, bob, stranger):
    heard = told(direct_chat, ann, bob)

    titles = {room: payload["chat"]["title"] for room, _event, payload in heard}
    assert titles == {room_of(ann.pk): "Bob", room_of(bob.pk): "Ann Lee"}
    assert {event for _room, event, _payload in told(add_chat, "New", [ann])} == {"sandbox.chat"}


def test_a_bot_s_call_is_told_as_a_trace(told, as_bot, ann, chat):
    message = post_message(ann, chat, "hi")
    message.webhookevent_set.update(state="delivered")

    heard = told(as_bot.get, f"/messages/{message.pk}")

    assert (room_of(ann.pk), "sandbox.trace", {"message_id": message.pk}) in heard


class RecordingConnection:
    def __init__(self):
        self.rooms = {"sandbox.person.77", "feed"}
        self.sent = []

    async def send(self, event, payload, headers):
        self.sent.append((event, payload))

    async def join(self, room):
        self.rooms.add(room)

    async def leave(self, room):
        self.rooms.discard(room)


def context_of(payload) -> Any:
    """An event as its handler is given it, on a connection that records."""
    return EventContext("sandbox.watch", payload, {}, cast(Any, RecordingConnection()))


@pytest.mark.django_db(transaction=True)
async def test_a_page_watches_one_person_at_a_time(ann):
    context = context_of({"token": ann.token})

    await events.watch(context)

    assert context.connection.rooms == {"feed", room_of(ann.pk)}
    assert context.connection.sent == [("sandbox.watching", {"id": ann.pk, "name": "Ann Lee"})]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("payload", [None, [], {}, {"token": 5}, {"token": "no"}, {"token": "\0"}])
async def test_an_unknown_token_watches_nobody(payload):
    context = context_of(payload)

    with pytest.raises(EventError):
        await events.watch(context)

    assert context.connection.rooms == {"sandbox.person.77", "feed"}
