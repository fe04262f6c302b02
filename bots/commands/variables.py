"""Templates with variables: “Hello, {name}!”."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext_lazy as _

from bots.framework.api.markdown import mention
from bots.framework.routing.injection import Context
from bots.runtime.profiles import profile_in

VARIABLE = re.compile(r"\{(\w+)\}")


class BadVariable(ValueError):
    """There is no such variable."""


async def _first_name(context: Context) -> str:
    return str((await profile_in(context)).get("first_name") or "")


async def _full_name(context: Context) -> str:
    known = await profile_in(context)
    return " ".join(filter(None, (known.get("first_name"), known.get("last_name"))))


async def _args(context: Context) -> str:
    return str(context["command"].args)


async def _bot(context: Context) -> str:
    return str(context["bot"].name)


async def _mention(context: Context) -> str:
    return str(mention(context["event"].user_id))


async def _date(context: Context) -> str:
    return date_format(timezone.localdate())


async def _time(context: Context) -> str:
    return time_format(timezone.localtime().time())


VARIABLES: dict[str, tuple[Any, Callable[[Context], Awaitable[str]]]] = {
    "name": (_("first name of the author"), _first_name),
    "full_name": (_("full name of the author"), _full_name),
    "mention": (_("mention of the author"), _mention),
    "args": (_("text after the command"), _args),
    "bot": (_("name of the bot"), _bot),
    "date": (_("today"), _date),
    "time": (_("now"), _time),
}


def find_unknown(text: str) -> list[str]:
    """Return the unknown names in braces."""
    return [name for name in VARIABLE.findall(text) if name not in VARIABLES]


async def fill(text: str, context: Context) -> str:
    """Replace the variables in a text. Each value is computed once, and only if it is used.

    Values are not searched for variables. Raises BadVariable.
    """
    if unknown := find_unknown(text):
        raise BadVariable(unknown[0])
    values = {name: await VARIABLES[name][1](context) for name in set(VARIABLE.findall(text))}
    return VARIABLE.sub(lambda found: values[found[1]], text)
