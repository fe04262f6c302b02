"""Mistakes in handlers are found when the project starts, with file, line and a stable id."""

import functools
import inspect
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.db import transaction

from bots.framework.events.types import Button, Event, Message
from bots.framework.filters import ChatKind, Command, CommandCall, F, Filter, Regexp, Text, gives
from bots.framework.filters.callback_data import CallbackData
from bots.framework.forms import Form
from bots.framework.routing import checks, errors
from bots.framework.routing.errors import BadHandler
from bots.framework.routing.router import Dispatcher, Router, root
from bots.testing import bot_client as bot_client

DOCS = Path(__file__).parents[3] / "docs" / "bots" / "checks.md"


class Vote(CallbackData, prefix="checked-vote"):
    poll: int


class Leave(Form, title="Leave"):
    pass


@pytest.fixture
def dispatcher() -> Dispatcher:
    return Dispatcher()


@pytest.fixture
def router(dispatcher: Dispatcher) -> Router:
    router = Router()
    dispatcher.include_router(router)
    return router


@pytest.fixture
def chats() -> Iterator[Router]:
    """A router that the test kit's bot asks before all others."""
    router = Router()
    root.routers.insert(0, router)
    yield router
    root.routers.remove(router)


def found(dispatcher: Dispatcher) -> list[tuple[str, str]]:
    return [(it.id, it.problem) for it in checks.mistakes(dispatcher)]


def warned(dispatcher: Dispatcher) -> list[str]:
    return [f"{it.id} {it.msg} {it.hint}" for it in checks.warnings(dispatcher)]


def line_of(function: Callable[..., Any]) -> str:
    return f"{__file__}:{function.__code__.co_firstlineno}"


def test_an_observer_without_parentheses_decorates_nothing(dispatcher: Any, router: Any) -> None:
    async def hello(message: Message) -> str:
        return "hello"

    router.message(hello)

    (mistake,) = checks.mistakes(dispatcher)
    assert mistake.id == "bots.E003"
    assert "@router.message needs parentheses" in mistake.problem
    assert mistake.where == line_of(hello)


def test_a_registration_that_decorates_nothing_is_told_with_its_line(
    dispatcher: Any, router: Any
) -> None:
    router.message(Command("lost"))
    here = inspect.currentframe().f_lineno - 1

    (mistake,) = checks.mistakes(dispatcher)
    assert (mistake.id, mistake.where) == ("bots.E003", f"{__file__}:{here}")


@pytest.mark.parametrize(
    ("given", "meant"), [("hello", "Text('hello')"), ("/hello", "Command('hello')")]
)
def test_a_string_is_no_filter_and_what_is_meant_is_suggested(
    router: Any, given: str, meant: str
) -> None:
    with pytest.raises(BadHandler, match=re.escape(f"Write {meant}")) as raised:
        router.message(given)
    assert raised.value.id == "bots.E004"
    assert raised.value.where.startswith(f"{__file__}:")

    with pytest.raises(BadHandler, match=re.escape("bots.E004")):
        Command("a") | given


def only_messages(event: Message) -> bool:
    return True


class LongMessage(Filter):
    async def __call__(self, event: Message) -> bool:
        return True


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("button", Command("start")),
        ("button", Text("start")),
        ("button", ChatKind("private")),
        ("button", ~Command("start")),
        ("button", only_messages),
        ("button", LongMessage()),
        ("view", Vote.filter() | Leave.filter()),
        ("message", Vote),
        ("message", Leave),
        ("message", F.data == "x"),
        ("reaction", F.text),
    ],
)
def test_a_filter_of_another_event_is_a_mistake(
    dispatcher: Any, router: Any, kind: str, given: Any
) -> None:
    def handler() -> None:
        pass

    router.observers[kind](given)(handler)

    (mistake,) = checks.mistakes(dispatcher)
    assert (mistake.id, mistake.where) == ("bots.E005", line_of(handler))


def test_filters_that_fit_are_no_mistake(dispatcher: Any, router: Any) -> None:
    def of_both(event: Message | Button) -> bool:
        return True

    router.message(Command("a"), ChatKind("chat"), only_messages, F.text, of_both)(lambda: None)
    router.message_edited(Text("a") | LongMessage())(lambda: None)
    router.button(Vote.filter(F.poll == 1) | (F.data == "x"), of_both)(lambda: None)
    router.update(lambda event: True, F.anything)(lambda: None)
    router.view(Leave)(lambda form: None)

    assert found(dispatcher) == []


@pytest.mark.parametrize("name", ["/slash", "two words", "", "say@bot", "non\u00a0break"])
def test_a_command_that_nobody_can_type_is_a_mistake(
    dispatcher: Any, router: Any, name: str
) -> None:
    def handler() -> None:
        pass

    router.message(Command(name) & ChatKind("private"))(handler)

    (mistake,) = checks.mistakes(dispatcher)
    assert (mistake.id, mistake.where) == ("bots.E006", line_of(handler))


def test_aliases_as_one_string_are_a_mistake() -> None:
    with pytest.raises(BadHandler, match=r"is a string.*E006"):
        Command("go", aliases="walk")


def test_an_alias_that_an_earlier_handler_takes_is_warned_of(dispatcher: Any, router: Any) -> None:
    router.message(Command("go"))(lambda: None)
    router.message(Command("walk", aliases=["go"]))(lambda: None)

    (warning,) = warned(dispatcher)
    assert "bots.W001 The command /go" in warning


def test_a_command_of_another_prefix_is_another_command(dispatcher: Any, router: Any) -> None:
    router.message(Command("go"))(lambda: None)
    router.message(Command("go", prefix="!"))(lambda: None)

    assert warned(dispatcher) == []


@pytest.mark.parametrize("prefix", ["", "x", "я", "1", " ", "\u200b", "/ "])
def test_a_prefix_is_made_of_signs(dispatcher: Any, router: Any, prefix: str) -> None:
    router.message(Command("go", prefix=prefix))(lambda: None)

    (mistake,) = checks.mistakes(dispatcher)
    assert mistake.id == "bots.E006"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("callback_query", "Use router.button."),
        ("edited_message", "Use router.message_edited."),
        ("mesage", "Did you mean router.message?"),
        ("inline_query", "Pachca has no such events."),
    ],
)
def test_an_observer_that_there_is_not_is_told_with_what_is_meant(
    router: Any, name: str, hint: str
) -> None:
    with pytest.raises(BadHandler, match=re.escape(hint)) as raised:
        getattr(router, name)

    assert raised.value.id == "bots.E007"
    assert not hasattr(router, name)


def test_an_unknown_option_is_told_with_what_is_meant(router: Any) -> None:
    with pytest.raises(BadHandler, match=r"no option flag\. Did you mean flags") as raised:
        router.message(flag={"staff": True})

    assert raised.value.id == "bots.E008"


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (lambda mesage: None, "Did you mean message?"),
        (lambda comand: None, "Did you mean command?"),
        (lambda callback_query: None, "Available values:"),
    ],
)
def test_a_misspelled_argument_is_told_with_what_is_meant(
    dispatcher: Any, router: Any, function: Any, hint: str
) -> None:
    router.message(Command("a"))(function)

    (mistake,) = checks.mistakes(dispatcher)
    assert (mistake.id, mistake.where) == ("bots.E001", line_of(function))
    assert hint in mistake.problem


def test_aiograms_names_of_arguments_lead_to_ours(dispatcher: Any, router: Any) -> None:
    router.button()(lambda callback_query: None)

    assert "Did you mean button?" in found(dispatcher)[0][1]


def test_what_filters_name_is_checked_too(dispatcher: Any, router: Any) -> None:
    @gives("amount")
    def amount(event: Any, context: Any, usr: Any) -> bool:
        return True

    class Rich(Filter):
        def __call__(self, event: Any, amount: Any, wallet: Any) -> bool:
            return True

    router.message(amount & ~Rich())(lambda amount: None)

    first, second = found(dispatcher)
    assert "requests usr" in first[1]
    assert "Did you mean user?" in first[1]
    assert "requests wallet" in second[1]


def test_an_argument_that_is_nearly_right_and_never_given_is_warned_of(
    dispatcher: Any, router: Any
) -> None:
    router.message(Command("a"))(lambda comand=None, own=None: None)

    (warning,) = warned(dispatcher)
    assert "bots.W003" in warning
    assert "Did you mean command?" in warning


def test_a_command_that_another_one_hides_is_warned_of(dispatcher: Any, router: Any) -> None:
    other = Router()
    dispatcher.include_router(other)

    def first() -> None:
        pass

    def second() -> None:
        pass

    router.message(Command("a", args=r"\d+"))(lambda: None)
    router.message(Command("a", aliases=["b"]))(first)
    other.message(Command("b"), ChatKind("private"))(second)

    (warning,) = checks.warnings(dispatcher)
    assert (warning.id, warning.obj) == ("bots.W001", line_of(second))
    assert line_of(first) in warning.msg


def test_commands_of_different_bots_and_replaced_ones_of_the_framework_are_no_duplicates(
    dispatcher: Any, router: Any
) -> None:
    one, two = Router(bots=["one"]), Router(bots=["two"])
    own, framework = Router(), Router("bots")
    dispatcher.include_routers(one, two, own, framework)

    def start() -> None:
        pass

    start.__module__ = "bots.handlers.basics"
    one.message(Command("a"))(lambda: None)
    two.message(Command("a"))(lambda: None)
    own.message(Command("start"))(lambda: None)
    framework.message(Command("start"))(start)

    assert warned(dispatcher) == []


def test_a_catch_all_that_hides_commands_is_warned_of(dispatcher: Any, router: Any) -> None:
    below = Router()
    router.include_router(below)

    def everything() -> None:
        pass

    router.message()(everything)
    below.message(Command("a"))(lambda: None)

    (warning,) = checks.warnings(dispatcher)
    assert (warning.id, warning.obj) == ("bots.W002", line_of(everything))
    assert "never called: /a" in warning.msg


def test_a_fallback_and_a_catch_all_that_is_last_hide_nothing(dispatcher: Any, router: Any) -> None:
    router.message(fallback=True)(lambda: None)
    router.message(Command("a"))(lambda: None)
    router.message()(lambda: None)

    assert warned(dispatcher) == []


class Speaks(Protocol):
    async def say(self, text: str) -> str: ...


def test_an_argument_may_be_annotated_with_a_protocol(dispatcher: Any, router: Any) -> None:
    async def handler(api: Speaks, message: Message) -> None:
        pass

    router.message()(handler)

    assert found(dispatcher) == []


# --- decorated handlers --------------------------------------------------------------------------


async def asynchronous(message: Message, command: CommandCall) -> str:
    return f"{message.text} {command.args}"


def plain(message: Message, command: CommandCall) -> str:
    return f"{message.text} {command.args}"


def with_event(h: Any) -> Any:
    @functools.wraps(h)
    async def inner(event: Any, **kw: Any) -> Any:
        return await h(event, **kw)

    return inner


def plainly(h: Any) -> Any:
    @functools.wraps(h)
    def inner(event: Any, *a: Any, **kw: Any) -> Any:
        return h(event, *a, **kw)

    return inner


def by_position(h: Any) -> Any:
    @functools.wraps(h)
    def inner(*args: Any) -> Any:
        return h(*args)

    return inner


def wholly(h: Any) -> Any:
    @functools.wraps(h)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return h(*args, **kwargs)

    return inner


def with_its_own(h: Any) -> Any:
    @functools.wraps(h)
    async def inner(msg: Event, /, *args: Any, bot: Any, **kw: Any) -> str:
        return f"{bot} {await h(msg, *args, **kw)}"

    return inner


def as_it_is(h: Any) -> Any:
    @functools.wraps(h)
    def inner(message: Any, *args: Any, **kwargs: Any) -> Any:
        return h(message, *args, **kwargs)

    return inner


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (with_event(asynchronous), "/a b b"),
        (plainly(plain), "/a b b"),
        (plainly(asynchronous), "/a b b"),
        (by_position(plain), "/a b b"),
        (by_position(asynchronous), "/a b b"),
        (as_it_is(plainly(asynchronous)), "/a b b"),
        (wholly(plain), "/a b b"),
        (wholly(with_event(asynchronous)), "/a b b"),
        (with_its_own(asynchronous), "Test /a b b"),
        (with_its_own(with_event(asynchronous)), "Test /a b b"),
        (functools.partial(with_event(asynchronous)), "/a b b"),
        (transaction.atomic(plain), "/a b b"),
    ],
)
def test_decorated_handlers_are_passed_what_they_want(
    bot_client: Any, chats: Any, handler: Any, said: str
) -> None:
    chats.message(Command("a"))(handler)

    assert bot_client.send("/a b").text == said


def test_a_plain_decorator_around_an_async_handler_gives_it_what_it_can_await(
    bot_client: Any, chats: Any
) -> None:
    @chats.message(Command("a"))
    @plainly
    async def remember(message: Message, state: Any) -> str:
        await state.set_state("remembered")
        return str(await state.get_state())

    assert bot_client.send("/a").text == "remembered"


def test_filters_may_be_decorated(bot_client: Any, chats: Any) -> None:
    @plainly
    def long(message: Message, bot: Any) -> bool:
        return len(message.text) > 3 and bot.slug == "test"

    chats.message(long)(lambda: "long")

    assert bot_client.send("hello").text == "long"


def test_a_decorator_that_passes_too_little_on_is_a_mistake(dispatcher: Any, router: Any) -> None:
    @functools.wraps(asynchronous)
    async def inner(event: Any) -> Any:
        return event

    router.message(Command("a"))(inner)

    (mistake,) = found(dispatcher)
    assert mistake[0] == "bots.E009"
    assert "requests command, which its decorator does not pass on" in mistake[1]


@contextmanager
def block() -> Iterator[None]:
    yield


@pytest.mark.parametrize("decorator", [transaction.atomic, block()])
def test_a_context_manager_around_an_async_handler_is_a_mistake(
    dispatcher: Any, router: Any, decorator: Any
) -> None:
    router.message(Command("a"))(decorator(asynchronous))

    (mistake,) = found(dispatcher)
    assert mistake[0] == "bots.E009"
    assert "exits before an async function runs" in mistake[1]


def test_a_handler_that_yields_is_a_mistake(dispatcher: Any, router: Any) -> None:
    @router.message()
    async def handler() -> AsyncIterator[Any]:
        yield "a"

    assert "Return a list" in found(dispatcher)[0][1]


# --- the project ---------------------------------------------------------------------------------

FAULTY = """
from bots.framework.filters import Command
from bots.framework.routing.router import Router

router = Router()


@router.message(Command("/slash"))
async def slash(mesage) -> str:
    return "never"
"""
BROKEN = """
from bots.framework.routing.router import Router

router = Router()


@router.callback_query()
async def pressed() -> None: ...
"""


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "faulty_settings",
        "VAR_DIR": str(folder),
    }
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(Path(__file__).parents[3])])
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=folder
    )


def test_manage_check_lists_all_mistakes_and_any_other_start_is_refused(tmp_path: Path) -> None:
    settings = "from project.test_settings import *\nINSTALLED_APPS += ['faulty', 'broken']\n"
    (tmp_path / "faulty_settings.py").write_text(settings)
    for name, code in (("faulty", FAULTY), ("broken", BROKEN)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "handlers.py").write_text(code)

    checked = manage(tmp_path, "check")
    started = manage(tmp_path, "shell", "-c", "print('started')")

    assert checked.returncode == 1
    assert "Traceback" not in checked.stderr
    for warning in (
        rf"{tmp_path}/faulty/handlers.py:8: \(bots.E001\) .*Did you mean message\?",
        rf"{tmp_path}/faulty/handlers.py:8: \(bots.E006\) Command\('/slash'\)",
        rf"{tmp_path}/broken/handlers.py:7: \(bots.E007\) .*Use router.button.",
    ):
        assert re.search(warning, checked.stderr)
    assert started.returncode == 1
    assert "started" not in started.stdout
    for id in ("bots.E001", "bots.E006", "bots.E007"):
        assert id in started.stderr


def test_every_check_is_documented() -> None:
    documented = set(re.findall(r"bots\.[EW]\d{3}", DOCS.read_text(encoding="utf-8")))
    ids = [*vars(errors).values(), *vars(checks).values()]

    assert documented == {it for it in ids if isinstance(it, str) and re.match(r"bots\.[EW]", it)}


@pytest.mark.parametrize(
    "filters",
    [
        [F.text],
        [F.text.startswith("/")],
        [lambda message: message.text],
        [Command("b") | Command("a")],
        [Text(startswith="/a")],
        [Regexp("^/")],
        [~Command("b") & F.text],
    ],
    ids=["F", "F method", "lambda", "either", "Text", "Regexp", "not"],
)
def test_a_command_that_an_earlier_filter_takes_is_warned_of(
    dispatcher: Any, router: Any, filters: Any
) -> None:
    router.message(*filters)(lambda: None)
    router.message(Command("a"))(lambda: None)

    (warning,) = warned(dispatcher)
    assert "bots.W001 The command /a" in warning


@pytest.mark.parametrize(
    "filters",
    [
        [F.text.len() > 2],
        [F.text == "/a"],
        [F.user_id == 12],
        [lambda message: message.text == "hi"],
        [lambda message: message.no_such_name],
        [Command("b") | Command("c")],
        [F.text, ChatKind("private")],
        [Command("a", args=True)],
        [lambda message, user: user],
    ],
)
def test_a_filter_that_leaves_the_command_to_others_is_not_warned_of(
    dispatcher: Any, router: Any, filters: Any
) -> None:
    router.message(*filters)(lambda: None)
    router.message(Command("a"))(lambda: None)

    assert warned(dispatcher) == []


@pytest.mark.parametrize("everything", [lambda message: True, F.id, ~Command("none")])
def test_a_filter_that_takes_every_message_is_a_catch_all(
    dispatcher: Any, router: Any, everything: Any
) -> None:
    router.message(everything)(lambda: None)
    router.message(Text("hi"))(lambda: None)

    (warning,) = warned(dispatcher)
    assert "bots.W002" in warning


def careless(function: Any) -> Any:
    async def inner(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return inner


def less_careless(function: Any) -> Any:
    async def inner(event: Any, **kwargs: Any) -> Any:
        return await function(event, **kwargs)

    return inner


async def greets(message: Message) -> str:
    return "hi"


def test_a_decorator_that_does_not_say_what_it_wraps_is_a_mistake(
    dispatcher: Any, router: Any
) -> None:
    router.message()(careless(greets))

    ((id, problem),) = found(dispatcher)
    assert id == "bots.E009"
    assert "functools.wraps" in problem


def test_a_function_that_may_be_such_a_decorator_is_warned_of(dispatcher: Any, router: Any) -> None:
    router.message()(less_careless(greets))

    (warning,) = warned(dispatcher)
    assert "bots.W004" in warning
    assert "functools.wraps" in warning


def test_handlers_that_take_all_there_is_are_no_mistake(dispatcher: Any, router: Any) -> None:
    async def handler(message: Message, **everything: Any) -> None:
        pass

    router.message()(handler)
    router.message()(functools.wraps(greets)(careless(greets)))

    assert found(dispatcher) == []
    assert not [it for it in warned(dispatcher) if "W004" in it]
