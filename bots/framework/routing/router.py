"""Finding the handler of an event: a tree of routers, each with an observer for every kind."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from bots import types
from bots.calling import Context
from bots.filters import Command, CommandCall, command_in
from bots.models import Bot
from bots.observer import (
    UNHANDLED,
    BadHandler,
    CancelHandler,
    Handler,
    Middleware,
    Observer,
    SkipHandler,
    wrapped,
)
from bots.signatures import check
from bots.types import Event

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
Serves = Iterable[str] | Callable[[Bot], bool] | None


class Router:
    """Handlers in the order in which they were registered, and routers below.

    router = Router()

    @router.message(Command("start"))
    async def start(message: Message) -> str:
        return "Hello!"

    `bots` are the addresses (slugs) of the bots that it answers for, or a function that tells of a
    bot whether it does; by default it answers for all.
    """

    def __init__(self, name: str = "", *, bots: Serves = None) -> None:
        self.name = name
        self.bots = bots if bots is None or callable(bots) else frozenset(bots)
        self.parent: Router | None = None
        self.routers: list[Router] = []
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

    def include_router(self, router: "Router") -> "Router":
        """Ask the router after the handlers registered here; raises BadHandler for a circle."""
        if router.parent is not None:
            raise BadHandler(f"The router {router.name!r} is included already.")
        if router in self.lineage():
            raise BadHandler(f"The router {router.name!r} would include itself.")
        router.parent = self
        self.routers.append(router)
        return router

    def include_routers(self, *routers: "Router") -> None:
        for router in routers:
            self.include_router(router)

    def lineage(self) -> "list[Router]":
        """Return the routers from the root down to this one."""
        return [*(self.parent.lineage() if self.parent else ()), self]

    def tree(self) -> "Iterator[Router]":
        """Go through this router and all below it, in the order in which they are asked."""
        yield self
        for router in self.routers:
            yield from router.tree()

    def serves(self, bot: Bot) -> bool:
        if self.bots is None:
            return True
        return self.bots(bot) if callable(self.bots) else bot.slug in self.bots

    async def propagate(self, name: str, event: Event, context: Context) -> Any:
        """Offer the event to the observer of this name, here and below; UNHANDLED if none took it.

        What a handler or middleware raises goes to the error handlers of its router, then to those
        of the routers above, and up to the caller when none of them takes it.
        """
        if not self.serves(context["bot"]):
            return UNHANDLED
        try:
            offer = wrapped(self._outer(name), partial(self._offer, name))
            return await offer(event, context.fork(router=self))
        except (SkipHandler, CancelHandler):
            raise
        except Exception as error:
            return await self._failed(error, event, context)

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

    async def _failed(self, error: Exception, event: Event, context: Context) -> Any:
        if not self.error.handlers:
            raise error
        handler = event.outbox.handler
        event.outbox.clear()
        failure = types.Failure(exception=error, cause=event, outbox=event.outbox, raw=event.raw)
        told = context.fork(error=failure, exception=error)
        result = await self.error.trigger(failure, told, self._inner("error"))
        if result is UNHANDLED:
            event.outbox.handler = handler
            raise error
        return result

    def handlers(self, bot: Bot | None = None) -> Iterator[Handler]:
        """Go through the handlers here and below, of all bots or of one."""
        if bot is not None and not self.serves(bot):
            return
        for observer in self.observers.values():
            yield from observer.handlers
        for router in self.routers:
            yield from router.handlers(bot)

    def commands(self, bot: Bot | None = None) -> Iterator[Command]:
        """Go through the commands of the handlers of new messages, each once."""
        for handler in self.handlers(bot):
            for one in handler.filters:
                yield from (it for it in one.parts() if isinstance(it, Command))


class Dispatcher(Router):
    """The root of all routers: takes in every event, and knows what start-up declared.

    `root["name"] = value` lets handlers name it. Outer middlewares of `root.update` are around
    every event, whatever its kind.
    """

    def __init__(self) -> None:
        super().__init__("root")
        self.declared: dict[str, Any] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        self.declared[name] = value

    async def feed(self, name: str, event: Event, context: Context) -> Any:
        """Offer the event to its own observers, and then, if nobody took it, to the catch-all."""
        try:
            offer = wrapped(super()._outer("update"), partial(self._offer_all, name))
            return await offer(event, context.fork(**{**self.declared, **context}))
        except SkipHandler:
            return UNHANDLED
        except CancelHandler:
            return None

    async def _offer_all(self, name: str, event: Event, context: Context) -> Any:
        result = UNHANDLED if name == "update" else await self.propagate(name, event, context)
        return await self.propagate("update", event, context) if result is UNHANDLED else result

    def _outer(self, name: str) -> list[Middleware]:
        return [] if name == "update" else super()._outer(name)


root = Dispatcher()


def autodiscover() -> None:
    """Include the routers of every app's handlers module or package, the framework's own last.

    Of a package the `router` of its `__init__` counts, or else those of its modules in the order
    of their names. Raises BadHandler for a handler that names what does not exist.
    """
    own = apps.get_app_config("bots")
    for config in [*(app for app in apps.get_app_configs() if app is not own), own]:
        if module_has_submodule(config.module, "handlers"):
            root.include_routers(*_routers(import_module(f"{config.name}.handlers")))
    check(root, root.declared)


def _routers(module: ModuleType) -> list[Router]:
    modules = [module]
    if not hasattr(module, "router") and hasattr(module, "__path__"):
        names = sorted(it.name for it in iter_modules(module.__path__))
        modules = [import_module(f"{module.__name__}.{name}") for name in names]
    found = [getattr(it, "router", None) for it in modules]
    return [router for router in found if isinstance(router, Router)]


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
