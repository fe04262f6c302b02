"""What all events have: where they happened, who caused them, and ways to answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from bots.answers import Answering, Outbox, Place
from bots.identity import Payload, kind_of
from bots.reading import read_id, read_moment, read_text

PRIVATE, CHAT, THREAD = "private", "chat", "thread"


@dataclass(frozen=True)
class Thread:
    """The message under which a thread was opened, and that message's chat."""

    message_id: int = 0
    message_chat_id: int = 0

    @classmethod
    def read(cls, value: Any) -> Self | None:
        if not isinstance(value, dict):
            return None
        return cls(read_id(value.get("message_id")), read_id(value.get("message_chat_id")))


@dataclass(frozen=True)
class Chat:
    """Where an event happened: `kind` is "private", "chat", "thread", or "" when it is not told."""

    id: int
    kind: str = ""
    thread: Thread | None = None

    @property
    def is_private(self) -> bool:
        return self.kind == PRIVATE


@dataclass(kw_only=True)
class Event(Answering):
    """Anything that Pachca tells; `raw` is the JSON as it came."""

    kind: str = ""
    event: str = ""
    chat_id: int = 0
    user_id: int = 0
    created_at: datetime | None = None
    raw: Payload = field(default_factory=dict, repr=False)
    outbox: Outbox = field(default_factory=Outbox, repr=False, compare=False)

    @classmethod
    def read(cls, payload: Payload) -> Self:
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
        return Chat(self.chat_id)

    @property
    def writer_id(self) -> int:
        return self.user_id

    @property
    def here(self) -> Place | None:
        return Place("discussion", self.chat_id) if self.chat_id else None


@dataclass(kw_only=True)
class Placed(Event):
    """An event that tells which kind of chat it happened in."""

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
        kinds = {"user": PRIVATE, "discussion": CHAT, "thread": THREAD}
        return Chat(self.chat_id, kinds.get(self.entity_type, ""), self.thread)

    @property
    def here(self) -> Place | None:
        if self.entity_type == "user" and self.user_id:
            return Place("user", self.user_id)
        if self.entity_type == "thread" and self.entity_id:
            return Place("thread", self.entity_id)
        return super().here
