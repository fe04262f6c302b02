from typing import Any

import pytest

from bots.framework.events.types import Event, Message, Reaction
from bots.framework.routing.injection import Context
from bots.framework.routing.router import (
    UNHANDLED,
    BadHandler,
    Command,
    Dispatcher,
    Router,
    SkipHandler,
    root,
)
from bots.framework.routing.signatures import check, mistakes
from bots.models import Bot
from bots.tests.conftest import run


def message(text: str) -> Message:
    return Message(id=1, chat_id=2, user_id=3, text=text)


def offer(router: Router, event: Event, name: str = "message", **context: Any) -> Any:
    given = {"bot": Bot(slug="demo"), "switched_off": frozenset(), "event": event, "message": event}
    if isinstance(router, Dispatcher):
        return run(router.feed(name, event, Context(given | context)))
    return run(router.propagate(name, event, Context(given | context)))


def test_the_first_match_wins_and_routers_below_come_later() -> None:
    router, below = Router(), Router()
    router.include_router(below)
    below.message(Command("a"))(lambda: "below")
    below.message(Command("b"))(lambda: "below")
    router.message(Command("a"))(lambda: "first")

    assert [offer(router, message(text)) for text in ("/a", "/b", "/c")] == [
        "first",
        "below",
        UNHANDLED,
    ]


def test_skip_handler_leaves_the_event_to_the_next_one() -> None:
    router = Router()

    @router.message()
    async def first() -> str:
        raise SkipHandler

    router.message()(lambda: "second")

    assert offer(router, message("hi")) == "second"


def test_a_fallback_is_asked_after_the_handlers_of_all_routers() -> None:
    dispatcher, first, second = Dispatcher(), Router(), Router()
    dispatcher.include_routers(first, second)
    first.message(fallback=True)(lambda: "fallback of the first")
    first.message(Command("a"))(lambda: "first")
    second.message(Command("b"))(lambda: "second")
    second.message(fallback=True)(lambda: "never")

    assert [offer(dispatcher, message(text)) for text in ("/a", "/b", "hi")] == [
        "first",
        "second",
        "fallback of the first",
    ]


def test_an_event_comes_to_a_router_twice_only_if_it_has_handlers_of_both_kinds() -> None:
    dispatcher, both, only_fallback, none = Dispatcher(), Router(), Router(), Router()
    dispatcher.include_routers(both, only_fallback, none)
    seen = []

    def noting(name: Any) -> Any:
        async def note(handler: Any, event: Any, context: Any) -> Any:
            seen.append((name, context["is_fallback_round"]))
            return await handler(event, context)

        return note

    async def skip() -> None:
        raise SkipHandler

    for name, one in (("both", both), ("only fallback", only_fallback), ("none", none)):
        one.message.outer_middleware(noting(name))
    both.message(Command("a"))(lambda: "a")
    both.message(fallback=True)(skip)
    only_fallback.message(fallback=True)(lambda: "taken")

    assert offer(dispatcher, message("hi")) == "taken"
    assert seen == [("both", False), ("none", False), ("both", True), ("only fallback", True)]


def test_error_handlers_of_both_kinds_take_what_a_fallback_raises() -> None:
    dispatcher, router = Dispatcher(), Router()
    dispatcher.include_router(router)

    @router.message(fallback=True)
    async def fails() -> None:
        raise ValueError("bad")

    router.error(fallback=True)(lambda exception: f"handled {exception}")

    assert offer(dispatcher, message("hi")) == "handled bad"


def test_each_kind_of_event_has_an_observer_of_its_own() -> None:
    router = Router()
    router.message()(lambda: "message")
    router.reaction()(lambda: "reaction")

    assert offer(router, Reaction(code="👍"), "reaction") == "reaction"


def test_what_nobody_took_comes_to_the_catch_all() -> None:
    dispatcher, router = Dispatcher(), Router()
    dispatcher.include_router(router)
    router.update()(lambda event: event.kind)
    router.message(Command("known"))(lambda: "known")

    assert offer(dispatcher, message("/known")) == "known"
    assert offer(dispatcher, Event(kind="poll.new"), "update") == "poll.new"
    assert offer(dispatcher, message("hi")) == ""


def test_a_router_answers_for_its_own_bots() -> None:
    router = Router(bots=["support"])
    router.message()(lambda: "support")

    assert offer(router, message("hi"), bot=Bot(slug="demo")) is UNHANDLED
    assert offer(router, message("hi"), bot=Bot(slug="support")) == "support"


def test_outer_middlewares_see_every_event_and_inner_ones_what_is_handled() -> None:
    router, below, seen = Router(), Router(), []
    router.include_router(below)

    def noting(name: Any) -> Any:
        async def middleware(handler: Any, event: Any, context: Any) -> Any:
            seen.append(name)
            return await handler(event, context)

        return middleware

    router.message.outer_middleware(noting("outer"))
    router.message.middleware(noting("inner"))
    below.message.middleware(noting("below"))
    below.message(Command("a"))(lambda: "taken")

    offer(router, message("/a"))
    assert seen == ["outer", "inner", "below"]

    seen.clear()
    offer(router, message("/b"))
    assert seen == ["outer"]


def test_a_middleware_on_the_root_is_around_every_kind_of_event() -> None:
    dispatcher, seen = Dispatcher(), []

    @dispatcher.update.outer_middleware
    async def note(handler: Any, event: Any, context: Any) -> Any:
        seen.append(type(event))
        context["answer"] = 42
        return await handler(event, context)

    dispatcher.reaction()(lambda answer=0: answer)

    assert offer(dispatcher, message("hi")) is UNHANDLED
    assert offer(dispatcher, Reaction(), "reaction") == 42
    assert seen == [Message, Reaction]


def test_what_middlewares_add_stays_in_their_branch() -> None:
    router, one, other = Router(), Router(), Router()
    router.include_routers(one, other)

    @one.message.outer_middleware
    async def add(handler: Any, event: Any, context: Any) -> Any:
        context["secret"] = "one's own"
        return await handler(event, context)

    other.message()(lambda secret=None: secret)

    assert offer(router, message("hi")) is None


def test_error_handlers_of_the_nearest_router_come_first() -> None:
    router, below = Router(), Router()
    router.include_router(below)

    @below.message()
    async def fails(message: Message) -> None:
        message.answer("half done")
        raise ValueError("bad")

    below.error(lambda event: isinstance(event.exception, KeyError))(lambda: "not this one")
    router.error()(lambda exception: f"handled {exception}")

    event = message("hi")
    assert offer(router, event) == "handled bad"
    assert event.outbox.calls == []


def test_what_no_error_handler_takes_is_raised() -> None:
    router = Router()
    router.error(lambda event: False)(lambda: "no")

    @router.message()
    async def fails() -> None:
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        offer(router, message("hi"))


def test_a_handler_may_take_the_event_by_its_type_under_any_name() -> None:
    router = Router()

    @router.message()
    async def handler(msg: Message, anything: Event) -> bool:
        return msg is anything

    check(router)

    assert offer(router, message("hi")) is True


def test_a_wrong_argument_is_told_with_its_file_and_what_is_known() -> None:
    router = Router()
    router.message()(lambda mesage: None)

    with pytest.raises(
        BadHandler, match=r"test_router.py:\d+: .* requests mesage, .* Available values:"
    ):
        check(router)


def test_names_that_start_up_filters_and_middlewares_declare_are_known() -> None:
    dispatcher, router = Dispatcher(), Router()
    dispatcher.include_router(router)
    dispatcher["config"] = {"a": 1}

    @dispatcher.message.outer_middleware
    async def add(handler: Any, event: Any, context: Any) -> Any:
        return await handler(event, context)

    add.gives = frozenset({"session"})
    router.message(Command("a", args=r"(?P<size>\d+)"))(lambda config, session, size: size)

    assert list(mistakes(dispatcher, dispatcher.declared)) == []


def test_a_router_is_included_once_and_never_in_itself() -> None:
    router, below = Router(), Router()
    router.include_router(below)

    with pytest.raises(BadHandler):
        Router().include_router(below)
    with pytest.raises(BadHandler):
        below.include_router(router)


def test_the_fallback_is_the_last_of_all_handlers() -> None:
    *_, last = root.tree()

    assert last.message.handlers[-1].name == "bots.handlers.basics.not_understood"
    assert last.message.handlers[-1].fallback
