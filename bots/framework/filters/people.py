"""Filters by author and by type of chat."""

from typing import Any

from bots.framework.events.base import Placed
from bots.framework.events.types import ChatMember, Failure
from bots.framework.filters.base import Filter, Verdict
from bots.framework.routing.injection import Context


class ChatKind(Filter):
    """Passes events in these types of chats: "private", "chat", "thread"."""

    events = (Placed, ChatMember, Failure)
    KINDS = frozenset({"private", "chat", "thread"})

    def __init__(self, *kinds: str) -> None:
        if unknown := set(kinds) - self.KINDS:
            raise ValueError(f"{sorted(unknown)} is no kind of chat: {sorted(self.KINDS)} are.")
        self.kinds = frozenset(kinds)

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        return event.chat.kind in self.kinds


class FromUser(Filter):
    """Passes events of people with these Pachca ids, or without ids, of all linked people."""

    def __init__(self, *user_ids: int) -> None:
        self.user_ids = frozenset(user_ids)

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        if self.user_ids:
            return event.writer_id in self.user_ids
        return await context.need("user") is not None
