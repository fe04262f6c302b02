"""What is right and wrong with a bot: each with what to do about it."""

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

from bots.api.table import SCOPES
from bots.models import Bot, Update
from bots.setup.needs import CALLS, commands_of, events_of
from bots.setup.there import WRITE_SETTINGS, There, look

GOOD, DOUBTFUL, BAD = "good", "doubtful", "bad"
CLOCKS_MAY_DIFFER = timedelta(seconds=30)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `told` says what is the case, `fix` what to do about it."""

    title: str
    state: str
    told: str
    fix: str = ""


async def examine(bot: Bot) -> list[Check]:
    """Look at everything that a bot needs. Nothing is changed."""
    there = await look(bot)
    wanted = await sync_to_async(lambda: (events_of(bot), commands_of(bot)))()
    last = await Update.objects.filter(bot=bot).order_by("-pk").afirst()
    return [
        _token(bot, there),
        *(
            [_identity(bot, there), _scopes(there), _clock(there), *_settings(bot, there, *wanted)]
            if there.profile
            else []
        ),
        _secret(bot, there),
        _address(bot),
        _heard(last),
    ]


def _token(bot: Bot, there: There) -> Check:
    title = _("Access token")
    if not bot.token:
        return Check(title, BAD, _("It is not set."), _("Copy it from the bot's page in Pachca."))
    if there.response is None:
        told = _("Nobody answers at %(url)s.") % {"url": bot.api_url}
        return Check(title, BAD, f"{told} {there.told}", _("See to the network and the address."))
    if there.response.status in (401, 403):
        told = _("It is refused: %(why)s") % {"why": there.told}
        return Check(title, BAD, told, _("Make a new token on the bot's page in Pachca, enter it."))
    if there.profile is None:
        told = _("The answer was %(status)d.") % {"status": there.response.status}
        return Check(title, BAD, told, _("Try again later."))
    return Check(title, GOOD, _("It is accepted."))


def _identity(bot: Bot, there: There) -> Check:
    profile = there.profile or {}
    names = (profile.get("first_name"), profile.get("last_name"))
    name, own = " ".join(filter(None, names)), profile.get("id")
    told = _("In Pachca it is “%(name)s”, number %(id)s.") % {"name": name, "id": own}
    if profile.get("bot") is False:
        return Check(
            _("Who it is"), BAD, told, _("This is a person's token: take the one of a bot.")
        )
    if bot.pachca_user_id != own:
        return Check(
            _("Who it is"), BAD, told, _("Press “Check the connection”, so that it knows itself.")
        )
    return Check(_("Who it is"), GOOD, told)


def _scopes(there: There) -> Check:
    title = _("Scopes of the token")
    if there.token is None:
        return Check(title, DOUBTFUL, _("They are not told."), "")
    needed = {SCOPES[call]: call for call in CALLS if SCOPES.get(call)}
    missing = sorted(scope for scope in needed if scope not in there.scopes)
    if not missing:
        return Check(title, GOOD, _("All that are needed are there."))
    state = BAD if SCOPES["create_message"] in missing else DOUBTFUL
    told = _("Missing: %(scopes)s.") % {"scopes": ", ".join(missing)}
    return Check(title, state, told, _("Tick them on the bot's page in Pachca."))


def _clock(there: There) -> Check:
    title = _("Clock")
    sent_at = there.response.sent_at if there.response else None
    if sent_at is None:
        return Check(title, DOUBTFUL, _("Pachca does not tell its time."))
    apart = abs(timezone.now() - sent_at)
    told = _("It differs from Pachca's by %(seconds)d s.") % {"seconds": apart.total_seconds()}
    if apart > CLOCKS_MAY_DIFFER:
        fix = _("Set this machine's clock (NTP): updates that seem too old are refused.")
        return Check(title, BAD, told, fix)
    return Check(title, GOOD, told)


def _settings(bot: Bot, there: There, events: list[str], commands: list[str]) -> Iterator[Check]:
    webhook = there.webhook
    if webhook is None:
        told = _("This token may not see the bot's settings.")
        fix = _("Compare them by hand, or give the token the scopes bots:read and bots:write.")
        yield Check(_("Settings in Pachca"), DOUBTFUL, told, fix)
        return
    fix = _fix(there)
    yield _webhook(bot, webhook, fix, there.by_history_alone)
    yield _listed(_("Events"), webhook.get("events"), events, fix)
    yield _listed(_("Commands"), webhook.get("commands"), commands, fix)
    yield _listens(webhook, fix)
    yield _history(webhook, fix)


def _fix(there: There) -> str:
    if WRITE_SETTINGS in there.scopes:
        return _("Press “Write to Pachca”.")
    return _("Change it on the bot's page in Pachca.")


def _webhook(bot: Bot, webhook: dict[str, Any], fix: str, by_history_alone: bool) -> Check:
    title, there = _("Webhook address"), webhook.get("outgoing_url") or ""
    # The sandbox may be told the path alone.
    if there in (bot.webhook_url, urlsplit(bot.webhook_url).path):
        return Check(title, GOOD, there)
    if by_history_alone:
        told = _("None: the bot reads its history (manage.py poll %(slug)s).") % {"slug": bot.slug}
        return Check(title, DOUBTFUL, told, fix)
    told = _("In Pachca it is %(there)s, and it should be %(here)s.")
    facts = {"there": there or _("not set"), "here": bot.webhook_url}
    return Check(title, BAD, told % facts, fix)


def _listed(title: str, there: Any, wanted: list[str], fix: str) -> Check:
    # The sandbox tells all events where nothing was chosen.
    known = set(there or ())
    missing, more = sorted(set(wanted) - known), sorted(known - set(wanted))
    if missing:
        return Check(title, BAD, _("Missing: %(names)s.") % {"names": ", ".join(missing)}, fix)
    if more:
        told = _("Nobody handles: %(names)s.") % {"names": ", ".join(more)}
        return Check(title, GOOD, told)
    return Check(title, GOOD, _("As they should be: %(count)d.") % {"count": len(wanted)})


def _listens(webhook: dict[str, Any], fix: str) -> Check:
    title = _("What it hears")
    if webhook.get("trigger_on") == "all_messages":
        return Check(title, GOOD, _("All messages."))
    told = _("Commands alone: it cannot answer plain words, nor ask and wait for an answer.")
    return Check(title, DOUBTFUL, told, fix)


def _history(webhook: dict[str, Any], fix: str) -> Check:
    title = _("History of events")
    if webhook.get("events_history_enabled"):
        return Check(title, GOOD, _("It is kept: what a webhook misses is read from there."))
    return Check(title, DOUBTFUL, _("It is off: what a webhook misses is lost."), fix)


def _secret(bot: Bot, there: There) -> Check:
    title = _("Signing secret")
    if bot.signing_secret:
        return Check(title, GOOD, _("It is set."))
    if there.by_history_alone:
        return Check(title, GOOD, _("It is not set, and reading the history needs none."))
    fix = _("Copy it from the bot's page in Pachca: without it no webhook is taken.")
    return Check(title, BAD, _("It is not set."), fix)


def _address(bot: Bot) -> Check:
    title = _("Public address")
    if bot.in_sandbox or is_public(bot.webhook_url):
        return Check(title, GOOD, bot.webhook_url)
    told = _("Pachca cannot reach %(url)s.") % {"url": bot.webhook_url}
    fix = _("Set SITE_URL to an https address, or read the history: manage.py poll %(slug)s.")
    return Check(title, DOUBTFUL, told, fix % {"slug": bot.slug})


def is_public(url: str) -> bool:
    """Tell whether the URL looks as if Pachca could reach it: https, and no local name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and ipaddress.ip_address(host).is_global
    except ValueError:
        return parts.scheme == "https" and "." in host and not host.endswith((".local", ".test"))


def _heard(last: Update | None) -> Check:
    title = _("Last update")
    if last is None:
        return Check(title, DOUBTFUL, _("None has come yet."), _("Write to the bot in Pachca."))
    when = timezone.localtime(last.created_at)
    return Check(title, GOOD, date_format(when, "DATETIME_FORMAT"))
