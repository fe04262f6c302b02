"""Real-time updates of open chat pages. Each person has a private room."""

from collections.abc import Iterable

from realtime.actions import publish
from sandbox.models import Account, Chat, Message, View
from sandbox.page.serializers import chat_entry, page_message, view

ROOMS = "sandbox.person."


def room_of(account_id: int) -> str:
    return f"{ROOMS}{account_id}"


def _people(audience: Iterable[Account]) -> list[Account]:
    return [account for account in audience if not account.is_bot]


def publish_message(action: str, message: Message, audience: Iterable[Account]) -> None:
    if people := _people(audience):
        publish_loaded_message(action, Message.objects.for_page().get(pk=message.pk), people)


def publish_loaded_message(action: str, message: Message, audience: Iterable[Account]) -> None:
    """Publish a message that was loaded by `for_page`."""
    shown = page_message(message)
    for person in _people(audience):
        publish("sandbox.message", {"action": action, "message": shown}, room_of(person.pk))


def publish_chat(chat: Chat, audience: Iterable[Account]) -> None:
    for person in _people(audience):
        publish("sandbox.chat", {"chat": chat_entry(person, chat)}, room_of(person.pk))


def publish_trace(message: Message) -> None:
    for person in message.chat.audience().people():
        publish("sandbox.trace", {"message_id": message.pk}, room_of(person.pk))


def publish_view(row: View) -> None:
    publish("sandbox.view", {"view": view(row)}, room_of(row.user_id))


def publish_view_closed(row: View) -> None:
    publish("sandbox.view_closed", {"id": row.pk}, room_of(row.user_id))
