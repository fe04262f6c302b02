"""The commands of one bot, read for each update, so that changes apply at once."""

from dataclasses import dataclass
from typing import Any, Self

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from bots.framework.api import ApiError, NoAnswer
from bots.framework.filters import Command as InCode
from bots.framework.filters import command_in
from bots.framework.routing.injection import Context, context_value
from bots.framework.routing.router import root
from bots.models import Audience, Bot, Command
from bots.models.command import HANDLER
from bots.runtime.profiles import profile_in

EDITED = "message.update"


@dataclass(frozen=True)
class Listed:
    """A line of /help."""

    name: str
    description: str


@dataclass(frozen=True)
class Declared:
    """A command in the code, merged from all handlers with its name.

    The description is the first non-empty one.
    """

    name: str
    description: Any
    aliases: tuple[str, ...]
    prefixes: frozenset[str]

    @classmethod
    def by(cls, commands: list[InCode]) -> Self:
        return cls(
            commands[0].name,
            next((it.description for it in commands if it.description), ""),
            tuple(dict.fromkeys(alias for it in commands for alias in it.aliases)),
            frozenset("".join(it.prefix for it in commands)),
        )

    @property
    def is_listed(self) -> bool:
        """Whether it is shown in lists: only commands with a slash are."""
        return "/" in self.prefixes


class Catalog:
    """The command rows of a bot, and commands in the code without a row."""

    def __init__(self, bot: Bot, rows: list[Command]) -> None:
        self.rows = rows
        self.in_code = _find_declared(bot)
        self._of_alias = {alias: it.name for it in self.in_code.values() for alias in it.aliases}
        self._by_name = {name: row for row in reversed(rows) for name in reversed(row.names)}
        self._by_name |= {row.name: row for row in rows}

    def find(self, name: str) -> Command | None:
        """Return the row of a command by name or alias, including aliases in the code."""
        if name in self._by_name:
            return self._by_name[name]
        return self._by_name.get(self._of_alias.get(name, ""))

    def names_in_code(self, row: Command) -> frozenset[str]:
        """Return the names of the commands in the code that the row stands for."""
        return frozenset(self._of_alias.get(name, name) for name in (*row.names, row.handler))

    @property
    def switched_off(self) -> frozenset[str]:
        return frozenset(row.name for row in self.rows if not row.is_on)

    @property
    def prefixes(self) -> str:
        return "".join({"/"}.union(*(it.prefixes for it in self.in_code.values())))

    @classmethod
    def read(cls, bot: Bot) -> "Catalog":
        return cls(bot, list(Command.objects.filter(bot=bot).order_by("name")))

    def names(self) -> set[str]:
        """Return the names and aliases of all commands that have an effect."""
        of_code = [it for name, it in self.in_code.items() if name not in self._by_name]
        plain = {name for it in of_code if it.is_listed for name in (it.name, *it.aliases)}
        return plain.union(*(row.names for row in self.rows if self._does_something(row)))

    async def find_available(self, context: Context) -> list[Listed]:
        """Return the commands that the author may use in this chat, sorted by name."""
        lines = [
            Listed(name, str(it.description))
            for name, it in self.in_code.items()
            if name not in self._by_name and it.is_listed
        ]
        for row in self.rows:
            if self._does_something(row) and not await refusal(row, context):
                described = row.description or self._told_by_code(row)
                lines.append(Listed(row.name, described))
        return sorted(lines, key=lambda it: it.name)

    def _does_something(self, row: Command) -> bool:
        known = row.action != HANDLER or (row.handler or row.name) in self.in_code
        return row.is_on and known

    def _told_by_code(self, row: Command) -> str:
        of_code: Any = self.in_code.get(row.handler or row.name)
        return str(of_code.description) if of_code else ""


def _find_declared(bot: Bot) -> dict[str, Declared]:
    found: dict[str, list[InCode]] = {}
    for command in root.commands(bot):
        found.setdefault(command.name, []).append(command)
    return {name: Declared.by(commands) for name, commands in found.items()}


@context_value("catalog", for_handlers=False)
async def read_catalog(context: Context) -> Catalog:
    """Read the catalog of the bot with one query."""
    return await sync_to_async(Catalog.read)(context["bot"])


@context_value("switched_off", for_handlers=False)
async def _switched_off(context: Context) -> frozenset[str]:
    """Return the names of the commands in the code that this message may not call.

    `apply_command_rows` replies to new messages with a refusal; edited ones are ignored.
    """
    catalog: Catalog = await context.need("catalog")
    event = context["event"]
    called = command_in(getattr(event, "text", ""), catalog.prefixes)
    row = catalog.find(called.name) if called and context["update"].kind == EDITED else None
    if row is None or not row.is_on or not await refusal(row, context):
        return catalog.switched_off
    return catalog.switched_off | catalog.names_in_code(row)


@context_value("commands")
async def _commands(context: Context) -> list[Listed]:
    """The context value `commands`: what the author may use in this chat."""
    catalog: Catalog = await context.need("catalog")
    return await catalog.find_available(context)


async def refusal(row: Command, context: Context) -> str:
    """Return why the author may not use the command in this chat, or "".

    If Pachca cannot be asked for the members of tags, the command is refused.
    """
    if not row.works_in(context["event"].chat.kind):
        return _("The command `/%(name)s` is not available in this chat.") % {"name": row.name}
    if row.audience == Audience.TAGS:
        return await _refusal_by_tags(row, context)
    if row.audience == Audience.PEOPLE:
        user = await context.need("user")
        if user is None or not await row.people.filter(pk=user.pk).aexists():
            return _not_for_you(row)
    return ""


async def _refusal_by_tags(row: Command, context: Context) -> str:
    try:
        tags = (await profile_in(context)).get("list_tags") or ()
    except (ApiError, NoAnswer):
        return _("Could not check whether you may use `/%(name)s`. Try again later.") % {
            "name": row.name
        }
    allowed = {tag.casefold() for tag in row.tag_list}
    return "" if allowed & {str(tag).casefold() for tag in tags} else _not_for_you(row)


def _not_for_you(row: Command) -> str:
    return _("You may not use the command `/%(name)s`.") % {"name": row.name}
