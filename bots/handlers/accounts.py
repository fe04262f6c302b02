"""The command `/link`, which links a Pachca account to a user."""

import logging
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from redis.exceptions import RedisError

from bots import Bot, Command, CommandCall, Message, Router
from bots.accounts.linking import TooManyTries, WrongCode, link_page, spend_code

logger = logging.getLogger(__name__)
router = Router("accounts")


@router.message(Command("link", gettext_lazy("Link this Pachca account to your account in Svyaz")))
def link(message: Message, command: CommandCall, bot: Bot) -> str:
    if not command.args:
        return _("Send the code from %(page)s: `/link CODE`.") % {"page": link_page()}
    try:
        account = spend_code(bot, message.user_id, command.args)
    except TooManyTries as error:
        logger.warning("Codes of Pachca user %s are refused.", message.user_id)
        minutes = ceil(error.wait / 60)
        text = ngettext(
            "Too many wrong codes. Try again in %(count)d minute.",
            "Too many wrong codes. Try again in %(count)d minutes.",
            minutes,
        )
        return text % {"count": minutes}
    except RedisError:
        return _("Codes cannot be checked at the moment. Try again in a minute.")
    except WrongCode:
        return _("This code is wrong or has expired. Get a new one: %(page)s") % {
            "page": link_page()
        }
    return _("Done. You are linked to %(name)s.") % {"name": account.person}
