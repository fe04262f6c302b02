"""Which calls came of which message."""

from typing import Any

from pytest_django.fixtures import DjangoAssertNumQueries

from sandbox import trace
from sandbox.actions import direct_chat, post_message
from sandbox.models import ApiCall, WebhookEvent


def deliver_all() -> None:
    WebhookEvent.objects.update(state="delivered")


def test_a_call_belongs_to_the_newest_event_of_its_chat(
    as_bot: Any, ann: Any, bob: Any, bot: Any, chat: Any
) -> None:
    private = direct_chat(ann, bot)
    here = post_message(ann, chat, "/start")
    post_message(bob, direct_chat(bob, bot), "hello")
    deliver_all()

    as_bot.say(chat, "welcome")
    as_bot.say(private, "and here")
    as_bot.get("/profile")

    traced = trace.serialize_trace(here)
    assert [event["event_type"] for event in traced["events"]] == ["message_new"]
    assert [call["path"] for call in traced["calls"]] == ["/messages"]
    assert traced["calls"][0]["request"]["message"]["content"] == "welcome"
    assert traced["calls"][0]["response"]["data"]["content"] == "welcome"
    assert traced["calls"][0]["status"] == 201


def test_a_private_answer_to_a_public_message_belongs_to_it(
    as_bot: Any, ann: Any, bob: Any, chat: Any
) -> None:
    asked = post_message(ann, chat, "/secret")
    post_message(bob, chat, "something else")
    deliver_all()

    message = {"entity_type": "user", "entity_id": ann.pk, "content": "psst"}
    as_bot.post("/messages", {"message": message})

    assert len(trace.serialize_trace(asked)["calls"]) == 1


def test_a_call_about_nothing_belongs_to_the_newest_event(as_bot: Any, ann: Any, chat: Any) -> None:
    message = post_message(ann, chat, "hi")
    deliver_all()

    as_bot.get("/profile")

    assert [call["path"] for call in trace.serialize_trace(message)["calls"]] == ["/profile"]


def test_an_event_not_yet_sent_causes_nothing(as_bot: Any, ann: Any, chat: Any) -> None:
    message = post_message(ann, chat, "hi")
    WebhookEvent.objects.filter(message=None).update(state="delivered")

    as_bot.get("/profile")

    assert trace.serialize_trace(message)["calls"] == []


def test_an_attempt_is_shown(ann: Any, chat: Any) -> None:
    message = post_message(ann, chat, "hi")
    event = WebhookEvent.objects.get(message=message)
    event.attempts.create(ms=7, error="could not connect")

    shown = trace.serialize_trace(message)["events"][0]

    assert shown["attempts"][0].items() >= {"ms": 7, "status": None, "answer": ""}.items()
    assert shown["state"] == "due"


def test_a_long_body_is_not_kept(as_bot: Any, chat: Any) -> None:
    as_bot.say(chat, "x" * 30_000)

    assert list(ApiCall.objects.get().request or ()) == ["…"]


def test_a_trace_takes_a_fixed_number_of_queries(
    as_bot: Any, ann: Any, chat: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    message = post_message(ann, chat, "hi")
    deliver_all()
    for _ in range(5):
        as_bot.get("/profile")

    with django_assert_num_queries(4):  # events, attempts, failures of their handlers, calls
        assert len(trace.serialize_trace(message)["calls"]) == 5
