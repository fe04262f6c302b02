"""Messages over the API."""

from typing import Any

import pytest

from sandbox.actions import add_chat, post_message
from sandbox.api.schema import spec
from sandbox.models import Message, WebhookEvent

REQUIRED = set(spec()["components"]["schemas"]["Message"]["required"])


def error_of(response: Any) -> Any:
    return response.json()["errors"][0]


def test_a_message_comes_back_with_every_field_the_specification_requires(
    as_ann: Any, ann: Any, chat: Any
) -> None:
    message = as_ann.say(chat, "hello")

    assert message.keys() >= REQUIRED
    assert (message["entity_type"], message["entity_id"]) == ("discussion", chat.pk)
    assert (message["chat_id"], message["root_chat_id"]) == (chat.pk, chat.pk)
    assert message["content"] == "hello"
    assert message["changed_at"] == message["created_at"]
    assert "display_name" not in message
    assert as_ann.get(f"/messages/{message['id']}").json() == {"data": message}


def test_a_message_to_a_user_goes_to_the_one_private_chat(
    as_ann: Any, as_bob: Any, ann: Any, bob: Any
) -> None:
    first = as_ann.post(
        "/messages", {"message": {"entity_type": "USER", "entity_id": bob.pk, "content": "hi"}}
    ).json()["data"]
    second = as_bob.post(
        "/messages", {"message": {"entity_type": "user", "entity_id": ann.pk, "content": "hey"}}
    ).json()["data"]

    assert first["chat_id"] == second["chat_id"]
    assert (first["entity_type"], first["entity_id"]) == ("user", bob.pk)
    assert (second["entity_type"], second["entity_id"]) == ("user", ann.pk)


def test_mentions_by_id_become_nicknames(as_ann: Any, bob: Any, chat: Any) -> None:
    message = as_ann.say(chat, f"<@{bob.pk}> and <@999999>")

    assert message["content"] == "@bob and <@999999>"


def test_a_bot_chooses_the_name_it_is_shown_under(as_bot: Any, chat: Any) -> None:
    message = as_bot.say(chat, "hi", display_name="Support")

    assert message["display_name"] == "Support"
    assert message["display_avatar_url"] is None


def test_a_person_does_not(as_ann: Any, chat: Any) -> None:
    body = {"message": {"entity_id": chat.pk, "content": "hi", "display_name": "Support"}}

    assert as_ann.post("/messages", body).status_code == 422


@pytest.mark.parametrize(
    ("message", "status", "key", "code"),
    [
        ({}, 400, "entity_id", "blank"),
        ({"entity_id": 1}, 400, "content", "blank"),
        ({"entity_id": "1", "content": "a"}, 400, "entity_id", "invalid"),
        ({"entity_id": 2**40, "content": "a"}, 400, "entity_id", "invalid"),
        ({"entity_id": 1, "entity_type": "room", "content": "a"}, 400, "entity_type", "invalid"),
        ({"entity_id": 999999, "content": "a"}, 404, "id", "not_found"),
        (
            {"entity_id": 999999, "entity_type": "user", "content": "a"},
            422,
            "entity_id",
            "invalid",
        ),
    ],
)
def test_what_is_wrong_is_named(
    as_ann: Any, chat: Any, message: Any, status: int, key: str, code: str
) -> None:
    response = as_ann.post("/messages", {"message": message})

    assert response.status_code == status
    assert error_of(response)["key"] == key
    assert error_of(response)["code"] == code
    assert error_of(response).keys() == {"key", "value", "message", "code", "payload"}


@pytest.mark.parametrize(
    ("content", "code"), [("", "blank"), (" \n", "blank"), ("a" * 40_001, "too_long")]
)
def test_a_message_says_something_but_not_too_much(
    as_ann: Any, chat: Any, content: Any, code: str
) -> None:
    body = {"message": {"entity_id": chat.pk, "content": content}}
    response = as_ann.post("/messages", body)

    assert response.status_code == 422
    assert error_of(response)["code"] == code


BUTTON = {"text": "Yes", "data": "yes"}


@pytest.mark.parametrize(
    "rows",
    [
        [[BUTTON] * 9],
        [[BUTTON]] * 33,
        [[BUTTON] * 8] * 13,
        [[{"text": "Neither"}]],
        [[{"text": "Both", "data": "a", "url": "https://example.com"}]],
        [[{"text": "a" * 256, "data": "a"}]],
        [[{"text": "a", "data": "a" * 256}]],
        [[{"text": "", "data": "a"}]],
    ],
)
def test_buttons_have_limits(as_bot: Any, chat: Any, rows: Any) -> None:
    body = {"message": {"entity_id": chat.pk, "content": "?", "buttons": rows}}
    response = as_bot.post("/messages", body)

    assert response.status_code in (400, 422)
    assert not Message.objects.exists()


def test_as_many_buttons_as_may_be(as_bot: Any, chat: Any) -> None:
    rows = [[BUTTON] * 8] * 12 + [[BUTTON] * 4]

    assert as_bot.say(chat, "?", buttons=rows)["buttons"] == rows


def test_an_edit_changes_what_is_given_and_tells_when(as_ann: Any, chat: Any) -> None:
    message = as_ann.say(chat, "helo")

    edited = as_ann.put(f"/messages/{message['id']}", {"message": {"content": "hello"}})

    assert edited.status_code == 200
    assert edited.json()["data"]["content"] == "hello"
    assert edited.json()["data"]["changed_at"] > message["created_at"]


def test_an_edit_takes_buttons_away(as_bot: Any, chat: Any) -> None:
    message = as_bot.say(chat, "?", buttons=[[BUTTON]])

    edited = as_bot.put(f"/messages/{message['id']}", {"message": {"buttons": []}})

    assert edited.json()["data"]["buttons"] is None
    assert edited.json()["data"]["content"] == "?"


def test_only_the_author_edits(as_ann: Any, as_bob: Any, chat: Any) -> None:
    message = as_ann.say(chat, "mine")

    response = as_bob.put(f"/messages/{message['id']}", {"message": {"content": "ours"}})

    assert response.status_code == 403
    assert response.json()["error"] == "role_forbidden"


def test_a_deleted_message_is_gone_for_everybody(as_ann: Any, as_bob: Any, chat: Any) -> None:
    message = as_ann.say(chat, "oops")

    assert as_bob.delete(f"/messages/{message['id']}").status_code == 403
    assert as_ann.delete(f"/messages/{message['id']}").status_code == 204
    assert as_ann.get(f"/messages/{message['id']}").status_code == 404
    assert as_ann.get("/messages", chat_id=chat.pk).json()["data"] == []


def test_the_owner_of_a_chat_deletes_what_others_said(as_ann: Any, as_bob: Any, chat: Any) -> None:
    message = as_bob.say(chat, "rude")

    assert as_ann.delete(f"/messages/{message['id']}").status_code == 204


def test_a_stranger_finds_nothing(as_ann: Any, as_stranger: Any, chat: Any) -> None:
    message = as_ann.say(chat, "secret")

    assert as_stranger.get(f"/messages/{message['id']}").status_code == 404
    assert as_stranger.get("/messages", chat_id=chat.pk).status_code == 404
    assert as_stranger.get("/search/messages", query="secret").json()["data"] == []
    body = {"message": {"entity_id": chat.pk, "content": "hi"}}
    assert as_stranger.post("/messages", body).status_code == 404


def test_messages_are_read_newest_first_page_by_page(as_ann: Any, ann: Any, chat: Any) -> None:
    ids = [post_message(ann, chat, str(number)).pk for number in range(5)]

    seen, cursor = [], ""
    while True:
        answer = as_ann.get("/messages", chat_id=chat.pk, limit=2, cursor=cursor).json()
        seen += [message["id"] for message in answer["data"]]
        cursor = answer["meta"]["paginate"]["next_page"]
        if not answer["meta"]["paginate"]["has_next"]:
            break

    assert seen == ids[::-1]
    after_last = as_ann.get("/messages", chat_id=chat.pk, cursor=cursor).json()
    assert after_last["data"] == []


def test_a_cursor_of_another_list_is_refused(as_ann: Any, ann: Any, chat: Any) -> None:
    post_message(ann, chat, "hi")
    cursor = as_ann.get("/users").json()["meta"]["paginate"]["next_page"]

    for wrong in (cursor, "made up", "a:b:c"):
        assert as_ann.get("/messages", chat_id=chat.pk, cursor=wrong).status_code == 400


@pytest.mark.parametrize(
    "query",
    [{}, {"chat_id": "x"}, {"chat_id": 1, "limit": 51}, {"chat_id": 1, "limit": 0}],
)
def test_a_query_is_checked(as_ann: Any, query: Any) -> None:
    assert as_ann.get("/messages", **query).status_code == 400


def test_reading_a_page_takes_a_fixed_number_of_queries(
    as_ann: Any, ann: Any, chat: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        post_message(ann, chat, str(number))

    with django_assert_max_num_queries(9):
        assert len(as_ann.get("/messages", chat_id=chat.pk).json()["data"]) == 30


def test_pins_and_link_previews(as_ann: Any, as_bot: Any, chat: Any) -> None:
    message = as_ann.say(chat, "see https://example.com/1")
    path = f"/messages/{message['id']}"
    preview = {"title": "One", "description": "The first"}

    assert as_bot.post(f"{path}/pin").status_code == 204
    assert Message.objects.get().pinned_at is not None
    assert as_bot.delete(f"{path}/pin").status_code == 204
    assert Message.objects.get().pinned_at is None
    previews = {"link_previews": {"https://example.com/1": preview}}
    assert as_bot.post(f"{path}/link_previews", previews).status_code == 204
    others = {"link_previews": {"https://example.com/2": preview}}
    assert as_bot.post(f"{path}/link_previews", others).status_code == 422


def test_who_has_read(as_ann: Any, bob: Any, chat: Any) -> None:
    message = as_ann.say(chat, "read this")

    assert as_ann.get(f"/messages/{message['id']}/read_member_ids").json()["data"] == []
    chat.memberships.get(account=bob).read_up_to(message["id"])

    assert as_ann.get(f"/messages/{message['id']}/read_member_ids").json()["data"] == [bob.pk]


def test_an_answer_names_its_parent_in_the_same_chat(
    as_ann: Any, ann: Any, bob: Any, chat: Any
) -> None:
    question = as_ann.say(chat, "?")
    elsewhere = add_chat("Other", [ann, bob])

    assert (
        as_ann.say(chat, "!", parent_message_id=question["id"])["parent_message_id"]
        == (question["id"])
    )
    body = {
        "message": {
            "entity_id": elsewhere.pk,
            "content": "!",
            "parent_message_id": question["id"],
        }
    }
    assert as_ann.post("/messages", body).status_code == 422


def test_links_are_told_to_bots(as_ann: Any, chat: Any) -> None:
    as_ann.say(chat, "see https://example.com/1, http://a.b and https://example.com/1")

    event = WebhookEvent.objects.get(event_type="message_link_shared")
    assert [link["domain"] for link in event.payload["links"]] == ["example.com", "a.b"]
