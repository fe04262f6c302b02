"""The tree of routers, each with an observer per type of event."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any, Never, Protocol

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from bots.framework.events import types
from bots.framework.events.types import Event
from bots.framework.filters import Command, CommandCall, command_in
from bots.framework.routing.errors import (
    NO_OBSERVER,
    BadHandler,
    NoLazyParts,
    NoObserver,
    did_you_mean,
)
from bots.framework.routing.injection import Context
from bots.framework.routing.observer import (
    UNHANDLED,
    CancelHandler,
    Handler,
    Middleware,
    Next,
    Observer,
    SkipHandler,
    wrap,
)

OBSERVERS: dict[str, type[Event]] = {
    "message": types.Message,
    "message_edited": types.Message,
    "message_deleted": types.Message,
    "reaction": types.Reaction,
    "button": types.Button,
    "view": types.View,
    "chat_member": types.ChatMember,
    "company_member": types.CompanyMember,
    "link_shared": types.LinkShared,
    "video_call": types.VideoCall,
    "update": Event,
    "error": types.Failure,
}
# Names in aiogram; "" stands for events that Pachca does not have.
AIOGRAM = {
    "callback_query": "button",
    "edited_message": "message_edited",
    "message_reaction": "reaction",
    "my_chat_member": "chat_member",
    "errors": "error",
    "inline_query": "",
    "chosen_inline_result": "",
    "channel_post": "",
    "edited_channel_post": "",
    "poll": "",
    "poll_answer": "",
    "chat_join_request": "",
    "pre_checkout_query": "",
    "shipping_query": "",
}


class Addressed(Protocol):
    """The part of a bot that routers use: its address."""

    slug: Any


Serves = Iterable[str] | Callable[[Any], bool] | None


class Router:
    """Handlers in the order of registration, and included routers.

    router = Router()

    @router.message(Command("start"))
    async def start(message: Message) -> str:
        return "Hello!"

    `bots` restricts the router to bots: their addresses (slugs), or a function that returns whether
    the router handles a bot. By default it handles all bots.
    """

    def __init__(self, name: str = "", *, bots: Serves = None) -> None:
        self.name = name
        self.bots = bots if bots is None or callable(bots) else frozenset(bots)
        self.parent: Router | None = None
        self.routers: list[Router] = []
        self._cached_kinds: dict[str, tuple[int, set[bool]]] = {}
        self.observers = {name: Observer(name, kind) for name, kind in OBSERVERS.items()}
        self.message = self.observers["message"]
        self.message_edited = self.observers["message_edited"]
        self.message_deleted = self.observers["message_deleted"]
        self.reaction = self.observers["reaction"]
        self.button = self.observers["button"]
        self.view = self.observers["view"]
        self.chat_member = self.observers["chat_member"]
        self.company_member = self.observers["company_member"]
        self.link_shared = self.observers["link_shared"]
        self.video_call = self.observers["video_call"]
        self.update = self.observers["update"]
        self.error = self.observers["error"]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Never:
            if name.startswith("_"):
                raise AttributeError(name)
            raise NoObserver(f"A router has no {name}.{_hint(name)}", NO_OBSERVER)

    def include_router(self, router: "Router") -> "Router":
        """Include a router, called after the handlers of this one. Raises BadHandler for cycles."""
        if router.parent is not None:
            raise BadHandler(f"The router {router.name!r} is already included.")
        if router in self.lineage():
            raise BadHandler(f"The router {router.name!r} would include itself.")
        router.parent = self
        self.routers.append(router)
        Observer.version += 1
        return router

    def include_routers(self, *routers: "Router") -> None:
        """Include several routers, in this order."""
        for router in routers:
            self.include_router(router)

    def lineage(self) -> "list[Router]":
        """Return the routers from the root down to this one."""
        return [*(self.parent.lineage() if self.parent else ()), self]

    def tree(self) -> "Iterator[Router]":
        """Yield this router and all included ones, in the order of calls."""
        yield self
        for router in self.routers:
            yield from router.tree()

    def serves(self, bot: Addressed) -> bool:
        """Return whether the router handles updates of the bot."""
        if self.bots is None:
            return True
        return self.bots(bot) if callable(self.bots) else bot.slug in self.bots

    async def propagate(self, name: str, event: Event, context: Context) -> Any:
        """Pass the event to the observers of this name; return UNHANDLED if none matches.

        Exceptions are passed to the error handlers of the router, then to those of the routers
        above, and raised if none of them matches.
        """
        if not self.serves(context["bot"]) or not self._takes_part(name, context):
            return UNHANDLED
        return await self._run_within(name, partial(self._offer, name), event, context)

    async def _run_within(self, name: str, run: Next, event: Event, context: Context) -> Any:
        """Run it within the outer middlewares and the error handlers of this router."""
        try:
            return await wrap(self._outer(name), run)(event, context.fork(router=self))
        except (SkipHandler, CancelHandler):
            raise
        except Exception as error:
            return await self._handle_error(error, event, context)

    async def _run_lazy_parts(
        self, found: "LazyParts", path: "list[Router]", event: Event, context: Context
    ) -> Any:
        """Run the lazy parts in the last router of the path, within what all its routers add."""
        router, *below = path
        if below:
            run = partial(self._run_lazy_parts, found, below)
        else:
            run = partial(router._run_own_lazy_parts, found)
        return await router._run_within(found.observer, run, event, context)

    async def _run_own_lazy_parts(self, found: "LazyParts", event: Event, context: Context) -> Any:
        observer = self.observers[found.observer]
        inner = self._inner(found.observer)
        return await observer.run_lazy_parts(found.handler, event, context, inner)

    def _takes_part(self, name: str, context: Context) -> bool:
        """Return whether the router has handlers for this round: fallbacks or others."""
        if "is_fallback_round" not in context:
            return True
        kinds = self._kinds(name)
        return True in kinds if context["is_fallback_round"] else kinds != {True}

    def _kinds(self, name: str) -> set[bool]:
        """Return whether the tree has fallbacks (True), other handlers (False), or both."""
        version, kinds = self._cached_kinds.get(name, (-1, set()))
        if version != Observer.version:
            kinds = {it.fallback for one in self.tree() for it in one.observers[name].handlers}
            self._cached_kinds[name] = Observer.version, kinds
        return kinds

    async def _offer(self, name: str, event: Event, context: Context) -> Any:
        result = await self.observers[name].trigger(event, context, self._inner(name))
        for router in self.routers:
            if result is not UNHANDLED:
                break
            result = await router.propagate(name, event, context)
        return result

    def _outer(self, name: str) -> list[Middleware]:
        return self.observers[name].outer_middleware.all

    def _inner(self, name: str) -> list[Middleware]:
        routers = self.lineage()
        return [it for router in routers for it in router.observers[name].middleware.all]

    async def _handle_error(self, error: Exception, event: Event, context: Context) -> Any:
        if not self.error.handlers:
            raise error
        handler = event.outbox.handler
        event.outbox.clear()
        failure = types.Failure(exception=error, cause=event, outbox=event.outbox, raw=event.raw)
        error_context = context.fork(error=failure, exception=error)
        error_context.pop("is_fallback_round", None)  # error handlers have no rounds
        result = await self.error.trigger(failure, error_context, self._inner("error"))
        if result is UNHANDLED:
            event.outbox.handler = handler
            raise error
        return result

    def handlers(self, bot: Addressed | None = None) -> Iterator[Handler]:
        """Yield all handlers in the tree, of all bots or of one."""
        if bot is not None and not self.serves(bot):
            return
        for observer in self.observers.values():
            yield from observer.handlers
        for router in self.routers:
            yield from router.handlers(bot)

    def commands(self, bot: Addressed | None = None) -> Iterator[Command]:
        """Yield the commands of the handlers in the tree."""
        for handler in self.handlers(bot):
            for one in handler.filters:
                yield from (it for it in one.parts() if isinstance(it, Command))


@dataclass(frozen=True)
class LazyParts:
    """A handler with lazy parts, and the router and the observer that it is registered with."""

    router: Router
    observer: str
    handler: Handler


class Dispatcher(Router):
    """The root of all routers, which receives all events.

    `root["name"] = value` makes a value available to handlers. Outer middlewares of `root.update`
    wrap the handling of all types of events.
    """

    def __init__(self) -> None:
        super().__init__("root")
        self.declared: dict[str, Any] = {}
        self.mistakes: list[BadHandler] = []

    def __setitem__(self, name: str, value: Any) -> None:
        self.declared[name] = value

    async def feed(self, name: str, event: Event, context: Context) -> Any:
        """Pass the event to the observers of its type, and then to those of `update`."""
        return await self._run_within_root(partial(self._offer_all, name), event, context)

    async def _run_within_root(self, run: Next, event: Event, context: Context) -> Any:
        """Run it within the middlewares that are around every event."""
        try:
            around = wrap(super()._outer("update"), run)
            return await around(event, context.fork(**{**self.declared, **context}))
        except SkipHandler:
            return UNHANDLED
        except CancelHandler:
            return None

    async def run_lazy_parts(self, handler: str, name: str, event: Event, context: Context) -> Any:
        """Run the lazy parts of the handler with this name, which has taken the event before.

        Raises NoLazyParts if the code no longer has them.
        """
        found = self._find_lazy_parts(handler, name)
        run = partial(self._run_lazy_parts, found, found.router.lineage())
        return await self._run_within_root(run, event, context)

    def _find_lazy_parts(self, handler: str, name: str) -> LazyParts:
        found = [
            LazyParts(router, observer, one)
            for router in self.tree()
            for observer in (name, "update")
            for one in router.observers[observer].handlers
            if one.name == handler and one.lazy
        ]
        if not found:
            raise NoLazyParts(
                f"There is no handler {handler} with lazy parts: has it been renamed?"
            )
        if len({tuple(it.name for it in one.handler.lazy) for one in found}) > 1:
            raise NoLazyParts(f"Several handlers with lazy parts are named {handler}.")
        return found[0]

    async def _offer_all(self, name: str, event: Event, context: Context) -> Any:
        result = UNHANDLED if name == "update" else await self.propagate(name, event, context)
        return await self.propagate("update", event, context) if result is UNHANDLED else result

    async def _offer(self, name: str, event: Event, context: Context) -> Any:
        """Call the handlers of all routers first, then the fallbacks of all routers."""
        for is_fallback_round in (False, True):
            asked = context.fork(is_fallback_round=is_fallback_round)
            result = await super()._offer(name, event, asked)
            if result is not UNHANDLED:
                break
        return result

    def _outer(self, name: str) -> list[Middleware]:
        return [] if name == "update" else super()._outer(name)


root = Dispatcher()


def autodiscover() -> None:
    """Include the routers of the `handlers` module or package of each app, the built-in ones last.

    For a package, the `router` in its `__init__` is included, or else those of its modules in
    alphabetical order. A BadHandler error during an import is added to `root.mistakes`.
    """
    own = apps.get_app_config("bots")
    for config in [*(app for app in apps.get_app_configs() if app is not own), own]:
        if module_has_submodule(config.module, "handlers"):
            try:
                root.include_routers(*_routers(import_module(f"{config.name}.handlers")))
            except BadHandler as mistake:
                root.mistakes.append(mistake)


def _routers(module: ModuleType) -> list[Router]:
    modules = [module]
    if not hasattr(module, "router") and hasattr(module, "__path__"):
        names = sorted(it.name for it in iter_modules(module.__path__))
        modules = [import_module(f"{module.__name__}.{name}") for name in names]
    found = [getattr(it, "router", None) for it in modules]
    return [router for router in found if isinstance(router, Router)]


def _hint(name: str) -> str:
    if name not in AIOGRAM:
        return did_you_mean(f"router.{name}", (f"router.{it}" for it in OBSERVERS))
    return f" Use router.{AIOGRAM[name]}." if AIOGRAM[name] else " Pachca has no such events."


__all__ = [
    "UNHANDLED",
    "BadHandler",
    "CancelHandler",
    "Command",
    "CommandCall",
    "Router",
    "SkipHandler",
    "autodiscover",
    "command_in",
    "root",
]
