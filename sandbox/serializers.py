"""Rows as JSON objects of Pachca's API."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings

from sandbox.api.schema import spec
from sandbox.models import (
    AccessToken,
    Account,
    Attachment,
    Chat,
    GroupTag,
    Message,
    OAuthClient,
    Reaction,
    Thread,
    WebhookEvent,
)
from sandbox.models.chats import Kind

Json = dict[str, Any]


def format_datetime(at: datetime) -> str:
    """Return a time in Pachca's format: UTC, with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse_datetime(text: str) -> datetime:
    """Parse a validated `date-time`; without a zone it is UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def format_datetime_or_none(at: datetime | None) -> str | None:
    return format_datetime(at) if at else None


def user(account: Account) -> Json:
    return {
        "id": account.pk,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "nickname": account.nickname,
        "email": account.email or None,
        "phone_number": None,
        "department": None,
        "title": None,
        "role": account.role,
        "suspended": account.suspended,
        "invite_status": "confirmed",
        "inviter_id": None,
        "list_tags": [tag.name for tag in account.tags.all()],
        "custom_properties": [],
        "user_status": None,
        "bot": account.is_bot,
        "sso": False,
        "created_at": format_datetime(account.created_at),
        "last_activity_at": None,
        "time_zone": settings.TIME_ZONE,
        "image_url": account.image_url or None,
    }


def group_tag(tag: GroupTag) -> Json:
    count = getattr(tag, "users_count", None)
    return {
        "id": tag.pk,
        "name": tag.name,
        "users_count": tag.members.count() if count is None else count,
    }


@cache
def scopes(role: str) -> list[str]:
    """Return the scopes of a role according to the official specification."""
    described = spec()["components"]["schemas"]["OAuthScope"]
    roles = described["x-scope-roles"]
    return [scope for scope in described["enum"] if role in roles.get(scope.replace(":", "_"), ())]


def token_info(account: Account, granted: AccessToken | None = None) -> Json:
    """Return the description of an account's own token, or of one that it has granted."""
    token, row = (granted or account).token, granted or account
    return {
        "id": row.pk,
        "token": f"{token[:8]}…{token[-4:]}" if len(token) > 12 else "…",
        "name": granted.client.bot.name if granted else account.name,
        "user_id": account.pk,
        "scopes": granted.scopes if granted else scopes("bot" if account.is_bot else account.role),
        "created_at": format_datetime(row.created_at),
        "revoked_at": None,
        "expires_in": None,
        "last_used_at": format_datetime_or_none(granted.last_used_at) if granted else None,
    }


def chat(row: Chat) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "created_at": format_datetime(row.created_at),
        "owner_id": row.owner_id,
        "member_ids": sorted(member.account_id for member in row.memberships.all()),
        "group_tag_ids": [],
        "channel": row.kind == Kind.CHANNEL,
        "archived": row.archived,
        "personal": row.is_personal,
        "public": row.public,
        "last_message_at": format_datetime(row.last_message_at),
        "meet_room_url": f"{settings.SITE_URL}/sandbox/?meet={row.pk}",
    }


def thread(row: Thread) -> Json:
    return {
        "id": row.pk,
        "chat_id": row.chat_id,
        "message_id": row.message_id,
        "message_chat_id": row.message.chat_id if row.message else None,
        "updated_at": format_datetime(row.updated_at),
    }


def entity(message: Message) -> tuple[str, int]:
    """Return type and id of the message's entity: a discussion, a thread, or the other person."""
    if message.chat.is_thread:
        return "thread", message.chat.thread.pk
    if message.chat.is_personal:
        ids = {member.account_id for member in message.chat.memberships.all()}
        return "user", next(iter(ids - {message.author_id}), message.author_id)
    return "discussion", message.chat_id


def message_url(message: Message) -> str:
    return f"{settings.SITE_URL}/sandbox/?chat={message.chat_id}&message={message.pk}"


def message(row: Message) -> Json:
    entity_type, entity_id = entity(row)
    files = list(row.files.all())
    shape = {
        "id": row.pk,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "chat_id": row.chat_id,
        "root_chat_id": row.chat.root_id,
        "content": row.content,
        "user_id": row.author_id,
        "created_at": format_datetime(row.created_at),
        "url": message_url(row),
        "files": [file(each) for each in files],
        "voice_content": voice_content(files),
        "buttons": row.buttons,
        "thread": thread_of(row),
        "forwarding": None,
        "parent_message_id": row.parent_id,
        "changed_at": format_datetime(row.changed_at or row.created_at),
        "deleted_at": format_datetime_or_none(row.deleted_at),
    }
    if row.author.is_bot:
        shape["display_avatar_url"] = row.display_avatar_url or None
        shape["display_name"] = row.display_name or None
    return shape


def thread_of(message: Message) -> Json | None:
    try:
        return {"id": message.thread.pk, "chat_id": message.thread.chat_id}
    except Thread.DoesNotExist:
        return None


def file(row: Attachment) -> Json:
    shape = {
        "id": row.pk,
        "key": row.key,
        "name": row.name,
        "file_type": row.file_type,
        "url": row.url,
        "width": row.width,
        "height": row.height,
    }
    return shape if row.duration_ms is None else {**shape, "duration_ms": row.duration_ms}


def voice_content(files: Iterable[Attachment]) -> Json | None:
    for each in files:
        if each.file_type == "voice":
            return {
                "duration_ms": each.duration_ms,
                "waveform": each.waveform,
                "transcript": None,
            }
    return None


def reaction(row: Reaction) -> Json:
    return {
        "user_id": row.account_id,
        "created_at": format_datetime(row.created_at),
        "code": row.code,
        "name": row.name,
    }


SETTINGS: Json = {
    "scopes": [],
    "template": None,
    "template_engine": "liquid",
    "challenge_key": None,
    "link_preview_enabled": True,
    "single_chat": False,
    "can_edit": [],
    "who_can_add": "anyone",
    "unfurl_domains": [],
}


def pick_settings(given: Json) -> Json:
    return {name: value for name, value in given.items() if name in SETTINGS}


def _count_authorized(bot: Account) -> int:
    tokens = AccessToken.objects.valid().filter(client__bot=bot)
    return tokens.values("person").distinct().count()


def bot(row: Account) -> Json:
    events = spec()["components"]["schemas"]["BotEventName"]["enum"]
    webhook = {
        **SETTINGS,
        **row.other_settings,
        "name": row.first_name,
        "nickname": row.nickname,
        "outgoing_url": row.resolved_webhook_url or None,
        "events": events if row.events is None else row.events,
        "trigger_on": row.trigger_on,
        "commands": row.commands,
        "ignore_self_messages": row.ignore_self_messages,
        "events_history_enabled": row.events_history_enabled,
    }
    permissions = {"update_oauth_client": False, "recreate_token": False, "destroy": False}
    return {
        "id": row.pk,
        "name": row.first_name,
        "nickname": row.nickname,
        "created_at": format_datetime(row.created_at),
        "authorized_users_count": _count_authorized(row),
        "oauth_client_enabled": OAuthClient.objects.filter(bot=row).exists(),
        "permissions": permissions,
        "webhook": webhook,
    }


def webhook_event(row: WebhookEvent) -> Json:
    return {
        "id": row.pk,
        "event_type": row.event_type,
        "payload": row.payload,
        "created_at": format_datetime(row.created_at),
    }
