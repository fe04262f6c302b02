"""Sending webhook events to bots."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from sandbox.actions import post_message
from sandbox.models import Faults, WebhookAttempt, WebhookEvent
from sandbox.models.webhooks import State
from sandbox.webhooks import dispatcher
from sandbox.webhooks.dispatcher import WebhookDispatcher


def send_due() -> Any:
    """Send what is due, and wait until it is sent."""

    async def once() -> Any:
        async with WebhookDispatcher() as sender:
            return await sender.dispatch_due()

    return async_to_sync(once)()


@pytest.fixture
def bot(bot: Any, fake_bot: Any) -> Any:
    bot.webhook_url = fake_bot.url
    bot.save()
    return bot


@pytest.fixture
def message(ann: Any, bot: Any, chat: Any) -> Any:
    WebhookEvent.objects.all().delete()
    return post_message(ann, chat, "привет")


def test_an_event_arrives_signed(message: Any, bot: Any, fake_bot: Any) -> None:
    assert send_due() == 1

    delivery = fake_bot.received[0]
    signature = hmac.new(bot.signing_secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["Pachca-Signature"] == signature
    assert (delivery.payload["type"], delivery.payload["event"]) == ("message", "new")
    assert delivery.payload["content"] == "привет"
    event = WebhookEvent.objects.get()
    assert event.state == State.DELIVERED
    assert [(each.status, each.answer) for each in event.attempts.all()] == [(200, "ok")]


def test_events_of_a_chat_go_one_after_the_other(
    ann: Any, chat: Any, message: Any, fake_bot: Any
) -> None:
    fake_bot.takes = 0.02
    for text in ("second", "third"):
        post_message(ann, chat, text)

    send_due()

    assert [it.payload["content"] for it in fake_bot.received] == ["привет", "second", "third"]
    assert fake_bot.most_at_once == 1


def test_an_event_is_taken_once(message: Any, fake_bot: Any) -> None:
    send_due()

    assert send_due() == 0
    assert len(fake_bot.received) == 1


def test_of_two_processes_each_row_goes_to_one(message: Any) -> None:
    first = WebhookEvent.objects.claim("one", 10)
    second = WebhookEvent.objects.claim("two", 10)

    assert ([event.message for event in first], second) == ([message], [])


def test_an_event_held_by_a_dead_process_is_taken_again(message: Any, fake_bot: Any) -> None:
    WebhookEvent.objects.claim("dead", 10)
    WebhookEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    assert send_due() == 1


@pytest.mark.parametrize("status", [500, 404, 302, 201])
def test_an_error_status_is_never_repeated(message: Any, fake_bot: Any, status: int) -> None:
    fake_bot.script = [(status, "no")]

    send_due()

    event = WebhookEvent.objects.get()
    assert event.state == State.FAILED
    assert send_due() == 0


def test_a_bot_that_is_away_is_tried_three_times_more(message: Any, bot: Any) -> None:
    bot.webhook_url = "http://127.0.0.1:9/hook"
    bot.save()

    tries = 0
    while send_due():
        tries += 1
        WebhookEvent.objects.update(due_at=timezone.now())

    assert tries == 4
    event = WebhookEvent.objects.get()
    assert event.state == State.FAILED
    assert all("connect" in each.error for each in event.attempts.all())


def test_a_silent_bot_is_given_up_on(
    message: Any, fake_bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "DEFAULT_TIMEOUT", 0.05)
    monkeypatch.setattr(
        fake_bot, "answer", lambda delivery: (fake_bot.called.wait(0.3), (200, ""))[1]
    )

    send_due()

    attempt = WebhookAttempt.objects.get()
    assert attempt.status is None
    assert "no answer" in attempt.error
    assert WebhookEvent.objects.get().state == State.FAILED


@pytest.mark.parametrize("url", ["http://[", "nonsense://x", "http://a b/", "http://\udcff/"])
def test_an_address_that_is_none_fails_the_event(message: Any, bot: Any, url: str) -> None:
    WebhookEvent.objects.update(state=State.DUE)
    event = WebhookEvent.objects.claim("me", 1)[0]
    event.bot.webhook_url = url

    async def deliver() -> Any:
        async with WebhookDispatcher() as sender:
            return await sender.deliver(event)

    assert async_to_sync(deliver)().error


def test_without_an_address_nothing_is_sent(ann: Any, bot: Any, chat: Any) -> None:
    bot.webhook_url = ""
    bot.save()
    WebhookEvent.objects.all().delete()

    post_message(ann, chat, "hi")

    assert WebhookEvent.objects.get().state == State.SKIPPED
    assert send_due() == 0


def test_a_fault_drops_an_event(message: Any, fake_bot: Any) -> None:
    Faults.objects.create(webhook_drop=1.0)

    send_due()

    assert fake_bot.received == []
    assert WebhookEvent.objects.get().state == State.DROPPED


def test_a_fault_sends_an_event_twice(message: Any, fake_bot: Any) -> None:
    Faults.objects.create(webhook_duplicate=1.0)

    send_due()

    assert [it.body for it in fake_bot.received] == [fake_bot.received[0].body] * 2


def test_a_fault_lets_later_events_overtake(
    message: Any, ann: Any, chat: Any, fake_bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "REORDER_DELAY", 0.2)
    chances = iter([0.0, 0.9, 0.0, 0.9])
    monkeypatch.setattr("sandbox.faults.random.random", lambda: next(chances, 0.9))
    Faults.objects.create(webhook_drop=0.0, webhook_reorder=0.5)
    monkeypatch.setattr(dispatcher, "happens", lambda p: p > 0 and message_is_first())
    firsts = iter([True])

    def message_is_first() -> Any:
        return next(firsts, False)

    post_message(ann, chat, "later")
    send_due()

    assert [it.payload["content"] for it in fake_bot.received] == ["later", "привет"]


def test_a_fault_delays_an_event(message: Any, fake_bot: Any) -> None:
    Faults.objects.create(webhook_delay_ms=50)

    send_due()

    assert len(fake_bot.received) == 1


def test_a_bare_path_is_an_address_of_this_site(bot: Any, settings: SettingsWrapper) -> None:
    settings.SITE_URL = "http://127.0.0.1:8123"
    bot.webhook_url = "/bots/demo/webhook"

    assert bot.resolved_webhook_url == "http://127.0.0.1:8123/bots/demo/webhook"


def test_an_event_that_waits_longer_than_its_lease_for_its_turn_is_sent_once(
    message: Any, fake_bot: Any
) -> None:
    fake_bot.takes = 0.1

    async def look_again_after_the_lease() -> int:
        async with WebhookDispatcher() as sender:
            await sender.dispatch_due()
            await WebhookEvent.objects.aupdate(due_at=timezone.now() - timedelta(seconds=1))
            return await sender.dispatch_due()

    assert async_to_sync(look_again_after_the_lease)() == 0
    assert len(fake_bot.received) == 1
