"""Commands: a message whose first word is "/name"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bots.calling import Context
from bots.filters.base import Filter, Verdict

PREFIX = "/"


@dataclass(frozen=True)
class CommandCall:
    """What a person typed: "/say hello all" has the name "say" and the arguments "hello all"."""

    name: str
    args: str
    prefix: str = PREFIX
    mention: str = field(default="", compare=False)


class Command(Filter):
    """Passes messages whose first word is the command, with its prefix and in any case.

    `args` says what must follow: anything (None), something (True), nothing (False), or what a
    regular expression matches as a whole, whose named groups are given to the handler.
    A command that the administrator has switched off does not pass.
    """

    def __init__(
        self,
        name: str,
        description: Any = "",
        *,
        aliases: Iterable[str] = (),
        args: bool | str | re.Pattern[str] | None = None,
        prefix: str = PREFIX,
    ) -> None:
        self.name = name.lower()
        self.description = description
        self.aliases = tuple(alias.lower() for alias in aliases)
        self.prefix = prefix
        self.args = re.compile(args) if isinstance(args, str) else args
        groups = self.args.groupindex if isinstance(self.args, re.Pattern) else ()
        self.gives = frozenset({"command", *groups})

    async def passes(self, event: Any, context: Context) -> Verdict:
        called = command_in(getattr(event, "text", ""), self.prefix)
        if called is None or called.name not in (self.name, *self.aliases):
            return False
        fits = self._fits(called.args)
        if fits is None or self.name in await context.need("switched_off"):
            return False
        return {**fits, "command": called}

    def _fits(self, args: str) -> dict[str, Any] | None:
        """Return what the arguments give, None when they are not as they must be."""
        if isinstance(self.args, re.Pattern):
            match = self.args.fullmatch(args)
            return match.groupdict() if match else None
        return {} if self.args is None or self.args == bool(args) else None


class CommandStart(Command):
    """`/start`."""

    def __init__(self, description: Any = "", **options: Any) -> None:
        super().__init__("start", description, **options)


def command_in(text: str, prefix: str = PREFIX) -> CommandCall | None:
    """Return the command that the text begins with, if any; "/say@bot hi" is addressed to a bot.

    Each character of `prefix` may begin a command.
    """
    first, _, rest = text.lstrip().partition(" ")
    first, newline, more = first.partition("\n")
    name, _, mention = first.partition("@")
    if len(name) < 2 or name[0] not in prefix:
        return None
    args = (more + " " + rest if newline else rest).strip()
    return CommandCall(name[1:].lower(), args, name[0], mention)
