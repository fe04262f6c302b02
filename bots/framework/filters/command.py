"""Commands: a message whose first word is "/name"."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bots.framework.events.types import Message
from bots.framework.filters.base import Filter, Verdict
from bots.framework.routing.errors import COMMAND_NAME, BadHandler
from bots.framework.routing.injection import Context

PREFIX = "/"
# Invisible characters that are not in Unicode's categories Cc and Cf.
OTHERS_INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\uffa0\ufe0e\ufe0f")


@dataclass(frozen=True)
class CommandCall:
    """A command: "/say hello all" has the name "say" and the arguments "hello all".

    `mention` is the bot in "/say@bot", or "".
    """

    name: str
    args: str
    prefix: str = PREFIX
    mention: str = field(default="", compare=False)

    async def is_for(self, context: Context) -> bool:
        """Return whether the command mentions the bot of the context, or no bot."""
        if not self.mention or not context.provides("own_names"):
            return not self.mention
        return self.mention.casefold() in await context.need("own_names")


class Command(Filter):
    """Passes messages that begin with the command, ignoring case, and adds `command`.

    `args` restricts the arguments: None allows any, True requires some, False forbids any. A
    regular expression must match all of them; its named groups are added to the context.
    Commands that an administrator has switched off or that mention another bot do not pass.
    """

    events = (Message,)

    def __init__(
        self,
        name: str,
        description: Any = "",
        *,
        aliases: Iterable[str] = (),
        args: bool | str | re.Pattern[str] | None = None,
        prefix: str = PREFIX,
    ) -> None:
        if isinstance(aliases, str):
            raise BadHandler(f"aliases={aliases!r} is a string. Write [{aliases!r}].", COMMAND_NAME)
        self.name = fold_name(name)
        self.description = description
        self.aliases = tuple(map(fold_name, aliases))
        self.prefix = prefix
        self.args = re.compile(args) if isinstance(args, str) else args
        groups = self.args.groupindex if isinstance(self.args, re.Pattern) else ()
        self.gives = frozenset({"command", *groups})

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        called = command_in(getattr(event, "text", ""), self.prefix)
        if called is None or called.name not in (self.name, *self.aliases):
            return False
        fits = self._fits(called.args)
        if fits is None or not await called.is_for(context):
            return False
        if context.provides("switched_off") and self.name in await context.need("switched_off"):
            return False
        return {**fits, "command": called}

    def _fits(self, args: str) -> dict[str, Any] | None:
        """Return the values in the arguments, or None if they do not match."""
        if isinstance(self.args, re.Pattern):
            match = self.args.fullmatch(args)
            return match.groupdict() if match else None
        return {} if self.args is None or self.args == bool(args) else None


class CommandStart(Command):
    """`/start`."""

    def __init__(self, description: Any = "", **options: Any) -> None:
        super().__init__("start", description, **options)


def command_in(text: str, prefix: str = PREFIX) -> CommandCall | None:
    """Return the command at the start of the text, or None.

    A command begins with one of the characters in `prefix` and ends at whitespace. Invisible
    characters around its name (byte order marks, zero-width and directional marks) are ignored:
    they come from programs that commands are copied from.
    """
    text = skip_invisible(text)
    if not text or text[0] not in prefix:
        return None
    first, args = _split(text)
    name, _, mention = first.partition("@")
    called = fold_name(name[1:])
    if not called:
        return None
    return CommandCall(called, skip_invisible(args).rstrip(), name[0], _remove_invisible(mention))


def fold_name(name: str) -> str:
    """Normalise the name of a command: lower case, NFC, without invisible characters.

    Text copied from file names on macOS is decomposed: "й" is two characters.
    """
    return unicodedata.normalize("NFC", _remove_invisible(name).lower())


def _split(text: str) -> tuple[str, str]:
    """Return the text before and after the first whitespace."""
    first, *rest = text.split(maxsplit=1)
    return first, rest[0] if rest else ""


def skip_invisible(text: str) -> str:
    """Return the text from its first visible character."""
    for index, character in enumerate(text):
        if not (character.isspace() or _is_invisible(character)):
            return text[index:]
    return ""


def _remove_invisible(text: str) -> str:
    return "".join(it for it in text if not _is_invisible(it))


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cf", "Cc") or character in OTHERS_INVISIBLE
