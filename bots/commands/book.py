"""The commands of one bot, as one update finds them: read anew, so changes hold at once."""

from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from bots.api import ApiError, NoAnswer
from bots.calling import Context
from bots.commands.directory import profile_in
from bots.models import Audience, Bot, Command
from bots.models.command import HANDLER
from bots.router import root


@dataclass(frozen=True)
class Listed:
    """A line of /help."""

    name: str
    description: str


class Book:
    """The rows of a bot, and the commands of the code that have none."""

    def __init__(self, bot: Bot, rows: list[Command]) -> None:
        self.rows = rows
        self.in_code = {it.name: it for it in root.commands(bot)}
        self._by_name = {name: row for row in reversed(rows) for name in reversed(row.names)}
        self._by_name |= {row.name: row for row in rows}

    def find(self, name: str) -> Command | None:
        """Return the row of the command, also by its aliases, those of the code included."""
        if name in self._by_name:
            return self._by_name[name]
        of_code = next((it.name for it in self.in_code.values() if name in it.aliases), "")
        return self._by_name.get(of_code)

    @property
    def switched_off(self) -> frozenset[str]:
        return frozenset(row.name for row in self.rows if not row.is_on)

    @property
    def prefixes(self) -> str:
        return "".join({"/", *(sign for it in self.in_code.values() for sign in it.prefix)})

    @classmethod
    def read(cls, bot: Bot) -> "Book":
        return cls(bot, list(Command.objects.filter(bot=bot).order_by("name")))

    def names(self) -> set[str]:
        """Return the names of all commands that do something, aliases included."""
        of_code = [it for name, it in self.in_code.items() if name not in self._by_name]
        plain = {name for it in of_code if it.prefix == "/" for name in (it.name, *it.aliases)}
        return plain.union(*(row.names for row in self.rows if self._does_something(row)))

    async def listed(self, context: Context) -> list[Listed]:
        """Return what the person who wrote may use where they wrote, by name."""
        lines = [
            Listed(name, str(it.description))
            for name, it in self.in_code.items()
            if name not in self._by_name and it.prefix == "/"
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


async def book_of(context: Context) -> Book:
    """Return the book of the bot, in one query."""
    return await sync_to_async(Book.read)(context["bot"])


async def refusal(row: Command, context: Context) -> str:
    """Return why the person may not use the command where they wrote, "" when they may.

    Where it cannot be found out, because Pachca does not say who has the tags, they may not.
    """
    if not row.works_in(context["event"].chat.kind):
        return _("The command `/%(name)s` does not work here.") % {"name": row.name}
    if row.audience == Audience.TAGS:
        return await _refused_by_tags(row, context)
    if row.audience == Audience.PEOPLE:
        user = await context.need("user")
        if user is None or not await row.people.filter(pk=user.pk).aexists():
            return _not_for_you(row)
    return ""


async def _refused_by_tags(row: Command, context: Context) -> str:
    try:
        tags = (await profile_in(context)).get("list_tags") or ()
    except (ApiError, NoAnswer):
        return _("I cannot find out now whether `/%(name)s` is for you. Try again later.") % {
            "name": row.name
        }
    allowed = {tag.casefold() for tag in row.tag_list}
    return "" if allowed & {str(tag).casefold() for tag in tags} else _not_for_you(row)


def _not_for_you(row: Command) -> str:
    return _("The command `/%(name)s` is not for you.") % {"name": row.name}
