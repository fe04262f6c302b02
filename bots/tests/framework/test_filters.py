import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.calling import Context
from bots.filters import (
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
from bots.tests.conftest import run
from bots.types import Message


def message(text: str = "", **fields) -> Message:
    return Message(id=1, chat_id=2, user_id=3, text=text, **fields)


def verdict(given_filter, event: Message, **context):
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
    ],
)
def test_a_command_is_the_first_word(text, called):
    assert command_in(text) == called


@given(st.text())
def test_any_text_can_be_looked_at(text):
    called = command_in(text)

    assert called is None or (called.name and called.name in text.lower())


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
def test_a_command_may_have_aliases_arguments_and_a_prefix(command, text, passes):
    assert (verdict(command, message(text)) is not False) == passes


def test_named_groups_of_the_arguments_are_given():
    given_names = verdict(Command("go", args=r"(?P<where>\w+)"), message("/go home"))

    assert given_names == {"command": CommandCall("go", "home"), "where": "home"}


def test_a_command_that_is_off_does_not_pass():
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
def test_filters_pass_what_they_say(one, text, passes):
    assert (verdict(one, message(text)) is not False) == passes


def test_filters_may_be_async_classes_and_give_values():
    class Longer(Filter):
        gives = frozenset({"length"})

        async def __call__(self, event: Message, limit: int):
            return len(event.text) > limit and {"length": len(event.text)}

    assert verdict(Longer, message("hello"), limit=3) == {"length": 5}
    assert verdict(Longer() & Text("hello"), message("hello"), limit=3) == {"length": 5}
    assert verdict(Longer, message("hello"), limit=9) is False


def test_magic_gives_its_value_under_a_name():
    magic = F.text.regexp(r"(\d+)").as_("digits") & F.user_id.as_("who")

    given_names = verdict(magic, message("12 apples"))

    assert (given_names["digits"].group(1), given_names["who"]) == ("12", 3)
    assert as_filter(magic).gives == {"digits", "who"}


def test_the_second_filter_sees_what_the_first_one_gives():
    def second(event, match):
        return match.group() == "12"

    assert verdict(Regexp(r"\d+") & second, message("a 12")) is not False


def test_a_filter_without_a_call_is_refused_when_it_is_defined():
    with pytest.raises(TypeError, match="needs a method __call__"):
        type("Nothing", (Filter,), {})


def test_what_cannot_be_called_is_no_filter():
    with pytest.raises(TypeError, match="is no filter"):
        as_filter("start")
