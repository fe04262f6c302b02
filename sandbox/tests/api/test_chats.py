"""Chats and their members over the API."""

from typing import Any

import pytest

from sandbox.actions import add_chat, direct_chat
from sandbox.api.schema import spec
from sandbox.models import WebhookEvent

REQUIRED = set(spec()["components"]["schemas"]["Chat"]["required"])


def test_a_chat_is_made_with_its_maker_in_it(as_ann: Any, ann: Any, bob: Any, bot: Any) -> None:
    body = {"chat": {"name": "Tea", "member_ids": [bob.pk, bot.pk], "channel": True}}
    response = as_ann.post("/chats", body)

    chat = response.json()["data"]
    assert response.status_code == 201
    assert chat.keys() >= REQUIRED
    assert chat["member_ids"] == sorted([ann.pk, bob.pk, bot.pk])
    assert (chat["owner_id"], chat["channel"], chat["personal"]) == (ann.pk, True, False)
    event = WebhookEvent.objects.get(event_type="chat_member_add")
    assert event.payload["user_ids"] == chat["member_ids"]


def test_nobody_unknown_is_invited(as_ann: Any, ann: Any) -> None:
    made = as_ann.post("/chats", {"chat": {"name": "Tea", "member_ids": [999]}}).json()

    assert made["data"]["member_ids"] == [ann.pk]
    assert made["meta"] == {"not_found_member_ids": [999]}
    path = f"/chats/{made['data']['id']}/members"
    assert as_ann.post(path, {"member_ids": [999]}).status_code == 422


def test_the_list_holds_ones_own_chats(
    as_ann: Any, as_stranger: Any, ann: Any, bob: Any, chat: Any
) -> None:
    private = direct_chat(ann, bob)

    def ids(**query: Any) -> Any:
        return [each["id"] for each in as_ann.get("/chats", **query).json()["data"]]

    assert ids() == [private.pk, chat.pk]
    assert ids(personal="true") == [private.pk]
    assert ids(personal="false", sort="last_message_at", order="asc") == [chat.pk]
    assert ids(last_message_at_after="2999-01-01T00:00:00.000Z") == []
    assert as_stranger.get("/chats").json()["data"] == []


def test_the_list_takes_a_fixed_number_of_queries(
    as_ann: Any, ann: Any, bob: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        add_chat(f"Chat {number}", [ann, bob])

    with django_assert_max_num_queries(6):
        assert len(as_ann.get("/chats").json()["data"]) == 20


def test_sorting_by_last_message_pages_too(as_ann: Any, ann: Any, bob: Any) -> None:
    ids = [add_chat(f"Chat {number}", [ann, bob]).pk for number in range(3)]

    first = as_ann.get("/chats", sort="last_message_at", limit=2).json()
    cursor = first["meta"]["paginate"]["next_page"]
    second = as_ann.get("/chats", sort="last_message_at", limit=2, cursor=cursor).json()

    assert [each["id"] for each in first["data"] + second["data"]] == ids[::-1]


def test_the_owner_renames_and_archives(as_ann: Any, as_bob: Any, chat: Any) -> None:
    path = f"/chats/{chat.pk}"

    assert as_bob.put(path, {"chat": {"name": "Mine"}}).status_code == 403
    assert as_ann.put(path, {"chat": {"name": "Ours"}}).json()["data"]["name"] == "Ours"
    assert as_ann.put(f"{path}/archive").status_code == 204
    body = {"message": {"entity_id": chat.pk, "content": "hi"}}
    assert as_ann.post("/messages", body).status_code == 422
    assert as_ann.put(f"{path}/unarchive").status_code == 204
    assert as_ann.post("/messages", body).status_code == 201


def test_members_come_and_go(
    as_ann: Any, as_stranger: Any, ann: Any, bob: Any, bot: Any, stranger: Any, chat: Any
) -> None:
    path = f"/chats/{chat.pk}/members"

    assert as_ann.post(path, {"member_ids": [stranger.pk]}).status_code == 204
    listed = as_ann.get(path).json()["data"]
    assert [each["id"] for each in listed] == sorted([ann.pk, bob.pk, bot.pk, stranger.pk])
    assert as_stranger.delete(f"/chats/{chat.pk}/leave").status_code == 204
    assert as_ann.delete(f"{path}/{bob.pk}").status_code == 204
    assert as_ann.delete(f"{path}/{bob.pk}").status_code == 404

    events = WebhookEvent.objects.filter(event_type="chat_member_remove").order_by("id")
    assert [event.payload["user_ids"] for event in events] == [[stranger.pk], [bob.pk]]


def test_the_owner_neither_leaves_nor_is_removed(
    as_ann: Any, as_bob: Any, ann: Any, chat: Any
) -> None:
    assert as_ann.delete(f"/chats/{chat.pk}/leave").status_code == 422
    assert as_bob.delete(f"/chats/{chat.pk}/members/{ann.pk}").status_code == 403


def test_roles(as_ann: Any, ann: Any, bob: Any, chat: Any) -> None:
    path = f"/chats/{chat.pk}/members"

    assert as_ann.put(f"{path}/{bob.pk}", {"role": "admin"}).status_code == 204
    assert as_ann.put(f"{path}/{bob.pk}", {"role": "king"}).status_code == 400
    assert as_ann.put(f"{path}/{ann.pk}", {"role": "member"}).status_code == 422
    admins = as_ann.get(path, role="admin").json()["data"]
    owners = as_ann.get(path, role="owner").json()["data"]
    assert [each["id"] for each in admins] == [bob.pk]
    assert [each["id"] for each in owners] == [ann.pk]


def test_a_private_chat_stays_private(as_ann: Any, ann: Any, bob: Any, stranger: Any) -> None:
    private = direct_chat(ann, bob)

    response = as_ann.post(f"/chats/{private.pk}/members", {"member_ids": [stranger.pk]})

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "personal_chat"


def test_a_public_chat_is_seen_but_not_written_to(as_ann: Any, as_stranger: Any, chat: Any) -> None:
    as_ann.put(f"/chats/{chat.pk}", {"chat": {"public": True}})

    listed = as_stranger.get("/chats", availability="public").json()["data"]
    assert [each["id"] for each in listed] == [chat.pk]
    body = {"message": {"entity_id": chat.pk, "content": "hi"}}
    assert as_stranger.post("/messages", body).status_code == 403


@pytest.mark.parametrize("role", ["member", "editor"])
def test_in_a_channel_only_editors_write(
    as_ann: Any, as_bob: Any, ann: Any, bob: Any, role: str
) -> None:
    channel = add_chat("News", [ann, bob], channel=True)
    as_ann.put(f"/chats/{channel.pk}/members/{bob.pk}", {"role": role})

    body = {"message": {"entity_id": channel.pk, "content": "hi"}}
    assert as_bob.post("/messages", body).status_code == (403 if role == "member" else 201)


def test_search(as_ann: Any, ann: Any, bob: Any, chat: Any) -> None:
    as_ann.say(chat, "a red fox")
    as_ann.say(chat, "a grey wolf")

    found = as_ann.get("/search/messages", query="FOX", chat_ids=f"{chat.pk},7").json()
    assert [message["content"] for message in found["data"]] == ["a red fox"]
    assert found["meta"]["total"] == 1
    assert as_ann.get("/search/chats", query="gen").json()["meta"]["total"] == 1
    assert as_ann.get("/search/users", query="bo").json()["data"][0]["id"] == bob.pk
