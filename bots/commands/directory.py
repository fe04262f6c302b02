"""Who somebody is in Pachca: asked once a minute at most by each process."""

from typing import Any

from django.core.cache.backends.locmem import LocMemCache

from bots.api import Api, ApiError
from bots.calling import Context
from bots.models import Bot

KEPT_FOR = 60
# In memory: the shared cache would be connected to anew for every update.
profiles = LocMemCache("bots.profiles", {"timeout": KEPT_FOR, "max_entries": 10_000})


async def profile(api: Api, bot: Bot, person: int) -> dict[str, Any]:
    """Return what Pachca tells of the person; {} of whom it knows nothing.

    Raises ApiError, and NoAnswer when nobody answers.
    """
    key = f"{bot.pk}.{person}"
    known: dict[str, Any] | None = profiles.get(key)
    if known is None:
        known = await _asked(api, person)
        profiles.set(key, known)
    return known


async def profile_in(context: Context) -> dict[str, Any]:
    """Return what Pachca tells of the person whose event it is."""
    return await profile(context["api"], context["bot"], context["event"].user_id)


async def _asked(api: Api, person: int) -> dict[str, Any]:
    response = await api.call("get_user", {"id": person})
    if response.status == 404:
        return {}
    if not response.ok:
        raise ApiError("get_user", response)
    wanted = ("first_name", "last_name", "nickname", "list_tags")
    return {name: response.data.get(name) for name in wanted}
