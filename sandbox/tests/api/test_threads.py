"""Threads: comments under a message."""

from typing import Any

from sandbox.models import WebhookEvent


def open_thread(caller: Any, chat: Any) -> Any:
    message = caller.say(chat, "topic")
    return message, caller.post(f"/messages/{message['id']}/thread").json()["data"]


def comment(caller: Any, thread: Any, content: Any, **more: Any) -> Any:
    body = {"entity_type": "thread", "entity_id": thread["id"], "content": content, **more}
    return caller.post("/messages", {"message": body})


def test_a_message_has_one_thread(as_ann: Any, as_bob: Any, chat: Any) -> None:
    message, thread = open_thread(as_ann, chat)

    again = as_bob.post(f"/messages/{message['id']}/thread")

    assert again.status_code == 201
    assert again.json()["data"]["id"] == thread["id"]
    assert (thread["message_id"], thread["message_chat_id"]) == (message["id"], chat.pk)
    shown = as_ann.get(f"/messages/{message['id']}").json()["data"]["thread"]
    assert shown == {"id": thread["id"], "chat_id": thread["chat_id"]}


def test_a_comment_knows_its_thread_and_root(as_ann: Any, as_bob: Any, chat: Any) -> None:
    message, thread = open_thread(as_ann, chat)

    said = comment(as_bob, thread, "well").json()["data"]

    assert (said["entity_type"], said["entity_id"]) == ("thread", thread["id"])
    assert (said["chat_id"], said["root_chat_id"]) == (thread["chat_id"], chat.pk)
    listed = as_ann.get("/messages", chat_id=thread["chat_id"]).json()["data"]
    assert [each["id"] for each in listed] == [said["id"]]
    event = WebhookEvent.objects.filter(event_type="message_new").latest("id")
    assert event.payload["thread"] == {"message_id": message["id"], "message_chat_id": chat.pk}


def test_a_comment_may_be_sent_by_the_thread_s_chat(as_ann: Any, chat: Any) -> None:
    _message, thread = open_thread(as_ann, chat)

    body = {"message": {"entity_id": thread["chat_id"], "content": "well"}}

    assert as_ann.post("/messages", body).json()["data"]["entity_type"] == "thread"


def test_a_stranger_has_no_part_in_it(as_ann: Any, as_stranger: Any, chat: Any) -> None:
    _message, thread = open_thread(as_ann, chat)

    assert as_stranger.get(f"/threads/{thread['id']}").status_code == 404
    assert comment(as_stranger, thread, "hi").status_code == 422
    assert as_stranger.get("/threads").json()["data"] == []


def test_whoever_is_mentioned_joins_a_thread(
    as_ann: Any, as_stranger: Any, stranger: Any, chat: Any
) -> None:
    _message, thread = open_thread(as_ann, chat)

    comment(as_ann, thread, f"<@{stranger.pk}>", skip_invite_mentions=True)
    assert as_stranger.get("/threads").json()["data"] == []
    comment(as_ann, thread, f"<@{stranger.pk}>")

    assert [each["id"] for each in as_stranger.get("/threads").json()["data"]] == [thread["id"]]


def test_a_comment_has_no_thread_of_its_own(as_ann: Any, chat: Any) -> None:
    _message, thread = open_thread(as_ann, chat)
    said = comment(as_ann, thread, "well").json()["data"]

    assert as_ann.post(f"/messages/{said['id']}/thread").status_code == 403


def test_a_thread_may_stand_alone(as_ann: Any, as_bob: Any) -> None:
    thread = as_ann.post("/threads").json()["data"]

    assert (thread["message_id"], thread["message_chat_id"]) == (None, None)
    assert comment(as_ann, thread, "note").status_code == 201
    assert comment(as_bob, thread, "me too").status_code == 422


def test_threads_are_listed_by_their_last_comment(as_ann: Any, chat: Any) -> None:
    _first, one = open_thread(as_ann, chat)
    _second, two = open_thread(as_ann, chat)
    comment(as_ann, one, "newest")

    listed = as_ann.get("/threads", limit=1).json()
    cursor = listed["meta"]["paginate"]["next_page"]
    rest = as_ann.get("/threads", cursor=cursor).json()

    assert [each["id"] for each in listed["data"] + rest["data"]] == [one["id"], two["id"]]
