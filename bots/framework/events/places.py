"""Destinations of messages."""

from dataclasses import dataclass

THREAD_OF = "thread_of"


@dataclass(frozen=True)
class Place:
    """A chat, person or thread. A `thread_of` a message is created when something is sent to it."""

    entity_type: str
    entity_id: int

    @property
    def chat(self) -> str:
        """The name of the chat, within which calls are made in order."""
        kind = "chat" if self.entity_type == "discussion" else self.entity_type
        return f"{kind}:{self.entity_id}"


def private(user_id: int) -> Place:
    """Return the private chat with a person."""
    return Place("user", user_id)
