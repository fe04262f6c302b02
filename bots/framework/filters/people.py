"""Who it is from, and in which kind of chat."""

from typing import Any

from bots.calling import Context
from bots.filters.base import Filter, Verdict


class ChatKind(Filter):
    """Passes what happens in one of these kinds of chat: "private", "chat", "thread"."""

    KINDS = frozenset({"private", "chat", "thread"})

    def __init__(self, *kinds: str) -> None:
        if unknown := set(kinds) - self.KINDS:
            raise ValueError(f"{sorted(unknown)} is no kind of chat: {sorted(self.KINDS)} are.")
        self.kinds = frozenset(kinds)

    async def passes(self, event: Any, context: Context) -> Verdict:
        return event.chat.kind in self.kinds


class FromUser(Filter):
    """Passes what these people do, by their Pachca ids; without ids, whoever is linked to a person
    of this installation."""

    def __init__(self, *user_ids: int) -> None:
        self.user_ids = frozenset(user_ids)

    async def passes(self, event: Any, context: Context) -> Verdict:
        if self.user_ids:
            return event.writer_id in self.user_ids
        return await context.need("user") is not None
