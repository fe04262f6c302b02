"""Finding the handler of a message: routers, filters, and handlers that take what they name."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.apps import apps
from django.utils.module_loading import module_has_submodule

from bots.types import Message

Function = TypeVar("Function", bound=Callable[..., Any])
Context = dict[str, Any]

# What a handler may name as an argument.
ARGUMENTS = frozenset({"message", "update", "bot", "api", "command"})


class BadHandler(TypeError):
    """A handler asks for an argument that does not exist."""


class Filter(Protocol):
    def __call__(self, message: Message, context: Context) -> bool | Context:
        """Return whether the message passes; a dictionary passes and adds to the context."""


@dataclass(frozen=True)
class CommandCall:
    """What a person typed: "/say hello all" has the name "say" and the arguments "hello all"."""

    name: str
    args: str


class Command:
    """Passes messages whose first word is the command, with the slash and in any case.

    A command that the administrator has switched off does not pass.
    """

    def __init__(self, name: str, description: Any = "") -> None:
        self.name = name.lower()
        self.description = description

    def __call__(self, message: Message, context: Context) -> bool | Context:
        called = command_in(message.text)
        if called is None or called.name != self.name or self.name in context["switched_off"]:
            return False
        return {"command": called}


def command_in(text: str) -> CommandCall | None:
    """Return the command that the text begins with, if any; "/say@bot hi" is addressed to a bot."""
    first, _, rest = text.lstrip().partition(" ")
    first, newline, more = first.partition("\n")
    name = first.split("@", 1)[0]
    if len(name) < 2 or not name.startswith("/"):
        return None
    return CommandCall(name[1:].lower(), (more + " " + rest if newline else rest).strip())


@dataclass(frozen=True)
class Handler:
    function: Callable[..., Any]
    filters: tuple[Filter, ...]

    @property
    def name(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}"

    def match(self, message: Message, context: Context) -> Context | None:
        """Return the context this handler runs in, None when a filter turns the message away."""
        found = dict(context)
        for passes in self.filters:
            verdict = passes(message, found)
            if verdict is False:
                return None
            found |= verdict if isinstance(verdict, dict) else {}
        return found

    async def __call__(self, context: Context) -> Any:
        wanted = inspect.signature(self.function).parameters
        arguments = {name: context.get(name) for name in wanted}
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**arguments)
        return await sync_to_async(self.function)(**arguments)


class Router:
    """Handlers in the order in which they were registered, and routers below.

    router = Router()

    @router.message(Command("start"))
    async def start(message: Message) -> str:
        return "Hello!"
    """

    def __init__(self) -> None:
        self.handlers: list[Handler] = []
        self.routers: list[Router] = []

    def message(self, *filters: Filter) -> Callable[[Function], Function]:
        """Register a handler of new messages that pass all the filters; raises BadHandler."""

        def register(function: Function) -> Function:
            unknown = set(inspect.signature(function).parameters) - ARGUMENTS
            if unknown:
                raise BadHandler(
                    f"{function.__module__}.{function.__qualname__} asks for"
                    f" {', '.join(sorted(unknown))}; a handler may name"
                    f" {', '.join(sorted(ARGUMENTS))}."
                )
            self.handlers.append(Handler(function, filters))
            return function

        return register

    def include_router(self, router: "Router") -> None:
        """Try the router's handlers after the ones registered here."""
        self.routers.append(router)

    def __iter__(self) -> Iterator[Handler]:
        yield from self.handlers
        for router in self.routers:
            yield from router

    def commands(self) -> Iterator[Command]:
        for handler in self:
            yield from (it for it in handler.filters if isinstance(it, Command))

    def find(self, message: Message, context: Context) -> tuple[Handler, Context] | None:
        """Return the first handler that takes the message, with its context."""
        for handler in self:
            if (found := handler.match(message, context)) is not None:
                return handler, found
        return None


root = Router()


def autodiscover() -> None:
    """Include the `router` of every app's handlers module; the framework's own come last."""
    own = apps.get_app_config("bots")
    for config in [*(app for app in apps.get_app_configs() if app is not own), own]:
        if module_has_submodule(config.module, "handlers"):
            router = getattr(import_module(f"{config.name}.handlers"), "router", None)
            if isinstance(router, Router):
                root.include_router(router)
