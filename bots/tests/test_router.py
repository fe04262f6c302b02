import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.router import BadHandler, Command, CommandCall, Router, command_in, root
from bots.types import Message


def message(text: str) -> Message:
    return Message(id=1, chat_id=2, user_id=3, text=text)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("/start", CommandCall("start", "")),
        ("  /Start now ", CommandCall("start", "now")),
        ("/say@demo hello all", CommandCall("say", "hello all")),
        ("/say\nhello all", CommandCall("say", "hello all")),
        ("/скажи привет", CommandCall("скажи", "привет")),
        ("start", None),
        ("/", None),
        ("/@demo", None),
        ("", None),
        ("no /start", None),
    ],
)
def test_a_command_is_the_first_word(text, called):
    assert command_in(text) == called


@given(st.text())
def test_any_text_can_be_looked_at(text):
    called = command_in(text)

    assert called is None or (called.name and called.name in text.lower())


def test_the_first_match_wins_and_routers_below_come_later():
    router, below = Router(), Router()
    router.include_router(below)
    below.message(Command("a"))(lambda: "below")
    router.message(Command("a"))(lambda: "first")
    router.message()(lambda: "rest")

    def found(text: str) -> str:
        handler, _ = router.find(message(text), {"switched_off": frozenset()}) or pytest.fail(text)
        return str(handler.function())

    assert [found("/a"), found("/b")] == ["first", "rest"]


def test_a_handler_with_a_wrong_argument_fails_when_it_is_registered():
    with pytest.raises(BadHandler, match="asks for mesage; a handler may name"):
        Router().message()(lambda mesage: None)


def test_the_fallback_is_the_last_of_all_handlers():
    assert list(root)[-1].name == "bots.handlers.error"
