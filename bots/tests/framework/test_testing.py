import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from bots import forms
from bots.framework.api.keyboard import Keyboard
from bots.framework.events.types import Button, ChatMember, LinkShared, Message, Reaction, View
from bots.framework.filters.callback_data import CallbackData
from bots.framework.fsm import FSMContext, State, StatesGroup
from bots.framework.routing.router import Command, Router, root
from bots.testing import HandlerFailed
from bots.testing import bot_client as bot_client


class Vote(CallbackData, prefix="v"):
    yes: bool


class Leave(forms.Form, title="Leave"):
    day = forms.Date("Day")
    why = forms.Input("Why", min_length=3)


class Order(StatesGroup):
    size = State()
    address = State()


router = Router("a little of everything")


async def later(button: Button) -> str:
    return "And later."


@router.message(Command("vote"))
async def vote(message: Message) -> None:
    keyboard = Keyboard().button("Yes", data=Vote(yes=True)).button("No", data=Vote(yes=False))
    await message.answer_here("Lunch?", buttons=keyboard)


@router.button(Vote)
async def voted(button: Button, callback_data: Vote) -> str:
    button.edit(f"Lunch: {'yes' if callback_data.yes else 'no'}", buttons=[])
    return "Noted."


@router.message(Command("leave"))
def leave(message: Message) -> None:
    message.answer("Press:", buttons=[[{"text": "Form", "data": "leave"}]])


@router.button(lambda button: button.data == "leave", lazy=[later])
async def opens(button: Button) -> Leave:
    return Leave(why="because", metadata={"from": button.user_id})


@router.view(Leave)
async def taken(view: View, form: Leave) -> str:
    return f"{form.day} {form.why} {form.metadata['from'] == view.user_id}"


@router.message(Command("order"))
async def order(state: FSMContext) -> str:
    await state.set_state(Order.size, timeout=datetime.timedelta(hours=1))
    return "Which size?"


@router.message(Order.size)
def size(message: Message, state: Any) -> str:
    state.update_data(size=message.text)
    state.set_state(Order.address)
    return "Where to?"


@router.message(Order.address)
async def address(message: Message, state: FSMContext) -> str:
    data = await state.get_data()
    await state.clear()
    return f"{data['size']} to {message.text}"


@router.message(Command("fail"))
async def fail(message: Message) -> None:
    message.answer("not to be seen")
    raise ValueError("the handler's own")


@router.message(Command("send"))
async def send(message: Message) -> None:
    message.reply_in_thread("Look:")
    message.answer_file(b"hello", name="a.txt")
    message.react("👍")
    message.pin()


@router.reaction()
async def reacted(reaction: Reaction) -> str:
    return f"{reaction.event} {reaction.code}"


@router.chat_member()
async def member(chat_member: ChatMember) -> None:
    chat_member.answer_here(f"{chat_member.event} {len(chat_member.user_ids)}")


@router.link_shared()
async def unfurl(link_shared: LinkShared) -> None:
    link_shared.unfurl({link_shared.links[0].url: {"title": "T", "description": "D"}})


@router.message_edited()
async def edited(message: Message) -> str:
    return f"Now: {message.text}"


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    root.routers.insert(0, router)
    yield
    root.routers.remove(router)


def test_buttons_are_pressed_by_their_text(bot_client: Any) -> None:
    general = bot_client.chat("General")
    bob = bot_client.person("Bob")

    asked = bot_client.send("/vote", chat=general).last
    answers = bob.press("Yes")

    assert (asked.chat, asked.button_texts) == (general, [])
    assert answers.texts == ["Lunch: yes", "Noted."]
    assert answers.last.chat is bob.private


def test_forms_are_filled_and_what_is_wrong_is_told(bot_client: Any) -> None:
    bot_client.send("/leave")
    assert bot_client.press("Form").texts == ["And later."]

    assert bot_client.fill(day=datetime.date(2026, 12, 1), why="no").texts == []
    assert list(bot_client.errors) == ["why"]
    assert bot_client.fill(day=datetime.date(2026, 12, 1)).text == "2026-12-01 because True"
    assert (bot_client.errors, bot_client.form) == ({}, None)
    with pytest.raises(AssertionError, match="No form is open"):
        bot_client.fill()


def test_conversations_go_on_each_for_itself(bot_client: Any) -> None:
    bob = bot_client.person("Bob")

    assert bot_client.send("/order").text == "Which size?"
    assert bob.send("/order").text == "Which size?"
    assert bot_client.send("large").text == "Where to?"
    assert bot_client.send("home").text == "large to home"
    assert (bot_client.state(), bob.state()) == (None, "Order:size")


def test_time_passes_when_it_is_told_to(bot_client: Any) -> None:
    bot_client.send("/order")

    bot_client.wait(hours=2)

    assert bot_client.state() is None
    assert "Where to?" not in bot_client.send("large").text


def test_a_handler_that_raises_fails_the_test_unless_it_may(bot_client: Any) -> None:
    with pytest.raises(HandlerFailed, match="the handler's own"):
        bot_client.send("/fail")


def test_a_failing_handler_says_nothing_but_a_polite_word_in_the_end(bot_client: Any) -> None:
    bot_client.fails_quietly = True

    assert bot_client.send("/fail").texts == []
    answers = [text for _ in range(4) for text in bot_client.wait(minutes=1).texts]

    assert len(answers) == 1
    assert "not to be seen" not in answers[0]


def test_everything_else_that_a_message_can_be_answered_with(bot_client: Any) -> None:
    general = bot_client.chat("General")

    in_thread, file = bot_client.send("/send", chat=general)

    assert in_thread.chat is bot_client.thread(bot_client.last_sent)
    assert file.chat is bot_client.private
    (key,) = [item["key"] for item in file.files]
    assert bot_client.pachca.uploads[key] == b"hello"
    assert (bot_client.last_sent.reactions, bot_client.last_sent.is_pinned) == (["👍"], True)


def test_other_events_are_told_too(bot_client: Any) -> None:
    general = bot_client.chat("General")
    bot_client.send("/vote")

    assert bot_client.react("👍").text == "new 👍"
    assert bot_client.unreact("👍").text == "delete 👍"
    assert bot_client.join(general).last.text == "add 1"
    assert bot_client.edit("changed").text == "Now: changed"
    bot_client.share("https://a.ru/1")
    assert bot_client.pachca.called("unfurl")[0]["link_previews"]["https://a.ru/1"]["title"] == "T"
