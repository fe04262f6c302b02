"""Checks of a bot's settings, each with a hint on how to fix what is wrong."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bots.framework.api.table import SCOPES
from bots.models import Bot, Update
from bots.setup.remote import WRITE_SETTINGS, RemoteSettings, fetch_settings
from bots.setup.requirements import CALLS, commands_of, events_of

GOOD, DOUBTFUL, BAD = "good", "doubtful", "bad"
MAX_CLOCK_DIFFERENCE = timedelta(seconds=30)


@dataclass(frozen=True)
class Check:
    """The result of one check: `message` says what was found, `fix` what to do about it."""

    title: str
    state: str
    message: str
    fix: str = ""


async def examine(bot: Bot) -> list[Check]:
    """Run all checks of a bot. Nothing is changed."""
    remote = await fetch_settings(bot)
    wanted = await sync_to_async(lambda: (events_of(bot), commands_of(bot)))()
    last = await Update.objects.filter(bot=bot).order_by("-pk").afirst()
    return [
        _token(bot, remote),
        *(
            [
                _identity(bot, remote),
                _scopes(remote),
                _clock(remote),
                *_settings(bot, remote, *wanted),
            ]
            if remote.profile
            else []
        ),
        _secret(bot, remote),
        _address(bot),
        _last_update(last),
    ]


def _token(bot: Bot, remote: RemoteSettings) -> Check:
    title = _("Access token")
    if not bot.token:
        return Check(title, BAD, _("Not set."), _("Copy it from the bot's page in Pachca."))
    if remote.response is None:
        message = _("There is no response from %(url)s.") % {"url": bot.api_url}
        return Check(
            title, BAD, f"{message} {remote.error}", _("Check the network and the address.")
        )
    if remote.response.status in (401, 403):
        message = _("Rejected: %(why)s") % {"why": remote.error}
        return Check(
            title,
            BAD,
            message,
            _("Create a new token on the bot's page in Pachca and enter it here."),
        )
    if remote.profile is None:
        message = _("The response status was %(status)d.") % {"status": remote.response.status}
        return Check(title, BAD, message, _("Try again later."))
    return Check(title, GOOD, _("Accepted."))


def _identity(bot: Bot, remote: RemoteSettings) -> Check:
    profile = remote.profile or {}
    names = (profile.get("first_name"), profile.get("last_name"))
    name, own = " ".join(filter(None, names)), profile.get("id")
    message = _("Name in Pachca: “%(name)s”, user id %(id)s.") % {"name": name, "id": own}
    if profile.get("bot") is False:
        return Check(
            _("Identity"),
            BAD,
            message,
            _("This token belongs to a person. Use the token of a bot."),
        )
    if bot.pachca_user_id != own:
        return Check(
            _("Identity"),
            BAD,
            message,
            _("Press “Write to Pachca” below to store this user id."),
        )
    return Check(_("Identity"), GOOD, message)


def _scopes(remote: RemoteSettings) -> Check:
    title = _("Scopes of the token")
    if remote.token is None:
        return Check(title, DOUBTFUL, _("Unknown: Pachca does not report them."), "")
    needed = {SCOPES[call]: call for call in CALLS if SCOPES.get(call)}
    missing = sorted(scope for scope in needed if scope not in remote.scopes)
    if not missing:
        return Check(title, GOOD, _("All required scopes are granted."))
    state = BAD if SCOPES["create_message"] in missing else DOUBTFUL
    message = _("Missing: %(scopes)s.") % {"scopes": ", ".join(missing)}
    return Check(title, state, message, _("Enable them on the bot's page in Pachca."))


def _clock(remote: RemoteSettings) -> Check:
    title = _("Clock")
    sent_at = remote.response.sent_at if remote.response else None
    if sent_at is None:
        return Check(title, DOUBTFUL, _("Pachca does not report its time."))
    apart = abs(timezone.now() - sent_at)
    message = _("It differs from Pachca's clock by %(seconds)d s.") % {
        "seconds": apart.total_seconds()
    }
    if apart > MAX_CLOCK_DIFFERENCE:
        fix = _("Synchronise this machine's clock (NTP). Updates that seem too old are rejected.")
        return Check(title, BAD, message, fix)
    return Check(title, GOOD, message)


def _settings(
    bot: Bot, remote: RemoteSettings, events: list[str], commands: list[str]
) -> Iterator[Check]:
    webhook = remote.webhook
    if webhook is None:
        message = _("The token may not read the bot's settings.")
        fix = _("Compare them manually, or grant the token the scopes bots:read and bots:write.")
        yield Check(_("Settings in Pachca"), DOUBTFUL, message, fix)
        return
    fix = _fix(bot, remote)
    yield _webhook(bot, webhook, fix, remote.by_history_alone)
    yield _compare_names(_("Events"), webhook.get("events"), events, fix)
    yield _compare_names(_("Commands"), webhook.get("commands"), commands, fix)
    yield _trigger(webhook, fix)
    yield _history(webhook, fix)


def _fix(bot: Bot, remote: RemoteSettings) -> str:
    if WRITE_SETTINGS in remote.scopes:
        return _("Press “Write to Pachca” below.")
    if bot.in_sandbox:
        return _("Change it in the admin: Sandbox → Accounts → the bot.")
    return _("Change it on the bot's page in Pachca.")


def _webhook(bot: Bot, webhook: dict[str, Any], fix: str, by_history_alone: bool) -> Check:
    title, remote = _("Webhook address"), webhook.get("outgoing_url") or ""
    # In the sandbox the address may be a path.
    if remote in (bot.webhook_url, urlsplit(bot.webhook_url).path):
        return Check(title, GOOD, remote)
    if by_history_alone:
        message = _("None: events are read from the history (manage.py poll %(slug)s).") % {
            "slug": bot.slug
        }
        return Check(title, DOUBTFUL, message, fix)
    message = _("In Pachca: %(there)s. Expected: %(here)s.")
    facts = {"there": remote or _("not set"), "here": bot.webhook_url}
    return Check(title, BAD, message % facts, fix)


def _compare_names(title: str, remote: Any, wanted: list[str], fix: str) -> Check:
    # The sandbox returns all events if none were chosen.
    known = set(remote or ())
    missing, more = sorted(set(wanted) - known), sorted(known - set(wanted))
    if missing:
        return Check(title, BAD, _("Missing: %(names)s.") % {"names": ", ".join(missing)}, fix)
    if more:
        message = _("Not handled: %(names)s.") % {"names": ", ".join(more)}
        return Check(title, GOOD, message)
    return Check(title, GOOD, _("Correct: %(count)d.") % {"count": len(wanted)})


def _trigger(webhook: dict[str, Any], fix: str) -> Check:
    title = _("Messages received")
    if webhook.get("trigger_on") == "all_messages":
        return Check(title, GOOD, _("All messages."))
    message = _("Commands only. The bot cannot react to other messages or hold a conversation.")
    return Check(title, DOUBTFUL, message, fix)


def _history(webhook: dict[str, Any], fix: str) -> Check:
    title = _("Event history")
    if webhook.get("events_history_enabled"):
        return Check(title, GOOD, _("On. Events that the webhook misses are read from it."))
    return Check(title, DOUBTFUL, _("Off. Events that the webhook misses are lost."), fix)


def _secret(bot: Bot, remote: RemoteSettings) -> Check:
    title = _("Signing secret")
    if bot.signing_secret:
        return Check(title, GOOD, _("Set."))
    if remote.by_history_alone:
        return Check(title, GOOD, _("Not set, and not needed to read the history."))
    fix = _("Copy it from the bot's page in Pachca. Without it, webhooks are rejected.")
    return Check(title, BAD, _("Not set."), fix)


def _address(bot: Bot) -> Check:
    title = _("Public address")
    if bot.in_sandbox or is_public(bot.webhook_url):
        return Check(title, GOOD, bot.webhook_url)
    message = _("Pachca cannot reach %(url)s.") % {"url": bot.webhook_url}
    fix = _("Set SITE_URL to a public https address, or read the history: manage.py poll %(slug)s.")
    return Check(title, DOUBTFUL, message, fix % {"slug": bot.slug})


def is_public(url: str) -> bool:
    """Return whether Pachca can probably reach the URL: https, and not a local host name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and ipaddress.ip_address(host).is_global
    except ValueError:
        return parts.scheme == "https" and "." in host and not host.endswith((".local", ".test"))


def _last_update(last: Update | None) -> Check:
    title = _("Last update")
    if last is None:
        return Check(title, DOUBTFUL, _("None yet."), _("Write to the bot in Pachca."))
    when = timezone.localtime(last.created_at)
    return Check(title, GOOD, date_format(when, "DATETIME_FORMAT"))
