"""Webhooks on their way to bots."""

import hashlib
import hmac
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from sandbox import postman
from sandbox.actions import post_message
from sandbox.models import Faults, WebhookAttempt, WebhookEvent
from sandbox.models.webhooks import State
from sandbox.postman import Postman


def carry():
    """One round of a postman, to its end."""

    async def once():
        async with Postman() as carrier:
            return await carrier.round()

    return async_to_sync(once)()


@pytest.fixture
def bot(bot, fake_bot):
    bot.webhook_url = fake_bot.url
    bot.save()
    return bot


@pytest.fixture
def message(ann, bot, chat):
    WebhookEvent.objects.all().delete()
    return post_message(ann, chat, "привет")


def test_an_event_arrives_signed(message, bot, fake_bot):
    assert carry() == 1

    told = fake_bot.told[0]
    signature = hmac.new(bot.signing_secret.encode(), told.body, hashlib.sha256).hexdigest()
    assert told.headers["Pachca-Signature"] == signature
    assert (told.payload["type"], told.payload["event"]) == ("message", "new")
    assert told.payload["content"] == "привет"
    event = WebhookEvent.objects.get()
    assert event.state == State.DELIVERED
    assert [(each.status, each.answer) for each in event.attempts.all()] == [(200, "ok")]


def test_events_of_a_chat_go_one_after_the_other(ann, chat, message, fake_bot):
    fake_bot.takes = 0.02
    for text in ("second", "third"):
        post_message(ann, chat, text)

    carry()

    assert [told.payload["content"] for told in fake_bot.told] == ["привет", "second", "third"]
    assert fake_bot.most_at_once == 1


def test_an_event_is_taken_once(message, fake_bot):
    carry()

    assert carry() == 0
    assert len(fake_bot.told) == 1


def test_of_two_takers_each_row_goes_to_one(message):
    first = WebhookEvent.objects.take("one", 10)
    second = WebhookEvent.objects.take("two", 10)

    assert ([event.message for event in first], second) == ([message], [])


def test_an_event_held_by_a_dead_process_is_taken_again(message, fake_bot):
    WebhookEvent.objects.take("dead", 10)
    WebhookEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    assert carry() == 1


@pytest.mark.parametrize("status", [500, 404, 302, 201])
def test_an_error_status_is_never_repeated(message, fake_bot, status):
    fake_bot.script = [(status, "no")]

    carry()

    event = WebhookEvent.objects.get()
    assert event.state == State.FAILED
    assert carry() == 0


def test_a_bot_that_is_away_is_tried_three_times_more(message, bot):
    bot.webhook_url = "http://127.0.0.1:9/hook"
    bot.save()

    tries = 0
    while carry():
        tries += 1
        WebhookEvent.objects.update(due_at=timezone.now())

    assert tries == 4
    event = WebhookEvent.objects.get()
    assert event.state == State.FAILED
    assert all("connect" in each.error for each in event.attempts.all())


def test_a_silent_bot_is_given_up_on(message, fake_bot, monkeypatch):
    monkeypatch.setattr(postman, "DEADLINE", 0.05)
    monkeypatch.setattr(fake_bot, "answer", lambda told: (fake_bot.heard.wait(0.3), (200, ""))[1])

    carry()

    attempt = WebhookAttempt.objects.get()
    assert attempt.status is None
    assert "no answer" in attempt.error
    assert WebhookEvent.objects.get().state == State.FAILED


@pytest.mark.parametrize("url", ["http://[", "nonsense://x", "http://a b/", "http://\udcff/"])
def test_an_address_that_is_none_fails_the_event(message, bot, url):
    WebhookEvent.objects.update(state=State.DUE)
    event = WebhookEvent.objects.take("me", 1)[0]
    event.bot.webhook_url = url

    async def deliver():
        async with Postman() as carrier:
            return await carrier.deliver(event)

    assert async_to_sync(deliver)().error


def test_without_an_address_nothing_is_sent(ann, bot, chat):
    bot.webhook_url = ""
    bot.save()
    WebhookEvent.objects.all().delete()

    post_message(ann, chat, "hi")

    assert WebhookEvent.objects.get().state == State.SKIPPED
    assert carry() == 0


def test_a_fault_drops_an_event(message, fake_bot):
    Faults.objects.create(webhook_drop=1.0)

    carry()

    assert fake_bot.told == []
    assert WebhookEvent.objects.get().state == State.DROPPED


def test_a_fault_sends_an_event_twice(message, fake_bot):
    Faults.objects.create(webhook_duplicate=1.0)

    carry()

    assert [told.body for told in fake_bot.told] == [fake_bot.told[0].body] * 2


def test_a_fault_lets_later_events_overtake(message, ann, chat, fake_bot, monkeypatch):
    monkeypatch.setattr(postman, "REORDERED_BY", 0.2)
    chances = iter([0.0, 0.9, 0.0, 0.9])
    monkeypatch.setattr("sandbox.faults.random.random", lambda: next(chances, 0.9))
    Faults.objects.create(webhook_drop=0.0, webhook_reorder=0.5)
    monkeypatch.setattr(postman, "happens", lambda p: p > 0 and message_is_first())
    firsts = iter([True])

    def message_is_first():
        return next(firsts, False)

    post_message(ann, chat, "later")
    carry()

    assert [told.payload["content"] for told in fake_bot.told] == ["later", "привет"]


def test_a_fault_delays_an_event(message, fake_bot):
    Faults.objects.create(webhook_delay_ms=50)

    carry()

    assert len(fake_bot.told) == 1


def test_a_bare_path_is_an_address_of_this_site(bot, settings):
    settings.SITE_URL = "http://127.0.0.1:8123"
    bot.webhook_url = "/bots/demo/webhook"

    assert bot.resolved_webhook_url == "http://127.0.0.1:8123/bots/demo/webhook"
