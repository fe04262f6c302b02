"""A bot's settings and its history of events."""

from typing import Any

import pytest

from sandbox.actions import post_message
from sandbox.api.schema import spec
from sandbox.models import WebhookEvent

REQUIRED = set(spec()["components"]["schemas"]["BotWebhook"]["required"])


def test_profile_and_token(as_bot: Any, bot: Any) -> None:
    profile = as_bot.get("/profile").json()["data"]
    info = as_bot.get("/oauth/token/info").json()["data"]

    assert (profile["id"], profile["bot"], profile["nickname"]) == (bot.pk, True, "echo")
    assert info["token"] == f"{bot.token[:8]}…{bot.token[-4:]}"
    assert "messages:create" in info["scopes"]
    assert "audit_events:read" not in info["scopes"]


def test_users_are_found(as_bot: Any, ann: Any, bob: Any, bot: Any) -> None:
    listed = as_bot.get("/users", query="ann").json()["data"]

    assert [user["id"] for user in listed] == [ann.pk]
    assert as_bot.get(f"/users/{bob.pk}").json()["data"]["bot"] is False
    assert as_bot.get("/users/999").status_code == 404


def test_a_bot_sets_its_webhook(as_bot: Any, as_ann: Any, bot: Any) -> None:
    body = {"webhook": {"outgoing_url": "https://example.com/hook"}}

    changed = as_bot.put("/bot/webhook", body)

    assert changed.json()["data"]["webhook"]["outgoing_url"] == "https://example.com/hook"
    assert changed.json()["data"]["webhook"].keys() >= REQUIRED
    off = as_bot.put("/bot/webhook", {"webhook": {"outgoing_url": ""}}).json()["data"]
    assert off["webhook"]["outgoing_url"] is None
    assert as_ann.put("/bot/webhook", body).status_code == 403


@pytest.mark.parametrize("url", ["nonsense", "ftp://a.b", "http://", "http://[", "x" * 3000])
def test_a_webhook_has_a_whole_address(as_bot: Any, url: Any) -> None:
    response = as_bot.put("/bot/webhook", {"webhook": {"outgoing_url": url}})

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "invalid_webhook_url"


def test_settings_decide_what_a_bot_hears(as_ann: Any, as_bot: Any, bot: Any, chat: Any) -> None:
    settings = {
        "events": ["message_new"],
        "trigger_on": "commands",
        "commands": ["/start"],
        "ignore_self_messages": True,
        "template": "{{ text }}",
    }
    changed = as_bot.put(f"/bots/{bot.pk}", {"webhook": settings}).json()["data"]["webhook"]
    WebhookEvent.objects.all().delete()

    said = [as_ann.say(chat, text) for text in ("/start now", "hello")]
    as_ann.delete(f"/messages/{said[0]['id']}")
    as_bot.say(chat, "/start me")

    assert changed["template"] == "{{ text }}"
    assert [event.payload["content"] for event in WebhookEvent.objects.all()] == ["/start now"]


def test_a_bot_hears_itself_unless_told_otherwise(as_bot: Any, bot: Any, chat: Any) -> None:
    as_bot.say(chat, "hi")
    assert WebhookEvent.objects.filter(event_type="message_new").count() == 1

    as_bot.put(f"/bots/{bot.pk}", {"webhook": {"ignore_self_messages": True}})
    as_bot.say(chat, "hi again")
    assert WebhookEvent.objects.filter(event_type="message_new").count() == 1


def test_a_bot_knows_only_itself(as_bot: Any, as_ann: Any, bot: Any, ann: Any) -> None:
    assert as_bot.get(f"/bots/{bot.pk}").status_code == 200
    assert as_bot.get(f"/bots/{ann.pk}").status_code == 404
    assert [each["id"] for each in as_bot.get("/bots").json()["data"]] == [bot.pk]
    assert as_ann.put(f"/bots/{bot.pk}", {"webhook": {"name": "New"}}).status_code == 200
    taken = as_ann.put(f"/bots/{bot.pk}", {"webhook": {"nickname": "ann"}})
    assert taken.json()["errors"][0]["code"] == "taken"


def test_the_history_is_newest_first_until_deleted(
    as_bot: Any, as_ann: Any, ann: Any, bot: Any, chat: Any
) -> None:
    WebhookEvent.objects.all().delete()
    for number in range(3):
        post_message(ann, chat, str(number))

    page = as_bot.get("/webhooks/events", limit=2).json()
    cursor = page["meta"]["paginate"]["next_page"]
    rest = as_bot.get("/webhooks/events", cursor=cursor).json()["data"]

    assert [each["payload"]["content"] for each in page["data"] + rest] == ["2", "1", "0"]
    assert page["data"][0]["event_type"] == "message_new"
    path = f"/webhooks/events/{rest[0]['id']}"
    assert (as_bot.delete(path).status_code, as_bot.delete(path).status_code) == (204, 404)
    assert len(as_bot.get("/webhooks/events").json()["data"]) == 2
    assert WebhookEvent.objects.count() == 3
    assert as_ann.get("/webhooks/events").status_code == 403


def test_without_history_events_are_sent_but_not_listed(
    as_bot: Any, ann: Any, bot: Any, chat: Any
) -> None:
    bot.events_history_enabled = False
    bot.save()
    WebhookEvent.objects.all().delete()

    post_message(ann, chat, "hi")

    assert as_bot.get("/webhooks/events").json()["data"] == []
    assert WebhookEvent.objects.get().state == "due"
