import threading
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.framework.events.types import Message
from bots.framework.filters import (
    ChatKind,
    Command,
    CommandCall,
    F,
    Filter,
    FromUser,
    Regexp,
    Text,
    as_filter,
    command_in,
)
from bots.framework.routing.injection import Context
from bots.models import Bot
from bots.tests.conftest import run


def message(text: str = "", **fields: Any) -> Message:
    return Message(id=1, chat_id=2, user_id=3, text=text, **fields)


def verdict(given_filter: Any, event: Message, **context: Any) -> Any:
    known = Context({"switched_off": frozenset(), **context})
    return run(as_filter(given_filter).passes(event, known))


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
        ("/say\r\nhello all\r\n", CommandCall("say", "hello all")),
        ("/say\u00a0hello", CommandCall("say", "hello")),
        ("/say\u2003hello", CommandCall("say", "hello")),
        ("/say\t hello\tall", CommandCall("say", "hello\tall")),
        ("/say\x0bhello", CommandCall("say", "hello")),
        ("/say\u2028hello\nall", CommandCall("say", "hello\nall")),
        ("\ufeff/say hello", CommandCall("say", "hello")),
        ("\u200b \u200e/say hello", CommandCall("say", "hello")),
        ("\u2067/say\u2069 hello", CommandCall("say", "hello")),
        ("/\u2060say\ufe0f hello", CommandCall("say", "hello")),
        ("/say \u200b\u200e", CommandCall("say", "")),
        ("/say 🏴\U000e0067\U000e007f", CommandCall("say", "🏴\U000e0067\U000e007f")),
        ("\u200b", None),
        ("\u200bstart", None),
    ],
)
def test_a_command_is_the_first_word(text: str, called: Any) -> None:
    assert command_in(text) == called


def test_a_command_may_name_the_bot_that_it_is_for() -> None:
    assert command_in("/start@Demo now").mention == "Demo"
    assert command_in("/start@demo\u00a0now").args == "now"


@pytest.mark.parametrize(
    ("text", "passes"),
    [("/go", True), ("/go@ourbot", True), ("/go@OurBot x", True), ("/go@otherbot", False)],
)
def test_a_command_that_is_addressed_to_another_bot_does_not_pass(text: str, passes: bool) -> None:
    found = verdict(Command("go"), message(text), own_names=frozenset({"ourbot"}))

    assert (found is not False) == passes


@given(st.text())
def test_any_text_can_be_looked_at(text: Any) -> None:
    called = command_in(text)

    seen = "".join(it for it in text if unicodedata.category(it) not in ("Cf", "Cc")).lower()
    assert called is None or (called.name and called.name in seen.replace("\ufe0f", ""))


@pytest.mark.parametrize(
    ("command", "text", "passes"),
    [
        (Command("go", aliases=["иди"]), "/иди", True),
        (Command("go", args=True), "/go", False),
        (Command("go", args=False), "/go there", False),
        (Command("go", args=r"\d+"), "/go 12", True),
        (Command("go", args=r"\d+"), "/go 12 a", False),
        (Command("go", prefix="!/"), "!go", True),
        (Command("go"), "!go", False),
    ],
)
def test_a_command_may_have_aliases_arguments_and_a_prefix(
    command: Any, text: str, passes: bool
) -> None:
    assert (verdict(command, message(text)) is not False) == passes


def test_named_groups_of_the_arguments_are_given() -> None:
    given_names = verdict(Command("go", args=r"(?P<where>\w+)"), message("/go home"))

    assert given_names == {"command": CommandCall("go", "home"), "where": "home"}


def test_a_command_that_is_off_does_not_pass() -> None:
    assert verdict(Command("go"), message("/go"), switched_off={"go"}) is False


@pytest.mark.parametrize(
    ("one", "text", "passes"),
    [
        (Text("Yes", "no"), " YES ", True),
        (Text("yes", ignore_case=False), "Yes", False),
        (Text(startswith="he"), "Hello", True),
        (Text(contains="ell", endswith="o"), "hello", True),
        (Text(contains="x"), "hello", False),
        (Regexp(r"\bcat\b"), "the Cat sat", True),
        (F.text == "hi", "hi", True),
        (F.text.len() > 2, "hi", False),
        (~F.text.startswith("a"), "hi", True),
        (ChatKind("private") & F.text, "hi", False),
        (ChatKind("private") | F.text, "hi", True),
        (F.text & ~ChatKind("private"), "hi", True),
        (F.text & Text("hi"), "hi", True),
        (F.nonsense | Text("hi"), "hi", True),
        (FromUser(3), "hi", True),
        (FromUser(4, 5), "hi", False),
        (lambda event: event.text == "hi", "hi", True),
        (lambda event, switched_off: switched_off, "hi", False),
    ],
)
def test_filters_pass_what_they_say(one: Any, text: str, passes: bool) -> None:
    assert (verdict(one, message(text)) is not False) == passes


def test_filters_may_be_async_classes_and_give_values() -> None:
    class Longer(Filter):
        gives = frozenset({"length"})

        async def __call__(self, event: Message, limit: int) -> Any:
            return len(event.text) > limit and {"length": len(event.text)}

    assert verdict(Longer, message("hello"), limit=3) == {"length": 5}
    assert verdict(Longer() & Text("hello"), message("hello"), limit=3) == {"length": 5}
    assert verdict(Longer, message("hello"), limit=9) is False


def test_magic_gives_its_value_under_a_name() -> None:
    magic = F.text.regexp(r"(\d+)").as_("digits") & F.user_id.as_("who")

    given_names = verdict(magic, message("12 apples"))

    assert (given_names["digits"].group(1), given_names["who"]) == ("12", 3)
    assert as_filter(magic).gives == {"digits", "who"}


def test_the_second_filter_sees_what_the_first_one_gives() -> None:
    def second(event: Any, match: Any) -> Any:
        return match.group() == "12"

    assert verdict(Regexp(r"\d+") & second, message("a 12")) is not False


@pytest.mark.django_db
def test_plain_filters_may_use_the_orm_and_async_ones_stay_on_the_loop() -> None:
    threads = []

    def in_database(event: Any) -> bool:
        threads.append(threading.current_thread())
        return not Bot.objects.filter(slug="nobody").exists()

    class InDatabase(Filter):
        def __call__(self, event: Any) -> bool:
            return in_database(event)

    async def on_loop(event: Any) -> bool:
        threads.append(threading.current_thread())
        return True

    async def passed() -> list[Any]:
        found = [
            await as_filter(one).passes(message("hi"), Context())
            for one in (in_database, InDatabase(), ~InDatabase(), on_loop)
        ]
        threads.append(threading.current_thread())
        return found

    assert run(passed()) == [True, True, False, True]
    *plain, asynchronous, loop = threads
    assert loop is asynchronous
    assert loop not in plain


def test_a_filter_without_a_call_is_refused_when_it_is_defined() -> None:
    with pytest.raises(TypeError, match="needs a method __call__"):
        type("Nothing", (Filter,), {})


def test_what_cannot_be_called_is_no_filter() -> None:
    with pytest.raises(TypeError, match="is not a filter"):
        as_filter("start")
