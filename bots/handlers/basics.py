"""The basic handlers: a greeting, and a reply to unhandled messages."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots import Bot, Command, Message, Router, SkipHandler, command_in
from bots.commands.catalog import Listed
from bots.handlers.commands import list_commands

router = Router()


@router.message(Command("start", gettext_lazy("Show a greeting and the commands")))
async def start(bot: Bot, commands: list[Listed]) -> str:
    greeting = _("Hello! I am %(bot)s. This is what I can do:") % {"bot": bot.name}
    return list_commands(greeting, commands)


@router.message(Command("hello", gettext_lazy("Greet me")))
async def hello() -> str:
    return _("Hello! Nice to hear from you.")


@router.message(fallback=True)
async def not_understood(message: Message) -> str:
    """Reply to unhandled private messages and commands; ignore others."""
    if command := command_in(message.text):
        return _("There is no command `/%(name)s`. Try `/help`.") % {"name": command.name[:64]}
    if message.entity_type == "user":
        return _("I did not understand that. Try `/help`.")
    raise SkipHandler
