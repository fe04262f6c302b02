"""Telling a bot who one is in the house."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.linking import TooManyTries, WrongCode, link_page, spend_code
from bots.models import Bot
from bots.router import Command, CommandCall, Router
from bots.types import Message

router = Router("accounts")


@router.message(Command("link", gettext_lazy("Connect this Pachca account with your own here")))
def link(message: Message, command: CommandCall, bot: Bot) -> str:
    if not command.args:
        return _("Send the code from %(page)s: `/link CODE`.") % {"page": link_page()}
    try:
        account = spend_code(bot, message.user_id, command.args)
    except TooManyTries:
        return _("Too many wrong codes. Please wait ten minutes.")
    except WrongCode:
        return _("This code is wrong or too old. Get a new one: %(page)s") % {"page": link_page()}
    return _("Done: here you are %(name)s.") % {"name": account.person}
