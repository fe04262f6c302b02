"""Creating webhook events for the bots that are subscribed to them."""

import re
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from sandbox import serializers
from sandbox.models import Account, Chat, Message, Reaction, Trigger, View, WebhookEvent
from sandbox.models.forms import new_id
from sandbox.models.webhooks import LEASE, State
from sandbox.serializers import Json, format_datetime, format_datetime_or_none
from sandbox.webhooks import dispatcher

LINK = re.compile(r"https?://[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]")


def message_event(event: str, message: Message, audience: Iterable[Account]) -> None:
    """Store an event "new", "update" or "delete" for the bots in the audience."""
    entity_type, entity_id = serializers.entity(message)
    payload = {
        "type": "message",
        "id": message.pk,
        "event": event,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "content": message.content,
        "user_id": message.author_id,
        "created_at": format_datetime(message.created_at),
        "changed_at": format_datetime_or_none(message.changed_at),
        "url": serializers.message_url(message),
        "chat_id": message.chat_id,
        "parent_message_id": message.parent_id,
        "thread": _thread_of_comment(message),
    }
    _store(f"message_{event}", payload, audience, message.chat, message.author, message)


def links_event(message: Message, audience: Iterable[Account]) -> None:
    """Store an event for the links in a message, if there are any."""
    links = list(dict.fromkeys(LINK.findall(message.content)))
    if not links:
        return
    entity_type, entity_id = serializers.entity(message)
    payload = {
        "type": "message",
        "event": "link_shared",
        "chat_id": message.chat_id,
        "message_id": message.pk,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "thread": _thread_of_comment(message),
        "links": [{"url": url, "domain": _domain(url), "skip": False} for url in links],
        "user_id": message.author_id,
        "created_at": format_datetime(message.created_at),
    }
    _store("message_link_shared", payload, audience, message.chat, message.author, message)


def reaction_event(event: str, reaction: Reaction, audience: Iterable[Account]) -> None:
    """Store an event "new" or "delete" of a reaction."""
    message = reaction.message
    payload = {
        "type": "reaction",
        "event": event,
        "chat_id": message.chat_id,
        "message_id": message.pk,
        "code": reaction.code,
        "name": reaction.name,
        "user_id": reaction.account_id,
        "created_at": format_datetime(reaction.created_at),
    }
    _store(f"reaction_{event}", payload, audience, message.chat, reaction.account, message)


def members_event(
    event: str, chat: Chat, members: Iterable[Account], by: Account, audience: Iterable[Account]
) -> None:
    """Store an event "add" or "remove" of members."""
    payload = {
        "type": "chat_member",
        "event": event,
        "chat_id": chat.pk,
        "thread_id": chat.thread.pk if chat.is_thread else None,
        "user_ids": sorted(member.pk for member in members),
        "created_at": format_datetime(timezone.now()),
    }
    _store(f"chat_member_{event}", payload, audience, chat, by)


def company_event(event: str, people: Iterable[Account]) -> None:
    """Store an event "invite", "confirm", "update", "suspend", "activate" or "delete" of people.

    All bots are told of it.
    """
    payload = {
        "type": "company_member",
        "event": event,
        "user_ids": sorted(person.pk for person in people),
        "created_at": format_datetime(timezone.now()),
    }
    _store(f"company_member_{event}", payload, Account.objects.bots())


def click_event(trigger: Trigger, data: str) -> WebhookEvent | None:
    """Return the event of a click, claimed by the caller; None if the bot is not subscribed."""
    payload = {
        "type": "button",
        "event": "click",
        "message_id": trigger.message_id,
        "trigger_id": trigger.pk,
        "data": data,
        "user_id": trigger.user_id,
        "chat_id": trigger.message.chat_id,
    }
    return _store_taken("button_click", payload, trigger.bot, trigger.user, trigger.message)


def submit_event(view: View, data: Json) -> WebhookEvent | None:
    """Return the event of a submitted form, claimed by the caller; None if not subscribed."""
    payload = {
        "type": "view",
        "event": "submit",
        "callback_id": view.callback_id or None,
        "private_metadata": view.private_metadata or None,
        "chat_id": view.chat_id,
        "user_id": view.user_id,
        "view_id": view.pk,
        "submit_id": new_id(),
        "data": data,
    }
    return _store_taken("view_submit", payload, view.bot, view.user, view.message)


def _thread_of_comment(message: Message) -> Json | None:
    """Return the message of the thread that a comment is in; None outside of threads."""
    if not message.chat.is_thread or message.chat.thread.message is None:
        return None
    root = message.chat.thread.message
    return {"message_id": root.pk, "message_chat_id": root.chat_id}


def _domain(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _store(
    event_type: str,
    payload: Json,
    audience: Iterable[Account],
    chat: Chat | None = None,
    user: Account | None = None,
    message: Message | None = None,
) -> None:
    events = [
        _event(event_type, payload, bot, chat, user, message)
        for bot in audience
        if bot.is_bot and bot.wants(event_type, payload)
    ]
    if events:
        WebhookEvent.objects.bulk_create(events)
        transaction.on_commit(dispatcher.wake)


def _store_taken(
    event_type: str, payload: Json, bot: Account, user: Account, message: Message
) -> WebhookEvent | None:
    if not bot.wants(event_type, payload):
        return None
    event = _event(event_type, payload, bot, message.chat, user, message)
    if event.state == State.DUE:
        event.state, event.due_at = State.SENDING, timezone.now() + LEASE
    event.save()
    return event


def _event(
    event_type: str,
    payload: Json,
    bot: Account,
    chat: Chat | None,
    user: Account | None,
    message: Message | None,
) -> WebhookEvent:
    state = State.DUE if bot.webhook_url else State.SKIPPED
    return WebhookEvent(
        bot=bot,
        event_type=event_type,
        payload={**payload, "webhook_timestamp": int(time.time())},
        in_history=bot.events_history_enabled,
        chat=chat,
        user=user,
        message=message,
        state=state,
    )
