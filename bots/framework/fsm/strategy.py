"""The key of a conversation: per person, per person and chat, or per chat or thread."""

from django.db.models import TextChoices

from bots.framework.events.types import Event


class FSMStrategy(TextChoices):
    """What a conversation belongs to. `USER` is the default, because replies are private."""

    USER = "user"
    USER_IN_CHAT = "user_in_chat"
    USER_IN_THREAD = "user_in_thread"
    CHAT = "chat"
    THREAD = "thread"

    def key(self, event: Event) -> str:
        """Return the name of the conversation. A thread is its own chat within a chat."""
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
