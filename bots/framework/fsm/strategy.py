"""Whose conversation it is: of a person, of a person in a chat, of a whole chat or thread."""

from django.db.models import TextChoices

from bots.types import Event


class FSMStrategy(TextChoices):
    """`USER` is the default: answers are private, so a conversation goes with the person."""

    USER = "user"
    USER_IN_CHAT = "user_in_chat"
    USER_IN_THREAD = "user_in_thread"
    CHAT = "chat"
    THREAD = "thread"

    def key(self, event: Event) -> str:
        """Return what names the conversation. A thread is a chat of its own within a chat."""
        thread = getattr(event, "thread", None)
        chat = (thread and thread.message_chat_id) or event.chat_id
        names = {
            FSMStrategy.USER: f"user:{event.writer_id}",
            FSMStrategy.USER_IN_CHAT: f"chat:{chat} user:{event.writer_id}",
            FSMStrategy.USER_IN_THREAD: f"thread:{event.chat_id} user:{event.writer_id}",
            FSMStrategy.CHAT: f"chat:{chat}",
            FSMStrategy.THREAD: f"thread:{event.chat_id}",
        }
        return names[self]
