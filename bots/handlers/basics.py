"""The handlers every bot has: a greeting, and an answer to what nobody else takes."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.commands.book import Listed
from bots.handlers.commands import told
from bots.models import Bot
from bots.router import Command, Router, command_in
from bots.types import Message

router = Router()


@router.message(Command("start", gettext_lazy("Say hello and list the commands")))
async def start(bot: Bot, commands: list[Listed]) -> str:
    return told(_("Hello! I am %(bot)s. This is what I can do:") % {"bot": bot.name}, commands)


@router.message(Command("hello", gettext_lazy("Greet me")))
async def hello() -> str:
    return _("Hello! Nice to hear from you.")


@router.message()
async def error(message: Message) -> str | None:
    """What no handler takes is answered in private chats and to commands; chatter is left alone."""
    if command := command_in(message.text):
        return _("I do not know the command `/%(name)s`. Try `/help`.") % {
            "name": command.name[:64]
        }
    if message.entity_type == "user":
        return _("I did not understand that. Try `/help`.")
    return None
