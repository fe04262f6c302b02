"""One call of the API, already checked, and what its handlers have in common."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sandbox.errors import forbidden, not_found
from sandbox.models import Account, Chat, Message

LARGEST_ID = 2**63 - 1


@dataclass
class Call:
    """What a handler is given. `chat` and `user` note what the call was about, for the trace."""

    request: HttpRequest
    account: Account
    path: dict[str, Any]
    query: dict[str, Any]
    body: dict[str, Any]
    chat_id: int | None = None
    user_id: int | None = None

    def chat(self, pk: int, *, mine: bool = False) -> Chat:
        """Return the chat if the caller can see it (or is a member, if it must be)."""
        chat = (
            Chat.objects.seen_by(self.account)
            .select_related("thread__message")
            .filter(pk=pk)
            .first()
        )
        if chat is None:
            raise not_found("id", pk)
        if mine and not chat.audience().filter(pk=self.account.pk).exists():
            raise forbidden(_("You are not a member of this chat."))
        self.chat_id = chat.pk
        return chat

    def message(self) -> Message:
        """Return the message that the path names, if the caller can see it."""
        pk = self.path["id"]
        message = Message.objects.alive().seen_by(self.account).whole().filter(pk=pk).first()
        if message is None:
            raise not_found("id", pk)
        self.chat_id = message.chat_id
        return message
