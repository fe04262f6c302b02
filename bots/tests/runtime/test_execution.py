"""One update: what a handler says and returns becomes deliveries, forms and errors."""

import json
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from bots.framework.api import ApiError, ApiResponse
from bots.framework.api.keyboard import Keyboard
from bots.framework.events.types import Button, Event, Message, VideoCall, View
from bots.framework.filters import F, Raised
from bots.framework.routing.router import OBSERVERS, Command, SkipHandler
from bots.models import Delivery, PachcaAccount, Update
from bots.runtime import execution
from bots.testing import HandlerFailed
from bots.testing import bot_client as bot_client
from bots.tests.conftest import message_event, run


@pytest.fixture
def form_button(router: Any) -> Any:
    router.message(Command("ask"))(asks)

    @router.button(F.data == "open")
    def opens(button: Button) -> None:
        button.open_form(ByHand())

    return router


class ByHand:
    def as_view(self) -> Any:
        return {"callback_id": "by-hand", "view": {"title": "T", "blocks": []}}


async def asks(message: Message) -> None:
    message.answer("Press", buttons=Keyboard().button("Open", data="open"))


def arrived(bot: Any, **fields: Any) -> Update:
    event = message_event(**fields)
    return Update.objects.create(bot=bot, key="k", kind="message.new", raw=json.dumps(event))


def test_answers_go_where_the_handler_the_call_or_the_bot_says(
    bot_client: Any, router: Any
) -> None:
    general = bot_client.chat("General")
    router.message(Command("private"))(lambda: "1")
    router.message(Command("here"), answer_here=True)(lambda: "2")

    assert bot_client.send("/private", chat=general).last.chat is bot_client.private
    assert bot_client.send("/here", chat=general).last.chat is general

    bot_client.bot.answers_here = True
    bot_client.bot.save()
    assert bot_client.send("/private", chat=general).last.chat is general


def test_a_reply_quotes_and_an_answer_in_a_thread_stays_there(bot_client: Any, router: Any) -> None:
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


def test_the_bots_own_message_can_be_edited_deleted_and_reacted_to(
    bot_client: Any, router: Any
) -> None:
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
    assert len(set(chats)) == 1  # so that they are sent in order


def test_a_form_that_came_too_late_is_told_politely(bot_client: Any, form_button: Any) -> None:
    bot_client.pachca.answers("open_view", ApiResponse(410, {"errors": []}))
    bot_client.send("/ask")

    assert "Press the button again" in bot_client.press("Open").text


def test_a_form_that_pachca_refuses_is_an_error(bot_client: Any, form_button: Any) -> None:
    bot_client.pachca.answers("open_view", ApiResponse(422, {"errors": []}))
    bot_client.send("/ask")

    with pytest.raises(HandlerFailed, match=ApiError.__name__):
        bot_client.press("Open")


def test_a_submission_may_be_refused_by_hand(bot_client: Any, form_button: Any) -> None:
    @form_button.view(F.callback_id == "by-hand")
    async def taken(view: View, ack: Any) -> None:
        await ack(errors={"why": "No."})

    bot_client.send("/ask")
    bot_client.press("Open")

    assert bot_client.fill() == []
    assert bot_client.errors == {"why": "No."}


def test_lazy_parts_run_afterwards_with_what_the_filters_give(bot_client: Any, router: Any) -> None:
    @router.message.middleware
    async def add(handler: Any, event: Any, context: Any) -> Any:
        context["added"] = "added"
        return await handler(event, context)

    async def later(message: Message, command: Any, added: str) -> str:
        return f"{command.args} {added}"

    router.message(Command("work"), lazy=[later])(lambda: "At once.")

    assert bot_client.send("/work hard").texts == ["At once.", "hard added"]


def test_an_error_handler_ends_the_update_well(bot_client: Any, router: Any) -> None:
    @router.message(Command("buy"))
    async def buy(message: Message, state: Any) -> None:
        await state.set_state("buying")
        message.answer("never said")
        raise LookupError("none left")

    @router.error(Raised(LookupError))
    async def none_left(exception: LookupError, message: Message) -> str:
        return f"{exception}: {message.text}"

    assert bot_client.send("/buy").texts == ["none left: /buy"]
    assert bot_client.state() is None
    assert Update.objects.get().handler.endswith("none_left")


def test_what_cannot_be_said_is_an_error(bot_client: Any, router: Any) -> None:
    router.message(Command("number"))(lambda: 42)

    with pytest.raises(HandlerFailed, match="returned int: not an answer"):
        bot_client.send("/number")


def test_the_linked_person_and_their_language_are_given(
    bot_client: Any, router: Any, django_user_model: Any, settings: SettingsWrapper
) -> None:
    settings.LANGUAGE_CODE = "ru"
    router.message(Command("me"))(lambda user, i18n: f"{user} {i18n.language}")
    ann = django_user_model.objects.create(username="ann")

    bot_client.is_linked_to(ann)

    assert bot_client.send("/me").text == f"{ann} ru"
    assert PachcaAccount.objects.count() == 1


def test_the_language_is_what_the_linked_person_has_chosen(
    bot_client: Any, router: Any, django_user_model: Any
) -> None:
    router.message(Command("me"))(lambda i18n: i18n("message"))
    ann = django_user_model.objects.create(username="ann", language="ru")

    bot_client.is_linked_to(ann)

    assert bot_client.send("/me").text == "сообщение"


def test_unknown_kinds_and_video_calls_have_their_observers(bot_client: Any, router: Any) -> None:
    router.update()(lambda event: event.tell(12, f"new: {event.kind}"))
    router.video_call()(lambda video_call: f"{video_call.event} {video_call.video_room_id}")

    unknown = bot_client.happens({"type": "poll", "event": "new", "what": 1})
    call = {"type": "video_call", "event": "started", "owner_id": 12, "video_room_id": 7}

    assert unknown.text == "new: poll.new"
    assert bot_client.happens({**call, "chat_id": 5}).text == "started 7"


def test_only_what_is_named_is_asked_for(
    bot: Any, router: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    router.message()(lambda message: message.text)
    update = arrived(bot, text="hello")

    with django_assert_num_queries(0):
        outcome = run(execution.run(update))

    assert [it.payload["message"]["content"] for it in outcome.answers] == ["hello"]


def test_a_conversation_costs_one_query(
    bot: Any, router: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    @router.message()
    async def remember(state: Any) -> None:
        await state.update_data(a=1)
        await state.set_state("b")

    update = arrived(bot, text="hello")

    with django_assert_num_queries(1):
        outcome = run(execution.run(update))

    assert len(outcome.writes) == 1


@pytest.mark.parametrize("kind", OBSERVERS.values())
def test_every_kind_of_event_is_read_from_nothing_and_from_nonsense(kind: Any) -> None:
    if issubclass(kind, VideoCall | Event) and kind.__name__ != "Failure":
        nonsense = dict.fromkeys(["id", "chat_id", "user_ids", "links", "thread", "data"], "\0?")

        assert kind.read({}).chat_id == 0
        assert kind.read(nonsense).raw == nonsense


def test_a_catch_all_of_an_app_does_not_hide_the_frameworks_commands(
    bot_client: Any, router: Any
) -> None:
    @router.message(fallback=True, lazy=[lambda: "later"])
    async def echo(message: Message) -> str:
        return f"echo {message.text}"

    assert "/say" in bot_client.send("/help").text
    assert "code" in bot_client.send("/link").text
    assert bot_client.send("hi").texts == ["echo hi", "later"]
    assert bot_client.send("/unknown").texts == ["echo /unknown", "later"]


def test_a_command_is_answered_by_the_bot_that_it_names_and_no_other(
    bot_client: Any, router: Any
) -> None:
    router.message(fallback=True)(lambda message: f"echo {message.text}")
    router.update()(lambda event: event.tell(12, "caught"))
    bot_client.pachca.answers("get_profile", {"id": 900, "nickname": "OurBot"})
    general = bot_client.chat("General")

    assert "Nice to hear" in bot_client.send("/hello@ourbot", chat=general).text
    for text in ("/hello@otherbot", "/start@otherbot now", "/unknown@otherbot"):
        assert bot_client.send(text, chat=general) == []
        assert bot_client.send(text) == []
    assert bot_client.send("me@otherbot /start@otherbot").text.startswith("echo")


def test_a_bot_whose_nickname_cannot_be_found_out_goes_by_its_address(bot_client: Any) -> None:
    bot_client.pachca.answers("get_profile", ApiResponse(403, "no scope"))

    assert "Nice to hear" in bot_client.send("/hello@test").text
    assert bot_client.send("/hello@otherbot") == []


async def shout(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
    if method == "create_message":
        said = payload["message"]
        said["content"] = said["content"].upper()
    return await prev(method, payload, signal)


def test_transformers_of_the_handlers_api_apply_to_its_replies(
    bot_client: Any, router: Any
) -> None:
    @router.message(Command("shout"))
    async def handler(message: Message, api: Any) -> str:
        message.answer("before")
        api.use(shout)
        message.answer_file(b"x", "with a file", name="a.txt")
        return "returned"

    said = bot_client.send("/shout")

    assert said.texts == ["before", "WITH A FILE", "RETURNED"]
    assert [it["name"] for it in said[1].files] == ["a.txt"]
    assert bot_client.send("/hello").text == "Hello! Nice to hear from you."


def test_transformers_that_a_middleware_installs_apply_to_replies_of_lazy_parts(
    bot_client: Any, router: Any
) -> None:
    @router.message.middleware
    async def loud(handler: Any, event: Any, context: Any) -> Any:
        context["api"].use(shout)
        return await handler(event, context)

    router.message(Command("shout"), lazy=[lambda: "later"])(lambda: "at once")

    assert bot_client.send("/shout").texts == ["AT ONCE", "LATER"]


def test_a_transformer_may_store_a_reply_twice_elsewhere_or_not_at_all(
    bot_client: Any, router: Any
) -> None:
    general = bot_client.chat("General")
    answers = []

    async def twice(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        answers.append(await prev(method, payload, signal))
        payload["message"] |= {"entity_type": "discussion", "entity_id": general.id}
        return await prev(method, payload, signal)

    async def never(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        return ApiResponse(200, {"data": {}})

    @router.message(Command("twice"))
    async def two(api: Any) -> str:
        api.use(twice)
        return "hi"

    @router.message(Command("never"))
    async def none(api: Any) -> str:
        api.use(never)
        return "hi"

    assert [it.chat for it in bot_client.send("/twice")] == [bot_client.private, general]
    assert [(it.status, it.data["content"]) for it in answers] == [(202, "hi")]
    assert Delivery.objects.filter(chat=f"chat:{general.id}").count() == 1
    assert bot_client.send("/never") == []


def test_a_transformer_that_refuses_a_reply_is_an_error_of_the_handler(
    bot_client: Any, router: Any
) -> None:
    async def refuse(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        return ApiResponse(422, {"error": "no shouting"})

    @router.message(Command("shout"))
    async def handler(api: Any) -> str:
        api.use(refuse)
        return "hi"

    with pytest.raises(HandlerFailed, match="no shouting"):
        bot_client.send("/shout")


def test_a_message_that_nobody_answers_names_no_handler(bot: Any) -> None:
    update = arrived(bot, entity_type="discussion", content="chatter")

    outcome = run(execution.run(update))

    assert outcome.handler == ""
    assert outcome.answers == []


def test_an_api_that_a_middleware_puts_in_place_applies_to_replies(
    bot_client: Any, router: Any
) -> None:
    @router.message.outer_middleware
    async def polite(handler: Any, event: Any, context: Any) -> Any:
        context["api"].use(exclaim)
        return await handler(event, context)

    @router.message.middleware
    async def loud(handler: Any, event: Any, context: Any) -> Any:
        api = context["api"].fork()
        api.use(shout)
        return await handler(event, context.fork(api=api))

    @router.message(Command("shout"))
    async def handler(message: Message) -> str:
        message.answer("answered")
        return "returned"

    assert bot_client.send("/shout").texts == ["ANSWERED!", "RETURNED!"]


async def exclaim(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
    payload["message"]["content"] += "!"
    return await prev(method, payload, signal)


def test_nothing_of_a_handler_that_skips_is_sent_and_its_transformers_go(
    bot_client: Any, router: Any
) -> None:
    @router.message.outer_middleware
    async def greet(handler: Any, event: Any, context: Any) -> Any:
        event.answer("hello")
        return await handler(event, context)

    @router.message(Command("a"), answer_here=True)
    async def skips(message: Message, api: Any) -> None:
        api.use(shout)
        message.answer("never sent")
        raise SkipHandler

    router.message(Command("a"))(lambda: "second")

    assert bot_client.send("/a").texts == ["hello", "second"]


def test_transformers_of_a_handler_that_failed_do_not_apply_to_the_apology(
    bot_client: Any, router: Any
) -> None:
    @router.message(Command("a"))
    async def fails(api: Any) -> None:
        api.use(shout)
        raise ValueError

    router.error()(lambda: "sorry")

    assert bot_client.send("/a").texts == ["sorry"]
