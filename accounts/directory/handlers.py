"""The sync of people whom an event is about, seconds after it has happened."""

import logging

from asgiref.sync import sync_to_async
from django.conf import settings

from accounts.directory.roster import read_some
from accounts.directory.sync import TooManyBlocked, sync
from bots import Bot, CompanyMember, Router, SkipHandler

logger = logging.getLogger(__name__)


def is_directory_bot(bot: Bot) -> bool:
    return bool(settings.DIRECTORY_BOT) and bot.slug == settings.DIRECTORY_BOT


router = Router("directory", bots=is_directory_bot)


@router.company_member()
async def sync_members(company_member: CompanyMember, bot: Bot) -> None:
    """Sync the people of the event, and leave it to the handlers of other apps.

    Pachca is asked how they are now, because events may come late or in another order. Only a
    deletion is believed: Pachca may still know the person.
    """
    ids = company_member.user_ids
    roster = await read_some(bot, [] if company_member.event == "delete" else ids)
    if company_member.event == "delete":
        roster.gone.update(ids)
    try:
        await sync_to_async(sync)(roster)
    except TooManyBlocked as error:
        logger.error("%s", error)
    raise SkipHandler
