"""The sync on a schedule, with DIRECTORY_BOT, and as often as an administrator sets it."""

import logging

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.directory.roster import find_bot, read_all
from accounts.directory.sync import sync
from bots import service
from bots.models import Service

logger = logging.getLogger(__name__)

NAME = "accounts.directory.sync"


async def sync_directory() -> None:
    """Sync all people. Raises TooManyBlocked and what reading the list raises."""
    bot = await sync_to_async(find_bot)()
    roster = await read_all(bot)
    logger.info("Directory sync: %s", await sync_to_async(sync)(roster))


def has_failed() -> bool:
    """Return whether the last run has failed, or was stopped because it would block too many."""
    return Service.objects.filter(name=NAME).exclude(error="").exists()


if settings.DIRECTORY_BOT:
    description = _("Creates, updates and blocks accounts as people join and leave Pachca")
    service(every="45s", name=NAME, description=description)(sync_directory)
