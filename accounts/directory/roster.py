"""Reading who is in Pachca, by the token of the bot that DIRECTORY_BOT names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.utils import timezone

from accounts.pachca.people import Profile
from bots.framework.api import Api, ApiError
from bots.framework.transformers import auto_retry, throttle
from bots.models import Bot

PAGE_SIZE = 50
NOT_FOUND = 404


class NoDirectoryBot(Exception):
    """DIRECTORY_BOT is not set, or there is no enabled bot with this address (slug)."""

    def __init__(self) -> None:
        super().__init__(NoDirectoryBot.__doc__)


@dataclass(frozen=True)
class Entry:
    """Somebody in Pachca, with their group tags."""

    profile: Profile
    tags: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, data: Mapping[str, Any], *, in_sandbox: bool) -> Self:
        tags = data.get("list_tags")
        names = tags if isinstance(tags, list) else []
        profile = Profile.parse(data, in_sandbox=in_sandbox)
        return cls(profile, frozenset(str(name) for name in names))


@dataclass
class Roster:
    """What Pachca said, and when it was asked. If it `is_complete`, nobody else is there."""

    in_sandbox: bool
    entries: dict[int, Entry] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    is_complete: bool = False
    read_at: datetime = field(default_factory=timezone.now)

    def add(self, data: Mapping[str, Any]) -> None:
        entry = Entry.parse(data, in_sandbox=self.in_sandbox)
        if not entry.profile.is_bot:
            self.entries[entry.profile.id] = entry


def find_bot() -> Bot:
    """Return the bot whose token reads the list. Raises NoDirectoryBot."""
    bot = Bot.objects.on().filter(slug=settings.DIRECTORY_BOT).first()
    if bot is None or not settings.DIRECTORY_BOT:
        raise NoDirectoryBot
    return bot


async def read_all(bot: Bot) -> Roster:
    """Read the whole list. Raises ApiError and NoAnswer, also after some of the pages."""
    roster = Roster(bot.in_sandbox)
    async for data in _api(bot).every("list_users", {"limit": PAGE_SIZE}):
        roster.add(data)
    roster.is_complete = True
    return roster


async def read_some(bot: Bot, ids: Iterable[int]) -> Roster:
    """Read some people; those whom Pachca does not know are gone. Raises ApiError and NoAnswer."""
    roster, api = Roster(bot.in_sandbox), _api(bot)
    for pachca_user_id in ids:
        try:
            roster.add(await api.result("get_user", {"id": pachca_user_id}))
        except ApiError as error:
            if error.response.status != NOT_FOUND:
                raise
            roster.gone.add(pachca_user_id)
    return roster


def _api(bot: Bot) -> Api:
    """Return the API within the limits of the bot; the list does not belong in its journal."""
    api = Api(bot.token, bot.api_url)
    api.use(throttle(bot.token), auto_retry())
    return api
