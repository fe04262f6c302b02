"""Writing a bot's commands, events and address to Pachca."""

from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from bots.api import ApiResponse, NoAnswer, describe
from bots.models import Bot
from bots.outgoing import checking_api_of
from bots.setup.checks import is_public
from bots.setup.needs import commands_of, events_of
from bots.setup.there import There, look


@dataclass(frozen=True)
class Written:
    """What came of writing: whether it worked, and what to tell whoever asked for it."""

    ok: bool
    told: str


async def sync(bot: Bot) -> Written:
    """Write what the bot needs to Pachca, as far as the token allows.

    With the scope bots:write that is everything; without it, the webhook's address alone.
    """
    there = await look(bot)
    if there.profile is None:
        return Written(False, _("Pachca does not accept the token: %(why)s") % {"why": there.told})
    try:
        return await _write(bot, there)
    except NoAnswer as error:
        return Written(False, str(error))


async def _write(bot: Bot, there: There) -> Written:
    api = checking_api_of(bot)
    if there.pachca_id is not None:
        settings = await sync_to_async(_wanted)(bot)
        payload = {"id": there.pachca_id, "webhook": settings}
        response = await api.call("update_bot", payload)
        if response.ok:
            told = _("Written: %(commands)d commands, %(events)d events.")
            counts = {key: len(settings[key]) for key in ("commands", "events")}
            return Written(True, told % counts)
        if response.status not in (401, 403):
            return _refused(response)
    address = {"webhook": {"outgoing_url": bot.webhook_url}}
    response = await api.call("self_update_bot_webhook", address)
    if not response.ok:
        return _refused(response)
    told = _("The address is written. The token may not change commands and events.")
    return Written(True, told)


def _wanted(bot: Bot) -> dict[str, Any]:
    reachable = bot.in_sandbox or is_public(bot.webhook_url)
    return {
        "commands": commands_of(bot),
        "events": events_of(bot),
        "trigger_on": "all_messages",
        "events_history_enabled": True,
        **({"outgoing_url": bot.webhook_url} if reachable else {}),
    }


def _refused(response: ApiResponse) -> Written:
    facts = {"status": response.status, "why": describe(response)}
    return Written(False, _("Pachca refused (%(status)d): %(why)s") % facts)
