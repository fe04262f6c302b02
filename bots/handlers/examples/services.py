"""Two example services: one sends messages, one logs the state of the bots."""

import logging
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots import Bot, Update, say, service
from bots.models import Delivery

logger = logging.getLogger(__name__)

RECENT = timedelta(days=30)


@service(
    name="bots.examples.services.good_morning",
    cron="0 10 * * 1-5",
    is_on=False,
    description=gettext_lazy(
        "Says good morning to everyone the sandbox bots have recently written to"
    ),
)
def good_morning() -> None:
    for bot in Bot.objects.on().filter(in_sandbox=True):
        for user_id in _recent_contacts(bot):
            say(bot, user_id, _("Good morning! `/start` shows what I can do for you today."))


def _recent_contacts(bot: Bot) -> list[int]:
    """Return the ids of people to whom the bot has recently sent private messages."""
    recent = Delivery.objects.filter(bot=bot, created_at__gte=timezone.now() - RECENT)
    chats = recent.filter(chat__startswith="user:").order_by("chat")
    return [int(chat.partition(":")[2]) for chat in chats.values_list("chat", flat=True).distinct()]


@service(
    name="bots.examples.services.heartbeat",
    every="1h",
    description=gettext_lazy("Logs the state of the bots"),
)
def heartbeat() -> None:
    oldest = Update.objects.open().aggregate(since=Min("created_at"))["since"]
    waits = timezone.now() - oldest if oldest else timedelta(0)
    bots = Bot.objects.on().count()
    logger.info("%s bots are on; the oldest open update waits for %s", bots, waits)
