"""The examples, as people use them."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone, translation

from bots.testing import bot_client as bot_client
from twitter.models import User


@pytest.fixture(autouse=True)
def in_sandbox(bot_client: Any) -> Iterator[None]:
    bot_client.bot.in_sandbox = True
    bot_client.bot.save()
    with translation.override("en"):
        yield


def linked(bot_client: Any, name: Any) -> Any:
    user = User.objects.create(username=name.lower())
    return bot_client.person(name).is_linked_to(user)


def test_a_vote_is_counted_and_may_be_changed(bot_client: Any) -> None:
    general, bob = bot_client.chat("General"), bot_client.person("Bob")

    poll = bot_client.send("/vote Lunch? | Pizza | Soup", chat=general).last
    bot_client.press("Pizza")
    bob.press("Pizza")
    bob.press("Soup")

    assert poll.chat is general
    assert poll.text == "**Lunch?**\n* Pizza: 1\n* Soup: 1"
    assert poll.button_texts == ["Pizza", "Soup"]


@pytest.mark.parametrize("text", ["/vote", "/vote Lunch?", "/vote Lunch? | Pizza", "/vote | a | b"])
def test_a_vote_without_a_choice_is_explained(bot_client: Any, text: str) -> None:
    assert "Example: " in bot_client.send(text).text


def test_leave_is_asked_for_and_approved(bot_client: Any) -> None:
    boss = linked(bot_client, "Boss")
    day = timezone.localdate() + datetime.timedelta(days=30)
    bot_client.send("/leave")
    bot_client.press("Fill in the request")

    answers = bot_client.fill(starts=day, days=5, boss=str(boss.id), why="Sea")
    decided = boss.press("Approve")

    asked = next(it for it in answers if it.chat is boss.private)
    assert "5 days from" in asked.text
    assert "> Sea" in asked.text or asked.text.startswith("Approved")
    assert [it.chat for it in decided] == [boss.private, bot_client.private]
    assert "approved" in decided.last.text
    assert asked.button_texts == []


def test_leave_is_declined_with_a_reason(bot_client: Any) -> None:
    boss = linked(bot_client, "Boss")
    bot_client.send("/leave")
    bot_client.press("Fill in the request")
    bot_client.fill(boss=str(boss.id))

    boss.press("Decline")
    message = boss.fill(why="Too many are away")

    to_asker = next(it for it in message if it.chat is bot_client.private)
    assert "> Too many are away" in to_asker.text
    edited = next(it for it in message if it.chat is boss.private)
    assert (edited.text[:9], edited.buttons) == ("Declined:", [])


def test_a_day_that_is_over_is_told_in_the_form(bot_client: Any) -> None:
    boss = linked(bot_client, "Boss")
    bot_client.send("/leave")
    bot_client.press("Fill in the request")

    bot_client.fill(starts=datetime.date(2020, 1, 1), boss=str(boss.id))

    assert bot_client.errors == {"starts": "Choose a day that has not passed."}


def test_the_stand_up_asks_three_questions(bot_client: Any) -> None:
    assert "What did you do yesterday?" in bot_client.send("/standup").text
    assert bot_client.send("no").text == "Please write a little more."
    assert bot_client.send("Slept").text == "What will you do today?"
    assert bot_client.send("back").text == "What did you do yesterday?"
    assert bot_client.send("Worked").text == "What will you do today?"
    assert "Hello" in bot_client.send("/hello").text
    assert bot_client.send("Rest").text == "Is anything blocking you?"
    assert "> Worked" in bot_client.send("Nothing").text
    assert bot_client.state() is None


def test_the_stand_up_may_be_stopped(bot_client: Any) -> None:
    bot_client.send("/standup")

    assert bot_client.send("stop").text == "Another time, then."
    assert bot_client.state() is None


def test_who_comes_is_welcomed(bot_client: Any) -> None:
    general, bob = bot_client.chat("General"), bot_client.person("Bob")

    assert bob.join(general).text == f"Welcome, <@{bob.id}>!"
    assert bob.leave(general) == []
    hired = {"type": "company_member", "event": "confirm", "user_ids": [bob.id]}
    assert bot_client.happens({**hired, "created_at": "2026-01-01"}).last.chat is bob.private


def test_links_to_tasks_are_unfurled(bot_client: Any) -> None:
    bot_client.share("https://tasks.example/12", "https://a.ru/1")

    (call,) = bot_client.pachca.called("unfurl")
    assert list(call["link_previews"]) == ["https://tasks.example/12"]


def test_they_answer_only_in_the_sandbox(bot_client: Any) -> None:
    bot_client.bot.in_sandbox = False
    bot_client.bot.save()

    assert "There is no command" in bot_client.send("/vote Lunch? | Pizza | Soup").text
