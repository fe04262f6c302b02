"""Telling the open pages what happened, each person in a room of their own."""

from collections.abc import Iterable

from realtime.actions import publish
from sandbox.models import Account, Chat, Message, View
from sandbox.page_shapes import chat_entry, page_message, view

ROOMS = "sandbox.person."


def room_of(account_id: int) -> str:
    return f"{ROOMS}{account_id}"


def _people(audience: Iterable[Account]) -> list[Account]:
    return [account for account in audience if not account.is_bot]


def tell_message(action: str, message: Message, audience: Iterable[Account]) -> None:
    if people := _people(audience):
        tell_whole_message(action, Message.objects.for_page().get(pk=message.pk), people)


def tell_whole_message(action: str, message: Message, audience: Iterable[Account]) -> None:
    """Like tell_message, for a message that has just been read by `for_page`."""
    shown = page_message(message)
    for person in _people(audience):
        publish("sandbox.message", {"action": action, "message": shown}, room_of(person.pk))


def tell_chat(chat: Chat, audience: Iterable[Account]) -> None:
    for person in _people(audience):
        publish("sandbox.chat", {"chat": chat_entry(person, chat)}, room_of(person.pk))


def tell_trace(message: Message) -> None:
    for person in message.chat.audience().people():
        publish("sandbox.trace", {"message_id": message.pk}, room_of(person.pk))


def tell_view(row: View) -> None:
    publish("sandbox.view", {"view": view(row)}, room_of(row.user_id))


def tell_view_closed(row: View) -> None:
    publish("sandbox.view_closed", {"id": row.pk}, room_of(row.user_id))
