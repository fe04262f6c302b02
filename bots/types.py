"""What handlers work with, read from the raw JSON of an update."""

from dataclasses import dataclass, field
from typing import Any

from bots.identity import Payload, is_id


@dataclass
class Message:
    """A new message, as a handler sees it."""

    id: int
    chat_id: int
    user_id: int
    text: str
    entity_type: str = "discussion"
    entity_id: int | None = None
    parent_message_id: int | None = None
    answers: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, payload: Payload) -> "Message":
        """Read leniently: Pachca adds fields, and one that is missing must not lose the message."""
        return cls(
            id=_id(payload.get("id")),
            chat_id=_id(payload.get("chat_id")),
            user_id=_id(payload.get("user_id")),
            text=str(payload.get("content") or "").replace("\0", ""),
            entity_type=str(payload.get("entity_type") or "discussion"),
            entity_id=_id(payload.get("entity_id")) or None,
            parent_message_id=_id(payload.get("parent_message_id")) or None,
        )

    def answer(self, text: str) -> None:
        """Answer in the private chat with the author; leaves when the handler has ended well."""
        self.answers.append(text)


def _id(value: Any) -> int:
    return value if is_id(value) else 0
