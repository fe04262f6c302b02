"""The handlers every bot has: a greeting, and an answer to what nobody else takes."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.models import Bot
from bots.router import Command, Router, command_in, root
from bots.types import Message

router = Router()


@router.message(Command("start", gettext_lazy("Say hello and list the commands")))
def start(message: Message, bot: Bot) -> str:
    lines = [_("Hello! I am %(bot)s. This is what I can do:") % {"bot": bot.name}, ""]
    lines += [f"* `/{name}` — {description}" for name, description in commands_of(bot)]
    return "\n".join(lines)


@router.message(Command("hello", gettext_lazy("Greet me")))
async def hello() -> str:
    return _("Hello! Nice to hear from you.")


@router.message()
async def error(message: Message) -> str | None:
    """What no handler takes is answered in private chats and to commands; chatter is left alone."""
    if command := command_in(message.text):
        return _("I do not know the command `/%(name)s`. Try `/start`.") % {
            "name": command.name[:64]
        }
    if message.entity_type == "user":
        return _("I did not understand that. Try `/start`.")
    return None


def commands_of(bot: Bot) -> list[tuple[str, str]]:
    """Return the bot's commands that are on, as (name, description); the row's description wins."""
    rows = {row.name: row for row in bot.commands.all()}
    known = {command.name: str(command.description) for command in root.commands()}
    return [
        (name, (rows[name].description if name in rows else "") or description)
        for name, description in known.items()
        if name not in rows or rows[name].is_on
    ]
