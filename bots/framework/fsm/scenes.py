"""Scenes: conversations of several questions, written as a class, one method a question.

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

from bots.calling import Context, Function
from bots.filters.base import Filter
from bots.filters.command import command_in
from bots.fsm.context import FSMContext
from bots.fsm.state import StateFilter
from bots.observer import BadHandler, Next, SkipHandler
from bots.router import Router
from bots.types import Event

Method = TypeVar("Method", bound=Callable[..., Any])
MARK = "scene_mark"
# Where, in what is remembered, the scenes are that one comes back to.
BEHIND = "scenes"
FLAG = "step"


class Again(Exception):
    """The answer will not do; the text is said, and the question stays open."""


@dataclass(frozen=True)
class _Step:
    """A question: what is said to ask it, and which events answer it."""

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
    """Mark a method as taking the answer to a question; what it returns is remembered by its name.

    The rest goes into the message that asks (`buttons=…`). A command does not answer a question.
    """
    return _marked(_Step(ask, kind, filters, message))


class on:
    """Mark a method as a handler of whatever happens while the scene is on."""

    @staticmethod
    def message(*filters: Any) -> Callable[[Method], Method]:
        return _marked(_On("message", filters))

    @staticmethod
    def button(*filters: Any) -> Callable[[Method], Method]:
        return _marked(_On("button", filters))

    @staticmethod
    def view(*filters: Any) -> Callable[[Method], Method]:
        return _marked(_On("view", filters))


def _marked(mark: Any) -> Callable[[Method], Method]:
    def set_mark(method: Method) -> Method:
        setattr(method, MARK, mark)
        return method

    return set_mark


class Scene:
    """A conversation. `enter`, `leave` and `finish` may be defined: what they return is said.

    They may name what handlers may name, and `data`: what was answered so far.
    """

    steps: ClassVar[dict[str, _Step]] = {}
    known: ClassVar[dict[str, "Scene"]] = {}

    def __init_subclass__(cls) -> None:
        marks = {name: getattr(it, MARK, None) for name, it in vars(cls).items()}
        own = {k: _named(mark, k) for k, mark in marks.items() if isinstance(mark, _Step)}
        cls.steps = {**cls.steps, **own}
        namesake = Scene.known.get(cls.__qualname__)
        if namesake is not None and type(namesake).__module__ != cls.__module__:
            raise BadHandler(f"There is a scene {cls.__qualname__} in another module already.")
        Scene.known[cls.__qualname__] = cls()

    @classmethod
    def name_of(cls, step: str = "") -> str:
        """Return the name of the state: of the scene, or of one of its questions."""
        return f"scene {cls.__qualname__}:{step}" if step else f"scene {cls.__qualname__}"

    @classmethod
    def as_router(cls) -> Router:
        """Return the router of the scene, to be included where the scene is to be known."""
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
            observer.middleware(_remember)
        return router

    @classmethod
    def as_handler(cls, **data: Any) -> Callable[..., Any]:
        """Return a handler that begins the scene."""

        async def begin(wizard: Wizard) -> None:
            await wizard.enter(cls, **data)

        return begin


class NoCommand(Filter):
    """Passes whatever is not a command, so that commands work in the midst of a scene."""

    async def passes(self, event: Any, context: Context) -> bool:
        return command_in(getattr(event, "text", "")) is None


@dataclass
class Wizard:
    """Moves a conversation through scenes and their questions; handlers name it `wizard`."""

    event: Event
    context: Context
    state: FSMContext
    _moved: bool = field(default=False, repr=False)

    async def enter(self, scene: type[Scene], **data: Any) -> None:
        """Begin the scene; one that is on now goes on when it ends."""
        behind = [*await self.state.get_value(BEHIND, [])]
        if _scene_of(current := await self.state.get_state()):
            behind.append(current)
        await self.state.update_data({**data, BEHIND: behind})
        await self._go(scene.name_of(next(iter(scene.steps), "")))
        await self._call("enter")
        await self._ask()

    async def next(self) -> None:
        """Ask the next question; after the last one finish the scene."""
        await self._move(+1)

    async def back(self) -> None:
        """Ask the question before; at the first one leave the scene."""
        await self._move(-1)

    async def again(self) -> None:
        """Ask the same question again."""
        self._moved = True
        await self._ask()

    async def leave(self) -> None:
        """End the scene, and go on with the one before it, if there was one."""
        await self._call("leave")
        *behind, last = await self.state.get_value(BEHIND, []) or [None]
        if last is None:
            await self.state.clear()
            self._moved = True
            return
        await self.state.update_data({BEHIND: behind})
        await self._go(last)
        await self._ask()

    async def finish(self) -> None:
        """Say what the scene says in the end, and leave it."""
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
        """Call a method of the scene that is on, if it has it, and say what it returns."""
        scene, _step = await self._here()
        if (method := getattr(scene, name, None)) is None:
            return
        data = {k: it for k, it in (await self.state.get_data()).items() if k != BEHIND}
        function = Function(method)
        said = await function(**await function.arguments(self.context.fork(data=data, wizard=self)))
        for text in [said] if isinstance(said, str) else said or ():
            self.event.answer(text)

    async def _here(self) -> tuple[Scene, str]:
        current = await self.state.get_state()
        scene = _scene_of(current)
        if scene is None:
            raise BadHandler("No scene is on.")
        return scene, (current or "").partition(":")[2]


async def _remember(handler: Next, event: Event, context: Context) -> Any:
    """Remember what a step returns, and ask the next question unless the step went elsewhere."""
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


def _named(mark: _Step, name: str) -> _Step:
    return _Step(mark.ask, mark.kind, mark.filters, mark.message, name)


__all__ = ["Again", "Scene", "SkipHandler", "Wizard", "on", "step"]
