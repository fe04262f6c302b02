"""What open pages hear."""

import json
from typing import Any, cast

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from realtime.errors import EventError
from realtime.register import EventContext
from sandbox import events
from sandbox.actions import add_chat, direct_chat, post_message
from sandbox.page.updates import room_of


@pytest.fixture
def published_by(
    sockets: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Any:
    """Run something to its commit; return what was published_by, as (room, event, payload)."""

    def run(action: Any, *args: Any) -> Any:
        sockets.frames.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action(*args)
            assert sockets.frames == []
        frames = [(room, json.loads(frame)) for room, frame in sockets.frames]
        return [(room, frame["eventName"], frame["payload"]) for room, frame in frames]

    return run


def test_a_message_is_told_to_the_people_of_the_chat_once_committed(
    published_by: Any, ann: Any, bob: Any, bot: Any, chat: Any
) -> None:
    published = published_by(post_message, ann, chat, "hi")

    rooms = {room for room, event, _payload in published if event == "sandbox.message"}
    assert rooms == {room_of(ann.pk), room_of(bob.pk)}
    payload = published[0][2]
    assert (payload["action"], payload["message"]["content"]) == ("new", "hi")
    assert payload["message"]["author"]["id"] == ann.pk


def test_changes_are_published(published_by: Any, as_ann: Any, as_bob: Any, chat: Any) -> None:
    message = as_ann.say(chat, "hi")
    path = f"/messages/{message['id']}"

    edited = published_by(as_ann.put, path, {"message": {"content": "hello"}})
    reacted = published_by(as_bob.post, f"{path}/reactions", {"code": "👍"})
    deleted = published_by(as_ann.delete, path)

    assert edited[0][2]["message"]["content"] == "hello"
    assert reacted[0][2]["message"]["reactions"][0]["code"] == "👍"
    assert [published[0][2]["action"] for published in (edited, reacted, deleted)] == [
        "update",
        "update",
        "delete",
    ]


def test_a_chat_is_published_as_each_person_sees_it(
    published_by: Any, ann: Any, bob: Any, stranger: Any
) -> None:
    published = published_by(direct_chat, ann, bob)

    titles = {room: payload["chat"]["title"] for room, _event, payload in published}
    assert titles == {room_of(ann.pk): "Bob", room_of(bob.pk): "Ann Lee"}
    assert {event for _room, event, _payload in published_by(add_chat, "New", [ann])} == {
        "sandbox.chat"
    }


def test_a_bot_s_call_is_published_as_a_trace(
    published_by: Any, as_bot: Any, ann: Any, chat: Any
) -> None:
    message = post_message(ann, chat, "hi")
    message.webhookevent_set.update(state="delivered")

    published = published_by(as_bot.get, f"/messages/{message.pk}")

    assert (room_of(ann.pk), "sandbox.trace", {"message_id": message.pk}) in published


class RecordingConnection:
    def __init__(self) -> None:
        self.rooms = {"sandbox.person.77", "feed"}
        self.sent: list[tuple[Any, Any]] = []

    async def send(self, event: Any, payload: Any, headers: Any) -> None:
        self.sent.append((event, payload))

    async def join(self, room: Any) -> None:
        self.rooms.add(room)

    async def leave(self, room: Any) -> None:
        self.rooms.discard(room)


def context_of(payload: Any) -> Any:
    """An event as its handler is given it, on a connection that records."""
    return EventContext("sandbox.watch", payload, {}, cast(Any, RecordingConnection()))


@pytest.mark.django_db(transaction=True)
async def test_a_page_watches_one_person_at_a_time(ann: Any) -> None:
    context = context_of({"token": ann.token})

    await events.watch(context)

    assert context.connection.rooms == {"feed", room_of(ann.pk)}
    assert context.connection.sent == [("sandbox.watching", {"id": ann.pk, "name": "Ann Lee"})]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("payload", [None, [], {}, {"token": 5}, {"token": "no"}, {"token": "\0"}])
async def test_an_unknown_token_watches_nobody(payload: Any) -> None:
    context = context_of(payload)

    with pytest.raises(EventError):
        await events.watch(context)

    assert context.connection.rooms == {"sandbox.person.77", "feed"}
