"""Profiles of Pachca users, cached for a minute per process."""

from typing import Any

from django.core.cache.backends.locmem import LocMemCache

from bots.framework.api import Api, ApiError, NoAnswer
from bots.framework.routing.injection import Context, context_value
from bots.models import Bot

TTL = 60
# In memory: a shared cache would cost a round trip per update.
profiles = LocMemCache("bots.profiles", {"timeout": TTL, "max_entries": 10_000})


async def profile(api: Api, bot: Bot, person: int) -> dict[str, Any]:
    """Return the profile of a Pachca user, {} for unknown users.

    Raises ApiError, and NoAnswer if there is no response.
    """
    key = f"{bot.pk}.{person}"
    known: dict[str, Any] | None = profiles.get(key)
    if known is None:
        known = await _fetch(api, person)
        profiles.set(key, known)
    return known


async def profile_in(context: Context) -> dict[str, Any]:
    """Return the profile of the author of the event."""
    return await profile(context["api"], context["bot"], context["event"].user_id)


@context_value("own_names", for_handlers=False)
async def own_names(context: Context) -> frozenset[str]:
    """Return the names that mention the bot in a command, in lower case: its nickname in Pachca.

    If Pachca cannot be asked, the slug of the bot is used instead.
    """
    bot: Bot = context["bot"]
    key = f"{bot.pk}.nickname"
    nickname: str | None = profiles.get(key)
    if nickname is None:
        nickname = await _own_nickname(context["api"])
        if nickname:
            profiles.set(key, nickname)
    return frozenset({(nickname or bot.slug).casefold()})


async def _own_nickname(api: Api) -> str:
    try:
        response = await api.call("get_profile")
    except NoAnswer:
        return ""
    known = response.data if response.ok else None
    return str(known.get("nickname") or "") if isinstance(known, dict) else ""


async def _fetch(api: Api, person: int) -> dict[str, Any]:
    response = await api.call("get_user", {"id": person})
    if response.status == 404:
        return {}
    if not response.ok:
        raise ApiError("get_user", response)
    wanted = ("first_name", "last_name", "nickname", "list_tags")
    return {name: response.data.get(name) for name in wanted}
