"""The base classes of events: where they happened, who caused them, how to answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from bots.framework.events.answers import Answering
from bots.framework.events.identity import Payload, kind_of
from bots.framework.events.outbox import Outbox
from bots.framework.events.parsing import read_id, read_moment, read_text
from bots.framework.events.places import Place

PRIVATE, CHAT, THREAD = "private", "chat", "thread"


@dataclass(frozen=True)
class Thread:
    """The message under which a thread was opened, and the chat of the message."""

    message_id: int = 0
    message_chat_id: int = 0

    @classmethod
    def read(cls, value: Any) -> Self | None:
        """Return the thread in an event, or None."""
        if not isinstance(value, dict):
            return None
        return cls(read_id(value.get("message_id")), read_id(value.get("message_chat_id")))


@dataclass(frozen=True)
class Chat:
    """Where an event happened: `kind` is "private", "chat", "thread", or "" if unknown."""

    id: int
    kind: str = ""
    thread: Thread | None = None

    @property
    def is_private(self) -> bool:
        """Whether it is the private chat of the bot and a person."""
        return self.kind == PRIVATE


@dataclass(kw_only=True)
class Event(Answering):
    """Any event; `kind` is such as "message.new", and `raw` is the JSON of the update."""

    kind: str = ""
    event: str = ""
    chat_id: int = 0
    user_id: int = 0
    created_at: datetime | None = None
    raw: Payload = field(default_factory=dict, repr=False)
    outbox: Outbox = field(default_factory=Outbox, repr=False, compare=False)

    @classmethod
    def read(cls, payload: Payload) -> Self:
        """Create the event from the JSON of an update."""
        return cls(**cls._common(payload), **cls._fields(payload))

    @classmethod
    def _common(cls, payload: Payload) -> dict[str, Any]:
        return {
            "kind": kind_of(payload),
            "event": read_text(payload.get("event")),
            "chat_id": read_id(payload.get("chat_id")),
            "user_id": read_id(payload.get("user_id")),
            "created_at": read_moment(payload.get("created_at")),
            "raw": payload,
        }

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {}

    @property
    def chat(self) -> Chat:
        """The chat of the event; its kind is unknown for some events."""
        return Chat(self.chat_id)

    @property
    def writer_id(self) -> int:
        """The Pachca id of the person who caused the event, 0 if unknown."""
        return self.user_id

    @property
    def here(self) -> Place | None:
        """The chat or thread in which the event happened, or None."""
        return Place("discussion", self.chat_id) if self.chat_id else None


@dataclass(kw_only=True)
class Placed(Event):
    """An event with the kind of its chat."""

    entity_type: str = "discussion"
    entity_id: int | None = None
    thread: Thread | None = None

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {
            "entity_type": read_text(payload.get("entity_type")) or "discussion",
            "entity_id": read_id(payload.get("entity_id")) or None,
            "thread": Thread.read(payload.get("thread")),
        }

    @property
    def chat(self) -> Chat:
        """The chat of the event, with its kind and thread."""
        kinds = {"user": PRIVATE, "discussion": CHAT, "thread": THREAD}
        return Chat(self.chat_id, kinds.get(self.entity_type, ""), self.thread)

    @property
    def here(self) -> Place | None:
        """The chat, thread or private chat in which the event happened."""
        if self.entity_type == "user" and self.user_id:
            return Place("user", self.user_id)
        if self.entity_type == "thread" and self.entity_id:
            return Place("thread", self.entity_id)
        return super().here
