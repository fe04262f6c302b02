"""Messages, forms and chats as JSON for the chat page."""

from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from sandbox import serializers
from sandbox.models import Account, Chat, Membership, Message, View
from sandbox.serializers import Json


def author(account: Account) -> Json:
    return {
        "id": account.pk,
        "name": account.name,
        "bot": account.is_bot,
        "image_url": account.image_url or None,
    }


def page_message(row: Message) -> Json:
    """Return a message with author, reactions and thread; see `Message.objects.for_page()`."""
    info = serializers.thread_of(row)
    return {
        **serializers.message(row),
        "author": author(row.author),
        "reactions": [serializers.reaction(each) for each in row.reactions.all()],
        "pinned": row.pinned_at is not None,
        "link_previews": row.link_previews,
        "thread": info and {**info, "messages_count": getattr(row, "comments_count", 0)},
    }


def view(row: View) -> Json:
    return {
        "id": row.pk,
        "bot": author(row.bot),
        "chat_id": row.chat_id,
        "message_id": row.message_id,
        "callback_id": row.callback_id or None,
        "title": row.body["title"],
        "close_text": row.body.get("close_text", "Cancel"),
        "submit_text": row.body.get("submit_text", "Submit"),
        "blocks": row.body["blocks"],
    }


def chat_entries(person: Account, chats: "QuerySet[Chat]") -> list[Json]:
    """Return the chats as the person's list shows them, in a fixed number of queries."""
    rows = list(_with_news(person, chats).prefetch_related("memberships__account"))
    latest = Message.objects.whole().in_bulk([row.latest_id for row in rows if row.latest_id])
    return [_entry(person, row, latest.get(row.latest_id)) for row in rows]


def chat_entry(person: Account, chat: Chat) -> Json:
    return chat_entries(person, Chat.objects.filter(pk=chat.pk))[0]


def _with_news(person: Account, chats: "QuerySet[Chat]") -> "QuerySet[Any]":
    said_here = Message.objects.alive().filter(chat=OuterRef("pk")).order_by()
    read = Membership.objects.filter(chat=OuterRef("pk"), account=person).values("last_read_id")
    unread = (
        said_here.filter(~Q(author=person), pk__gt=OuterRef("read_id"))
        .values("chat")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return chats.annotate(
        latest_id=Subquery(said_here.order_by("-pk").values("pk")[:1]),
        read_id=Coalesce(Subquery(read), 0),
        unread=Coalesce(Subquery(unread), 0),
    ).order_by(F("last_message_at").desc(), F("id").desc())


def _entry(person: Account, chat: Any, latest: Message | None) -> Json:
    return {
        **serializers.chat(chat),
        "title": _title(person, chat),
        "last_message": latest and serializers.message(latest),
        "unread": chat.unread,
    }


def _title(person: Account, chat: Chat) -> str:
    """Return the name of the chat; for a private chat, the other member's name."""
    if not chat.is_personal:
        return chat.name
    members = [member.account for member in chat.memberships.all()]
    return next((member.name for member in members if member != person), person.name)
