"""Buttons and forms: pressed by a person, answered by a bot."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from sandbox.actions import add_bot
from sandbox.models import Trigger, View, WebhookEvent
from sandbox.models.forms import new_id
from sandbox.tests.conftest import Caller
from sandbox.webhooks import dispatcher

BUTTONS = [[{"text": "Yes", "data": "yes"}, {"text": "Site", "url": "https://example.com"}]]
BLOCKS = [
    {"type": "header", "text": "Holiday"},
    {"type": "input", "name": "why", "label": "Why?"},
    {"type": "select", "name": "where", "label": "?", "options": [{"text": "a", "value": "a"}]},
    {"type": "date", "name": "from", "label": "From", "initial_date": "2026-11-22"},
]


@pytest.fixture(autouse=True)
def _page_is_open(settings: SettingsWrapper) -> None:
    settings.DEBUG = True


@pytest.fixture
def bot(bot: Any, fake_bot: Any) -> Any:
    bot.webhook_url = fake_bot.url
    bot.save()
    return bot


@pytest.fixture
def question(as_bot: Any, chat: Any) -> Any:
    return as_bot.say(chat, "?", buttons=BUTTONS)


def click(caller: Any, message: Any, data: Any = "yes") -> Any:
    return caller.page("POST", f"/messages/{message['id']}/click", {"data": data})


def form(trigger_id: Any, **view: Any) -> Any:
    body = {"title": "Holiday", "blocks": BLOCKS, **view}
    meta = {"callback_id": "off", "private_metadata": "7"}
    return {"type": "modal", "trigger_id": trigger_id, "view": body, **meta}


@pytest.fixture
def opened(as_ann: Any, as_bot: Any, fake_bot: Any, question: Any) -> Any:
    click(as_ann, question)
    trigger_id = fake_bot.received[-1].payload["trigger_id"]
    assert as_bot.post("/views/open", form(trigger_id)).status_code == 201
    return View.objects.get()


def submit(caller: Any, view: Any, data: Any) -> Any:
    return caller.page("POST", f"/views/{view.pk}/submit", {"data": data})


def test_a_press_is_answered_when_the_bot_answered(
    as_ann: Any, ann: Any, chat: Any, fake_bot: Any, question: Any
) -> None:
    response = click(as_ann, question)

    assert response.json() == {"status": 200, "error": None}
    payload = fake_bot.received[-1].payload
    assert (payload["type"], payload["event"], payload["data"]) == ("button", "click", "yes")
    assert (payload["user_id"], payload["chat_id"]) == (ann.pk, chat.pk)
    assert payload["message_id"] == question["id"]


def test_only_what_is_on_the_message_is_pressed(
    as_ann: Any, as_stranger: Any, question: Any, chat: Any
) -> None:
    assert click(as_ann, question, "no").status_code == 422
    assert click(as_ann, question, 5).status_code == 400
    assert click(as_ann, as_ann.say(chat, "hi")).status_code == 422
    assert click(as_stranger, question).status_code == 404


def test_a_press_tells_what_went_wrong(as_ann: Any, bot: Any, question: Any, fake_bot: Any) -> None:
    fake_bot.script = [(500, "oops")]
    assert click(as_ann, question).json() == {"status": 500, "error": None}

    bot.webhook_url = "http://127.0.0.1:9/"
    bot.save()
    answer = click(as_ann, question).json()
    assert answer["status"] is None
    assert "connect" in answer["error"]

    bot.webhook_url = ""
    bot.save()
    assert click(as_ann, question).json()["status"] is None


def test_a_bot_that_does_not_listen_to_buttons_hears_none(
    as_ann: Any, bot: Any, question: Any, fake_bot: Any
) -> None:
    bot.events = ["message_new"]
    bot.save()

    assert click(as_ann, question).json()["error"]
    assert fake_bot.received == []


def test_a_trigger_opens_one_form(as_bot: Any, opened: Any) -> None:
    trigger_id = Trigger.objects.get().pk

    again = as_bot.post("/views/open", form(trigger_id))

    assert again.status_code == 410
    assert again.json()["errors"][0]["code"] == "trigger_not_found"


def test_a_trigger_lives_three_seconds(as_ann: Any, as_bot: Any, question: Any) -> None:
    click(as_ann, question)
    Trigger.objects.update(created_at=timezone.now() - timedelta(seconds=3.1))

    late = as_bot.post("/views/open", form(Trigger.objects.get().pk))

    assert (late.status_code, late.json()["errors"][0]["code"]) == (410, "trigger_expired")


def test_a_trigger_is_for_the_bot_that_was_pressed(as_ann: Any, question: Any) -> None:
    click(as_ann, question)
    other = Caller(add_bot("Other", "other", ""))

    for trigger_id in (Trigger.objects.get().pk, new_id(), "x" * 300):
        assert other.post("/views/open", form(trigger_id)).status_code == 410


@pytest.mark.parametrize(
    "view",
    [
        {"title": "a" * 25},
        {"submit_text": "a" * 25},
        {"blocks": [{"type": "slider", "name": "a", "label": "a"}]},
        {"blocks": [{"type": "input", "name": "a"}]},
        {"blocks": [{"type": "input", "name": "a" * 256, "label": "a"}]},
        {"blocks": [BLOCKS[1], BLOCKS[1]]},
        {"blocks": [{"type": "date", "name": "a", "label": "a", "initial_date": "soon"}]},
        {"blocks": BLOCKS[:1] * 101},
        {"blocks": {}},
    ],
)
def test_a_form_has_limits(as_ann: Any, as_bot: Any, question: Any, view: Any) -> None:
    click(as_ann, question)

    response = as_bot.post("/views/open", form(Trigger.objects.get().pk, **view))

    assert response.status_code == 400
    assert not View.objects.exists()


def test_a_form_is_closed_by_the_bot_s_answer(
    as_ann: Any, ann: Any, opened: Any, fake_bot: Any
) -> None:
    response = submit(as_ann, opened, {"why": "sun"})

    assert (response.status_code, response.json()) == (200, {"status": "closed"})
    payload = fake_bot.received[-1].payload
    assert (payload["type"], payload["event"], payload["user_id"]) == ("view", "submit", ann.pk)
    assert (payload["callback_id"], payload["private_metadata"]) == ("off", "7")
    assert payload["data"] == {"why": "sun"}
    assert payload["view_id"] == opened.pk
    assert submit(as_ann, opened, {}).status_code == 404


def test_the_bot_says_what_is_wrong_with_a_form(as_ann: Any, opened: Any, fake_bot: Any) -> None:
    fake_bot.script = [(400, json.dumps({"errors": {"why": "Too short"}}))]

    response = submit(as_ann, opened, {"why": ""})

    assert response.status_code == 400
    assert response.json() == {"errors": {"why": "Too short"}}
    assert submit(as_ann, opened, {"why": "sun"}).status_code == 200


@pytest.mark.parametrize("answer", [(500, ""), (400, "no"), (400, "[]"), (400, '{"errors": 1}')])
def test_any_other_answer_leaves_the_form_open(
    as_ann: Any, opened: Any, fake_bot: Any, answer: Any
) -> None:
    fake_bot.script = [answer]

    response = submit(as_ann, opened, {})

    assert response.status_code == 504
    assert response.json()["error"]
    assert View.objects.get().closed_at is None


def test_a_bot_that_is_slow_loses_the_form(
    as_ann: Any, opened: Any, fake_bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(dispatcher.TIMEOUTS, "view_submit", 0.05)
    fake_bot.called.clear()
    monkeypatch.setattr(
        fake_bot, "answer", lambda delivery: (fake_bot.called.wait(0.3), (200, ""))[1]
    )

    assert submit(as_ann, opened, {}).status_code == 504


def test_a_form_is_for_whoever_pressed(as_bob: Any, as_ann: Any, opened: Any) -> None:
    assert submit(as_bob, opened, {}).status_code == 404
    assert submit(as_ann, opened, "text").status_code == 400
    assert as_ann.page("POST", f"/views/{opened.pk}/close").status_code == 200
    assert submit(as_ann, opened, {}).status_code == 404


def test_presses_and_forms_are_in_the_history(as_bot: Any, as_ann: Any, opened: Any) -> None:
    submit(as_ann, opened, {})

    kinds = [each["event_type"] for each in as_bot.get("/webhooks/events").json()["data"]]
    assert kinds[:2] == ["view_submit", "button_click"]
    assert set(WebhookEvent.objects.values_list("state", flat=True)) >= {"delivered"}
