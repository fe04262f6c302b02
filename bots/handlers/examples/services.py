"""Two services to learn from: one speaks to people, one looks after the house."""

import logging
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.actions import say
from bots.background import service
from bots.models import Bot, Delivery, Update

logger = logging.getLogger(__name__)

RECENT = timedelta(days=30)


@service(
    cron="0 10 * * 1-5",
    is_on=False,
    description=gettext_lazy("Says good morning to whom a bot of the sandbox has spoken with"),
)
def good_morning() -> None:
    for bot in Bot.objects.on().filter(in_sandbox=True):
        for user_id in _acquaintances(bot):
            say(bot, user_id, _("Good morning! `/start` shows what I can do for you today."))


def _acquaintances(bot: Bot) -> list[int]:
    """Return the people in whose private chats the bot has lately said something."""
    recent = Delivery.objects.filter(bot=bot, created_at__gte=timezone.now() - RECENT)
    chats = recent.filter(chat__startswith="user:").order_by("chat")
    return [int(chat.partition(":")[2]) for chat in chats.values_list("chat", flat=True).distinct()]


@service(every="1h", description=gettext_lazy("Writes into the log how the bots are"))
def heartbeat() -> None:
    oldest = Update.objects.open().aggregate(since=Min("created_at"))["since"]
    waits = timezone.now() - oldest if oldest else timedelta(0)
    bots = Bot.objects.on().count()
    logger.info("%s bots are on; the oldest open update waits for %s", bots, waits)
