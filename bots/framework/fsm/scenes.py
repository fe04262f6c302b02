"""Scenes: conversations of several questions, as a class with a method per question.

class Booking(Scene):
    @step("For how many people?")
    async def people(self, message: Message) -> int:
        if not message.text.isdigit():
            raise Again("A number, please.")
        return int(message.text)

    @step("And when?")
    async def time(self, message: Message) -> str:
        return message.text

    async def finish(self, data: dict) -> str:
        return f"A table for {data['people']} at {data['time']}."

router.include_router(Booking.as_router())
router.message(Command("book"))(Booking.as_handler())
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from bots.framework.events.types import Event
from bots.framework.filters.base import Filter
from bots.framework.filters.command import command_in
from bots.framework.fsm.context import FSMContext
from bots.framework.fsm.state import StateFilter
from bots.framework.routing.errors import BadHandler
from bots.framework.routing.injection import Context, Function, context_value
from bots.framework.routing.observer import Next, SkipHandler
from bots.framework.routing.router import Router

Method = TypeVar("Method", bound=Callable[..., Any])
MARK = "scene_mark"
# The key of the data with the stack of outer scenes.
STACK = "scenes"
FLAG = "step"


class Again(Exception):
    """The answer is invalid: send the text and ask the same question again."""


@dataclass(frozen=True)
class _Step:
    """A question, and the events that answer it."""

    ask: Any
    kind: str
    filters: tuple[Any, ...]
    message: dict[str, Any]
    name: str = ""


@dataclass(frozen=True)
class _On:
    kind: str
    filters: tuple[Any, ...]


def step(
    ask: Any, *filters: Any, kind: str = "message", **message: Any
) -> Callable[[Method], Method]:
    """Mark a method as the handler of the answer to a question. Its result is stored by its name.

    Further arguments are passed to the message with the question (`buttons=…`). A command does not
    answer a question.
    """
    return _mark(_Step(ask, kind, filters, message))


class on:
    """Mark a method as a handler of other events while the scene is active."""

    @staticmethod
    def message(*filters: Any) -> Callable[[Method], Method]:
        """Handle messages that pass the filters."""
        return _mark(_On("message", filters))

    @staticmethod
    def button(*filters: Any) -> Callable[[Method], Method]:
        """Handle presses of buttons that pass the filters."""
        return _mark(_On("button", filters))

    @staticmethod
    def view(*filters: Any) -> Callable[[Method], Method]:
        """Handle submitted forms that pass the filters."""
        return _mark(_On("view", filters))


def _mark(mark: Any) -> Callable[[Method], Method]:
    def set_mark(method: Method) -> Method:
        setattr(method, MARK, mark)
        return method

    return set_mark


class Scene:
    """A conversation. Optional methods `enter`, `leave` and `finish` return messages to send.

    They can use all context values and `data`, the answers so far.
    """

    steps: ClassVar[dict[str, _Step]] = {}
    known: ClassVar[dict[str, "Scene"]] = {}

    def __init_subclass__(cls) -> None:
        marks = {name: getattr(it, MARK, None) for name, it in vars(cls).items()}
        own = {k: _with_name(mark, k) for k, mark in marks.items() if isinstance(mark, _Step)}
        cls.steps = {**cls.steps, **own}
        namesake = Scene.known.get(cls.__qualname__)
        if namesake is not None and type(namesake).__module__ != cls.__module__:
            raise BadHandler(f"Another module already has a scene {cls.__qualname__}.")
        Scene.known[cls.__qualname__] = cls()

    @classmethod
    def name_of(cls, step: str = "") -> str:
        """Return the name of the state of the scene or of one of its questions."""
        return f"scene {cls.__qualname__}:{step}" if step else f"scene {cls.__qualname__}"

    @classmethod
    def as_router(cls) -> Router:
        """Return the router of the scene, which must be included in another router."""
        router, scene = Router(cls.__qualname__), Scene.known[cls.__qualname__]
        anywhere = StateFilter(*map(cls.name_of, ["", *cls.steps]))
        for name, method in vars(cls).items():
            if isinstance(mark := getattr(method, MARK, None), _On):
                router.observers[mark.kind](anywhere, *mark.filters)(getattr(scene, name))
        for name, one in cls.steps.items():
            observer = router.observers[one.kind]
            asked = StateFilter(cls.name_of(name))
            observer(asked, NoCommand(), *one.filters, flags={FLAG: name})(getattr(scene, name))
        for observer in router.observers.values():
            observer.middleware(_store_result)
        return router

    @classmethod
    def as_handler(cls, **data: Any) -> Callable[..., Any]:
        """Return a handler that enters the scene."""

        async def begin(wizard: Wizard) -> None:
            await wizard.enter(cls, **data)

        return begin


@context_value("wizard")
async def _wizard(context: Context) -> "Wizard":
    return Wizard(context["event"], context, await context.need("state"))


class NoCommand(Filter):
    """Passes events that are not commands, so that commands work within a scene."""

    async def passes(self, event: Any, context: Context) -> bool:
        """Implement `Filter.passes`."""
        return command_in(getattr(event, "text", "")) is None


@dataclass
class Wizard:
    """The context value `wizard`, which moves a conversation through scenes and questions."""

    event: Event
    context: Context
    state: FSMContext
    _moved: bool = field(default=False, repr=False)

    async def enter(self, scene: type[Scene], **data: Any) -> None:
        """Enter a scene. The current scene continues when it ends."""
        stack = [*await self.state.get_value(STACK, [])]
        if _scene_of(current := await self.state.get_state()):
            stack.append(current)
        await self.state.update_data({**data, STACK: stack})
        await self._go(scene.name_of(next(iter(scene.steps), "")))
        await self._call("enter")
        await self._ask()

    async def next(self) -> None:
        """Ask the next question, or finish the scene after the last one."""
        await self._move(+1)

    async def back(self) -> None:
        """Ask the previous question, or leave the scene at the first one."""
        await self._move(-1)

    async def again(self) -> None:
        """Ask the same question again."""
        self._moved = True
        await self._ask()

    async def leave(self) -> None:
        """Leave the scene and continue with the outer one, if any."""
        await self._call("leave")
        *stack, last = await self.state.get_value(STACK, []) or [None]
        if last is None:
            await self.state.clear()
            self._moved = True
            return
        await self.state.update_data({STACK: stack})
        await self._go(last)
        await self._ask()

    async def finish(self) -> None:
        """Call `finish` of the scene and leave it."""
        await self._call("finish")
        await self.leave()

    async def _move(self, by: int) -> None:
        scene, name = await self._here()
        names = list(scene.steps)
        place = (names.index(name) if name in names else -1) + by
        if place >= len(names):
            await self.finish()
        elif place < 0:
            await self.leave()
        else:
            await self._go(scene.name_of(names[place]))
            await self._ask()

    async def _go(self, state: str) -> None:
        self._moved = True
        await self.state.set_state(state)

    async def _ask(self) -> None:
        scene, name = await self._here()
        if asked := scene.steps.get(name):
            self.event.answer(str(asked.ask), **asked.message)

    async def _call(self, name: str) -> None:
        """Call a method of the current scene, if defined, and send its result."""
        scene, _step = await self._here()
        if (method := getattr(scene, name, None)) is None:
            return
        data = {k: it for k, it in (await self.state.get_data()).items() if k != STACK}
        function = Function(method)
        result = await function(
            **await function.arguments(self.context.fork(data=data, wizard=self))
        )
        for text in [result] if isinstance(result, str) else result or ():
            self.event.answer(text)

    async def _here(self) -> tuple[Scene, str]:
        current = await self.state.get_state()
        scene = _scene_of(current)
        if scene is None:
            raise BadHandler("No scene is active.")
        return scene, (current or "").partition(":")[2]


async def _store_result(handler: Next, event: Event, context: Context) -> Any:
    """Store the result of a step, and ask the next question unless the step has moved on."""
    wizard: Wizard = await context.need("wizard")
    wizard._moved = False
    name = context["handler"].flags.get(FLAG)
    try:
        value = await handler(event, context)
    except Again as again:
        event.answer(str(again))
        return None
    if name is None:
        return value
    if not wizard._moved:
        await wizard.state.update_data({name: value})
        await wizard.next()
    return None


def _scene_of(state: str | None) -> Scene | None:
    name = (state or "").removeprefix("scene ").partition(":")[0]
    return Scene.known.get(name)


def _with_name(mark: _Step, name: str) -> _Step:
    return _Step(mark.ask, mark.kind, mark.filters, mark.message, name)


__all__ = ["Again", "Scene", "SkipHandler", "Wizard", "on", "step"]
