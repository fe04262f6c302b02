"""Writing a bot's commands, events and address to Pachca."""

from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from bots.framework.api import ApiResponse, NoAnswer, describe
from bots.models import Bot
from bots.runtime.outgoing import checking_api_of
from bots.setup.checks import is_public
from bots.setup.remote import RemoteSettings, fetch_settings
from bots.setup.requirements import commands_of, events_of


@dataclass(frozen=True)
class Written:
    """The result of writing the settings, and a message for the user."""

    ok: bool
    message: str


async def sync(bot: Bot) -> Written:
    """Write the bot's settings to Pachca, as far as the token allows.

    Without the scope bots:write only the webhook address can be written.
    """
    remote = await fetch_settings(bot)
    if remote.profile is None:
        return Written(False, _("Pachca rejects the token: %(why)s") % {"why": remote.error})
    await _store_identity(bot, remote.profile)
    try:
        return await _write(bot, remote)
    except NoAnswer as error:
        return Written(False, str(error))


async def _store_identity(bot: Bot, profile: dict[str, Any]) -> None:
    if profile.get("bot") is not False and isinstance(profile.get("id"), int):
        bot.pachca_user_id = profile["id"]
        await bot.asave(update_fields=["pachca_user_id"])


async def _write(bot: Bot, remote: RemoteSettings) -> Written:
    api = checking_api_of(bot)
    if remote.pachca_id is not None:
        settings = await sync_to_async(_required_settings)(bot)
        payload = {"id": remote.pachca_id, "webhook": settings}
        response = await api.call("update_bot", payload)
        if response.ok:
            message = _("Written: %(commands)d commands, %(events)d events.")
            counts = {key: len(settings[key]) for key in ("commands", "events")}
            return Written(True, message % counts)
        if response.status not in (401, 403):
            return _describe_refusal(response)
    address = {"webhook": {"outgoing_url": bot.webhook_url}}
    response = await api.call("self_update_bot_webhook", address)
    if not response.ok:
        return _describe_refusal(response)
    message = _("The address is written. The token may not change commands and events.")
    return Written(True, message)


def _required_settings(bot: Bot) -> dict[str, Any]:
    reachable = bot.in_sandbox or is_public(bot.webhook_url)
    return {
        "commands": commands_of(bot),
        "events": events_of(bot),
        "trigger_on": "all_messages",
        "events_history_enabled": True,
        **({"outgoing_url": bot.webhook_url} if reachable else {}),
    }


def _describe_refusal(response: ApiResponse) -> Written:
    facts = {"status": response.status, "why": describe(response)}
    return Written(False, _("Pachca rejected the request (%(status)d): %(why)s") % facts)
