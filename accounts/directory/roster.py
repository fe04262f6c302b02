"""Reading who is in Pachca, by the token of the bot that DIRECTORY_BOT names."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone

from accounts.directory.models import Member
from accounts.pachca.people import Profile
from bots.framework.api import Api, ApiError
from bots.framework.transformers import auto_retry, throttle
from bots.models import Bot, PachcaAccount

PAGE_SIZE = 50
NOT_FOUND = 404


class NoDirectoryBot(Exception):
    """DIRECTORY_BOT is not set, or there is no enabled bot with this address (slug)."""

    def __init__(self) -> None:
        super().__init__(NoDirectoryBot.__doc__)


class IncompleteList(Exception):
    """Pachca did not return a complete list of people. Nothing was changed. Try again later."""

    def __init__(self) -> None:
        super().__init__(IncompleteList.__doc__)


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
    """What Pachca said, and when it was asked.

    If it `is_complete`, all people were asked for. Only those whom Pachca does not know by their
    numbers either are `gone`.
    """

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
    """Read the whole list, and ask for each person with an account who is missing from it.

    Raises ApiError and NoAnswer, also after some of the pages, and IncompleteList.
    """
    roster, api = Roster(bot.in_sandbox), _api(bot)
    async for page in _pages(api):
        for data in page:
            roster.add(data)
    if not roster.entries:
        raise IncompleteList
    await _ask_for(roster, api, await sync_to_async(missing_from)(roster))
    roster.is_complete = True
    return roster


def missing_from(roster: Roster) -> set[int]:
    """Return the numbers in Pachca of people with an active account who are not in the roster."""
    chosen = {"in_sandbox": roster.in_sandbox, "person__is_active": True}
    ids: set[int] = set()
    for model in (Member, PachcaAccount):
        ids.update(model._default_manager.filter(**chosen).values_list("pachca_user_id", flat=True))
    return ids - roster.entries.keys()


async def read_some(bot: Bot, ids: Iterable[int]) -> Roster:
    """Read some people; those whom Pachca does not know are gone. Raises ApiError and NoAnswer."""
    roster = Roster(bot.in_sandbox)
    await _ask_for(roster, _api(bot), ids)
    return roster


async def _pages(api: Api) -> AsyncIterator[list[Any]]:
    """Yield the pages of the list. Raises IncompleteList for a response that is not a page."""
    asked: dict[str, Any] = {"limit": PAGE_SIZE}
    while True:
        response = await api.call("list_users", asked)
        if not response.ok:
            raise ApiError("list_users", response)
        if not isinstance(response.data, list) or not response.is_page:
            raise IncompleteList
        yield response.data
        if response.next_page in (None, asked.get("cursor")) or not response.data:
            return
        asked["cursor"] = response.next_page


async def _ask_for(roster: Roster, api: Api, ids: Iterable[int]) -> None:
    for pachca_user_id in ids:
        try:
            roster.add(await api.result("get_user", {"id": pachca_user_id}))
        except ApiError as error:
            if error.response.status != NOT_FOUND:
                raise
            roster.gone.add(pachca_user_id)


def _api(bot: Bot) -> Api:
    """Return the API within the limits of the bot; the list does not belong in its journal."""
    api = Api(bot.token, bot.api_url)
    api.use(throttle(bot.token), auto_retry())
    return api
