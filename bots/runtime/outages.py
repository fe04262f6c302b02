"""Outages of Pachca, recorded in the row of the bot and logged when they begin and end."""

import logging

from django.db.models import Count, Min
from django.utils import timezone

from bots.models import Bot
from core.storable import storable

logger = logging.getLogger(__name__)

MAX_REASON = 500


def report_outage(bot: Bot, reason: str) -> None:
    """Record that Pachca is unreachable for this bot or rejects its token.

    Only one process logs it: as an error, or for a bot in the sandbox as info, because the sandbox
    starts and stops with the site.
    """
    if bot.unreachable_since is not None:
        return
    bot.unreachable_since, bot.unreachable_reason = timezone.now(), storable(reason)[:MAX_REASON]
    changes = {name: getattr(bot, name) for name in ("unreachable_since", "unreachable_reason")}
    if Bot.objects.filter(pk=bot.pk, unreachable_since=None).update(**changes):
        level = logging.INFO if bot.in_sandbox else logging.ERROR
        logger.log(level, "Pachca is unavailable for the bot %s: %s", bot.slug, reason)


def report_contact(bot: Bot) -> None:
    """Record that Pachca has responded to the bot; logs the end of an outage."""
    if bot.unreachable_since is None:
        return
    since, bot.unreachable_since, bot.unreachable_reason = bot.unreachable_since, None, ""
    ended = {"unreachable_since": None, "unreachable_reason": ""}
    if Bot.objects.filter(pk=bot.pk, unreachable_since__isnull=False).update(**ended):
        seconds = (timezone.now() - since).total_seconds()
        logger.warning("Pachca is available again for the bot %s, after %.0f s.", bot.slug, seconds)


def describe_outages() -> str:
    """Return the number of bots with an outage and its start as one line, or "".

    Bots in the sandbox do not count.
    """
    bots = Bot.objects.on().filter(in_sandbox=False)
    cut_off = bots.filter(unreachable_since__isnull=False).aggregate(
        count=Count("pk"), since=Min("unreachable_since")
    )
    if not cut_off["count"]:
        return ""
    since = cut_off["since"].isoformat(timespec="seconds")
    return f"Pachca is unavailable for {cut_off['count']} of {bots.count()} bots since {since}."
