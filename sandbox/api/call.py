"""An authenticated and validated call, as handlers receive it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sandbox.api.errors import forbidden, not_found
from sandbox.models import AccessToken, Account, Chat, Message

MAX_ID = 2**63 - 1


@dataclass
class Call:
    """The argument of a handler. `chat_id` and `user_id` record the subject for the trace.

    `granted` is the token if a bot calls on behalf of a person, who then is the `account`.
    """

    request: HttpRequest
    account: Account
    path: dict[str, Any]
    query: dict[str, Any]
    body: dict[str, Any]
    chat_id: int | None = None
    user_id: int | None = None
    granted: AccessToken | None = None

    def chat(self, pk: int, *, mine: bool = False) -> Chat:
        """Return a chat that the caller can read; with `mine`, the caller must be a member."""
        chat = (
            Chat.objects.visible_to(self.account)
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
        """Return the message that the path names, if the caller can read it."""
        pk = self.path["id"]
        message = Message.objects.alive().visible_to(self.account).whole().filter(pk=pk).first()
        if message is None:
            raise not_found("id", pk)
        self.chat_id = message.chat_id
        return message
