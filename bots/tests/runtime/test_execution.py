"""One update: what a handler says and returns becomes deliveries, forms and errors."""

import json

import pytest

from bots import handling
from bots.api import ApiError, ApiResponse
from bots.filters import F, Raised
from bots.keyboard import Keyboard
from bots.models import Delivery, PachcaAccount, Update
from bots.router import OBSERVERS, Command
from bots.testing import HandlerFailed
from bots.testing import bot_client as bot_client
from bots.tests.conftest import message_event, run
from bots.types import Button, Event, Message, VideoCall, View


@pytest.fixture
def form_button(router):
    router.message(Command("ask"))(asks)

    @router.button(F.data == "open")
    def opens(button: Button) -> None:
        button.open_form(ByHand())

    return router


class ByHand:
    def as_view(self):
        return {"callback_id": "by-hand", "view": {"title": "T", "blocks": []}}


async def asks(message: Message) -> None:
    message.answer("Press", buttons=Keyboard().button("Open", data="open"))


def arrived(bot, **fields) -> Update:
    event = message_event(**fields)
    return Update.objects.create(bot=bot, key="k", kind="message.new", raw=json.dumps(event))


def test_answers_go_where_the_handler_the_call_or_the_bot_says(bot_client, router):
    general = bot_client.chat("General")
    router.message(Command("private"))(lambda: "1")
    router.message(Command("here"), answer_here=True)(lambda: "2")

    assert bot_client.send("/private", chat=general).last.chat is bot_client.private
    assert bot_client.send("/here", chat=general).last.chat is general

    bot_client.bot.answers_here = True
    bot_client.bot.save()
    assert bot_client.send("/private", chat=general).last.chat is general


def test_a_reply_quotes_and_an_answer_in_a_thread_stays_there(bot_client, router):
    @router.message(Command("reply"))
    async def reply(message: Message) -> None:
        await message.reply("quoting")
        await message.reply_in_thread("below")

    general = bot_client.chat("General")
    quoting, below = bot_client.send("/reply", chat=general)
    asked = bot_client.last_sent
    again = bot_client.send("/reply", chat=bot_client.thread(asked))

    assert (quoting.chat, quoting.parent_id) == (general, asked.id)
    assert {it.chat for it in [below, *again]} == {bot_client.thread(asked)}


def test_the_bots_own_message_can_be_edited_deleted_and_reacted_to(bot_client, router):
    router.message(Command("ask"))(asks)

    @router.button()
    async def pressed(button: Button) -> None:
        button.edit("Pressed")
        button.react("👀")
        button.unreact("👀")
        button.pin()
        button.unpin()
        button.delete()

    asked = bot_client.send("/ask").last
    bot_client.press("Open")

    assert (asked.text, asked.reactions, asked.is_pinned) == ("Pressed", [], False)
    assert asked.is_deleted
    chats = Delivery.objects.values_list("chat", flat=True)
    assert len(set(chats)) == 1  # so that their order is kept


def test_a_form_that_came_too_late_is_told_politely(bot_client, form_button):
    bot_client.pachca.answers("open_view", ApiResponse(410, {"errors": []}))
    bot_client.send("/ask")

    assert "press the button again" in bot_client.press("Open").text


def test_a_form_that_pachca_refuses_is_an_error(bot_client, form_button):
    bot_client.pachca.answers("open_view", ApiResponse(422, {"errors": []}))
    bot_client.send("/ask")

    with pytest.raises(HandlerFailed, match=ApiError.__name__):
        bot_client.press("Open")


def test_a_submission_may_be_refused_by_hand(bot_client, form_button):
    @form_button.view(F.callback_id == "by-hand")
    async def taken(view: View, ack) -> None:
        await ack(errors={"why": "No."})

    bot_client.send("/ask")
    bot_client.press("Open")

    assert bot_client.fill() == []
    assert bot_client.errors == {"why": "No."}


def test_lazy_parts_run_afterwards_with_what_the_filters_give(bot_client, router):
    @router.message.middleware
    async def add(handler, event, context):
        context["added"] = "added"
        return await handler(event, context)

    async def later(message: Message, command, added: str) -> str:
        return f"{command.args} {added}"

    router.message(Command("work"), lazy=[later])(lambda: "At once.")

    assert bot_client.send("/work hard").texts == ["At once.", "hard added"]


def test_an_error_handler_ends_the_update_well(bot_client, router):
    @router.message(Command("buy"))
    async def buy(message: Message, state) -> None:
        await state.set_state("buying")
        message.answer("never said")
        raise LookupError("none left")

    @router.error(Raised(LookupError))
    async def none_left(exception: LookupError, message: Message) -> str:
        return f"{exception}: {message.text}"

    assert bot_client.send("/buy").texts == ["none left: /buy"]
    assert bot_client.state() is None
    assert Update.objects.get().handler.endswith("none_left")


def test_what_cannot_be_said_is_an_error(bot_client, router):
    router.message(Command("number"))(lambda: 42)

    with pytest.raises(HandlerFailed, match="returned int: not an answer"):
        bot_client.send("/number")


def test_the_linked_person_and_their_language_are_given(
    bot_client, router, django_user_model, settings
):
    settings.LANGUAGE_CODE = "ru"
    router.message(Command("me"))(lambda user, i18n: f"{user} {i18n.language}")
    ann = django_user_model.objects.create(username="ann")

    bot_client.is_linked_to(ann)

    assert bot_client.send("/me").text == f"{ann} ru"
    assert PachcaAccount.objects.count() == 1


def test_the_language_is_what_the_linked_person_has_chosen(bot_client, router, django_user_model):
    router.message(Command("me"))(lambda i18n: i18n("message"))
    ann = django_user_model.objects.create(username="ann", language="ru")

    bot_client.is_linked_to(ann)

    assert bot_client.send("/me").text == "сообщение"


def test_unknown_kinds_and_video_calls_have_their_observers(bot_client, router):
    router.update()(lambda event: event.tell(12, f"new: {event.kind}"))
    router.video_call()(lambda video_call: f"{video_call.event} {video_call.video_room_id}")

    unknown = bot_client.happens({"type": "poll", "event": "new", "what": 1})
    call = {"type": "video_call", "event": "started", "owner_id": 12, "video_room_id": 7}

    assert unknown.text == "new: poll.new"
    assert bot_client.happens({**call, "chat_id": 5}).text == "started 7"


def test_only_what_is_named_is_asked_for(bot, router, django_assert_num_queries):
    router.message()(lambda message: message.text)
    update = arrived(bot, text="hello")

    with django_assert_num_queries(0):
        outcome = run(handling.run(update))

    assert [it.payload["message"]["content"] for it in outcome.answers] == ["hello"]


def test_a_conversation_costs_one_query(bot, router, django_assert_num_queries):
    @router.message()
    async def remember(state) -> None:
        await state.update_data(a=1)
        await state.set_state("b")

    update = arrived(bot, text="hello")

    with django_assert_num_queries(1):
        outcome = run(handling.run(update))

    assert len(outcome.writes) == 1


@pytest.mark.parametrize("kind", OBSERVERS.values())
def test_every_kind_of_event_is_read_from_nothing_and_from_nonsense(kind):
    if issubclass(kind, VideoCall | Event) and kind.__name__ != "Failure":
        nonsense = dict.fromkeys(["id", "chat_id", "user_ids", "links", "thread", "data"], "\0?")

        assert kind.read({}).chat_id == 0
        assert kind.read(nonsense).raw == nonsense
