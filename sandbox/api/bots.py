"""Bots' settings and event history."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from sandbox import serializers
from sandbox.api.call import Call
from sandbox.api.errors import forbidden, not_found, unprocessable
from sandbox.api.pagination import Page, take_page
from sandbox.api.router import handles
from sandbox.models import Account

COLUMNS = {
    "name": "first_name",
    "nickname": "nickname",
    "outgoing_url": "webhook_url",
    "events": "events",
    "trigger_on": "trigger_on",
    "commands": "commands",
    "ignore_self_messages": "ignore_self_messages",
    "events_history_enabled": "events_history_enabled",
}
MAX_URL_LENGTH = 2000


@handles("BotOperations_selfUpdateBotWebhook")
def update_own_webhook(call: Call) -> dict[str, Any]:
    bot = _calling_bot(call)
    bot.webhook_url = _url(call.body["webhook"]["outgoing_url"])
    bot.save(update_fields=["webhook_url"])
    return serializers.bot(bot)


@handles("BotOperations_listBots")
def list_bots(call: Call) -> Page:
    rows = Account.objects.bots().matching(call.query.get("query", ""))
    if call.account.is_bot:
        rows = rows.filter(pk=call.account.pk)
    shown, cursor, more = take_page(rows, call.query, descending=False)
    return Page([serializers.bot(row) for row in shown], cursor, more)


@handles("BotOperations_getBot")
def get_bot(call: Call) -> dict[str, Any]:
    return serializers.bot(_bot(call))


@handles("BotOperations_updateBot")
def update_bot(call: Call) -> dict[str, Any]:
    bot, given = _bot(call), dict(call.body["webhook"])
    for name, check in CHECKS.items():
        if name in given:
            check(given[name], bot)
    for name, column in COLUMNS.items():
        if name in given:
            setattr(bot, column, given.pop(name))
    bot.other_settings = bot.other_settings | serializers.pick_settings(given)
    bot.save()
    return serializers.bot(bot)


@handles("BotOperations_getWebhookEvents")
def list_webhook_events(call: Call) -> Page:
    rows = _calling_bot(call).webhook_events.filter(in_history=True)
    shown, cursor, more = take_page(rows, call.query)
    return Page([serializers.webhook_event(row) for row in shown], cursor, more)


@handles("BotOperations_deleteWebhookEvent")
def delete_webhook_event(call: Call) -> None:
    """Remove an event from the history; the trace of its message still shows it."""
    rows = _calling_bot(call).webhook_events.filter(in_history=True, pk=call.path["id"])
    if not rows.update(in_history=False):
        raise not_found("id", call.path["id"])


def _calling_bot(call: Call) -> Account:
    if not call.account.is_bot:
        raise forbidden(_("Only a bot may do this."))
    return call.account


def _bot(call: Call) -> Account:
    """Return the bot that the path names; a bot can access only itself."""
    bot = Account.objects.bots().filter(pk=call.path["id"]).first()
    if bot is None or (call.account.is_bot and bot != call.account):
        raise not_found("id", call.path["id"])
    return bot


def _url(url: str) -> str:
    try:
        is_whole = url == "" or (urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc)
    except ValueError:
        is_whole = False
    if not is_whole or len(url) > MAX_URL_LENGTH:
        raise unprocessable("outgoing_url", _("This is not a URL."), url, "invalid_webhook_url")
    return url


def _check_name(name: str, bot: Account) -> None:
    if not name.strip():
        raise unprocessable("name", _("This field is required."), name, "blank")


def _check_nickname(nickname: str, bot: Account) -> None:
    if not nickname.strip():
        raise unprocessable("nickname", _("This field is required."), nickname, "blank")
    if Account.objects.filter(nickname=nickname).exclude(pk=bot.pk).exists():
        raise unprocessable("nickname", _("The nickname is taken."), nickname, "taken")


CHECKS: dict[str, Callable[[Any, Account], object]] = {
    "name": _check_name,
    "nickname": _check_nickname,
    "outgoing_url": lambda url, bot: _url(url),
}
