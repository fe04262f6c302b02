"""Answers that Pachca would reject are detected in the handler, and reported."""

import errno
import unicodedata
from typing import Any

import pytest
from django.core.files.storage import default_storage
from pytest_django.fixtures import SettingsWrapper

from bots.framework.api import InputFile
from bots.framework.api.keyboard import Keyboard
from bots.framework.api.limits import MAX_CONTENT
from bots.framework.events.errors import BadAnswer
from bots.framework.events.types import Button, Message, View
from bots.framework.routing.router import Command
from bots.models import Delivery, Update
from bots.models.jobs import State
from bots.testing import HandlerFailed
from bots.testing import bot_client as bot_client

LONG = "y" * (MAX_CONTENT + 1)
TOO_LONG = "40001 characters, at most 40000"
EMPTY = "The reply is empty"
NOT_SENT = "The reply could not be sent"


def button(**fields: Any) -> list[list[dict[str, Any]]]:
    return [[{"text": "Go", "data": "go", **fields}]]


BAD: list[tuple[Any, str]] = [
    (lambda message: LONG, TOO_LONG),
    (lambda message: ["before", LONG, "after"], TOO_LONG),
    (lambda message: message.answer(LONG), TOO_LONG),
    (lambda message: message.reply_in_thread(LONG), TOO_LONG),
    (lambda message: message.edit(LONG), TOO_LONG),
    (lambda message: message.answer_file(b"x", LONG, name="a.txt"), TOO_LONG),
    (lambda message: "", EMPTY),
    (lambda message: "\u00a0", EMPTY),
    (lambda message: "\n", EMPTY),
    *[
        (lambda message, text=text: text, EMPTY)
        for text in ("\u200b", "\ufeff\n", "\u202e", "\u3164")
    ],
    (lambda message: message.answer("\u2060\ufe0f"), EMPTY),
    (lambda message: ["", "После"], EMPTY),
    (lambda message: message.answer(buttons=button()), EMPTY),
    (lambda message: message.react(" "), EMPTY),
    (lambda message: message.answer("a", buttons=button(text=" ")), EMPTY),
    (lambda message: message.answer("a", buttons=button(text="t" * 256)), NOT_SENT),
    (lambda message: message.answer("a", buttons=button(data="d" * 256)), NOT_SENT),
    (lambda message: message.answer("a", buttons=button(url="https://x.ru")), NOT_SENT),
    (lambda message: message.answer("a", buttons=button() * 33), NOT_SENT),
    (lambda message: message.answer("a", buttons=[button()[0] * 9]), NOT_SENT),
    (lambda message: message.answer("a", buttons=[button()[0] * 8] * 13), NOT_SENT),
    (lambda message: message.answer("a", display_name="n" * 256), NOT_SENT),
    (lambda message: message.tell("Ann", "a"), NOT_SENT),
    (lambda message: 5, NOT_SENT),
    (lambda message: message.answer_file("/no/such/file"), "A file could not be sent"),
    (lambda message: message.answer_file("/"), "A file could not be sent"),
    (lambda message: message.answer_file(f"{__file__}/x"), "A file could not be sent"),
    (lambda message: message.answer_file("/" + "x" * 300), "A file could not be sent"),
    (lambda message: message.answer_file(5), "A file could not be sent"),
    (lambda message: message.answer_file(InputFile.stored("../../x")), "A file could not be sent"),
    (lambda message: message.answer_file(b"x"), "A file could not be sent"),
    (lambda message: message.answer_file(b"x" * 101, name="a"), "A file could not be sent"),
    (lambda message: message.answer_voice(b"no sound", name="a.mp3"), "A file could not be sent"),
]


@pytest.mark.parametrize(("bad", "apology"), BAD)
def test_an_answer_that_pachca_would_refuse_is_reported_and_told(
    bot_client: Any, router: Any, settings: SettingsWrapper, bad: Any, apology: Any
) -> None:
    settings.BOTS_MAX_FILE = 100
    router.message(Command("bad"))(bad_handler(bad))
    router.message(Command("good"))(lambda: "good")
    bot_client.fails_quietly = True

    answers = bot_client.send("/bad")
    after = bot_client.send("/good")

    assert apology in answers.text
    assert after.texts == ["good"]
    update = Update.objects.order_by("pk")[0]
    assert (update.state, update.attempts) == (State.FAILED, 1)
    assert "BadAnswer" in update.error
    assert not Delivery.objects.exclude(state=State.DONE).exists()


def bad_handler(bad: Any) -> Any:
    def handler(message: Message) -> Any:
        return bad(message)

    return handler


@pytest.mark.parametrize("bad", [bad for bad, _apology in BAD[:3]])
def test_the_test_kit_fails_where_pachca_would_refuse(
    bot_client: Any, router: Any, bad: Any
) -> None:
    router.message(Command("bad"))(bad_handler(bad))

    with pytest.raises(HandlerFailed, match="40001 characters"):
        bot_client.send("/bad")


def test_a_button_with_an_answer_that_is_too_long_is_told_of_too(
    bot_client: Any, router: Any
) -> None:
    @router.message(Command("ask"))
    def ask(message: Message) -> None:
        message.answer("Press", buttons=Keyboard().button("Go", data="go"))

    @router.button(lambda button: button.data == "go")
    def go(button: Button) -> None:
        button.edit(LONG)

    bot_client.fails_quietly = True
    bot_client.send("/ask")

    assert TOO_LONG in bot_client.press("Go").text


def test_a_form_with_an_answer_that_is_too_long_says_so_in_the_form(
    bot_client: Any, router: Any
) -> None:
    @router.view()
    def taken(view: View) -> str:
        return LONG

    bot_client.fails_quietly = True
    bot_client.happens(
        {"type": "view", "event": "submit", "user_id": bot_client.id, "data": {"city": "Tver"}}
    )

    assert list(bot_client.errors) == ["city"]
    assert TOO_LONG in bot_client.errors["city"]


def test_an_error_handler_is_asked_first(bot_client: Any, router: Any) -> None:
    @router.message(Command("bad"))
    def bad(message: Message) -> None:
        message.answer(LONG)

    @router.error()
    def sorry(exception: Exception) -> str:
        return f"Sorry: {type(exception).__name__}"

    assert bot_client.send("/bad").texts == [f"Sorry: {BadAnswer.__name__}"]


def test_texts_at_the_limit_and_of_characters_that_cannot_be_stored_arrive(
    bot_client: Any, router: Any
) -> None:
    router.message(Command("long"))(lambda: "y" * MAX_CONTENT)
    router.message(Command("odd"))(lambda: "a\0b\ud800c")

    assert len(bot_client.send("/long").text) == MAX_CONTENT
    assert bot_client.send("/odd").text == "ab?c"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("я" * 300 + ".pdf", "я" * 125 + ".pdf"),
        ("отчёт .pdf ", "отчёт.pdf"),
        (unicodedata.normalize("NFD", "Отчёт за май.pdf"), "Отчёт за май.pdf"),
        ("👩‍👩‍👧" * 80 + ".pdf", None),
        ("a.c++", "a.c__"),
    ],
)
def test_a_file_arrives_whatever_it_is_called(
    bot_client: Any, router: Any, name: Any, shown: Any
) -> None:
    @router.message(Command("file"))
    def file(message: Message) -> None:
        message.answer_file(b"x", name=name)

    (sent,) = bot_client.send("/file").last.files

    assert shown is None or sent["name"] == shown
    assert len(sent["name"].encode()) <= 255
    assert bot_client.pachca.uploads[sent["key"]] == b"x"


def test_files_that_are_uploaded_already_are_sent_as_they_are(bot_client: Any, router: Any) -> None:
    @router.message(Command("file"))
    async def file(message: Message, api: Any) -> None:
        message.answer(files=[await api.upload(b"x", "a.txt")])

    assert bot_client.send("/file").last.files[0]["name"] == "a.txt"


def test_a_transformer_of_the_handler_may_still_shorten_an_answer(
    bot_client: Any, router: Any
) -> None:
    async def shorten(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        message = payload["message"]
        shorter = {**message, "content": message["content"][:10]}
        return await prev(method, {**payload, "message": shorter}, signal)

    async def lengthen(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        return await prev(method, {"message": {**payload["message"], "content": LONG}}, signal)

    @router.message(Command("short"))
    async def short(message: Message, api: Any) -> None:
        api.use(shorten)
        message.answer(LONG)

    @router.message(Command("long"))
    async def long(message: Message, api: Any) -> None:
        api.use(lengthen)
        message.answer("short")

    assert bot_client.send("/short").text == "y" * 10
    bot_client.fails_quietly = True
    assert TOO_LONG in bot_client.send("/long").text


def test_a_text_that_cannot_be_seen_may_go_with_buttons_or_a_file(
    bot_client: Any, router: Any
) -> None:
    @router.message(Command("go"))
    def go(message: Message) -> None:
        message.answer("\u200b", buttons=button())
        message.answer_file(b"x", "\u200b", name="a.txt")

    assert bot_client.send("/go").texts == ["\u200b", "\u200b"]


def test_a_full_disk_is_no_fault_of_the_answer(
    bot_client: Any, router: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    router.message(Command("go"))(bad_handler(lambda it: it.answer_file(b"x", name="a.txt")))
    bot_client.fails_quietly = True
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", full)
        assert bot_client.send("/go") == []

    assert len(bot_client.wait(seconds=2).last.files) == 1
