"""Identification of updates: type, chat, author and unique key."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

Payload = dict[str, Any]

BUTTON, FORM = "button.click", "view.submit"


def kind_of(payload: Payload) -> str:
    """Return the type, such as "message.new", also for types that Pachca will add."""
    kind = f"{payload.get('type', '')}.{payload.get('event', '')}"
    # ASCII without NUL, so that both databases can store it.
    return kind.encode("ascii", "replace").decode().replace("\0", "?")[:64]


def chat_of(payload: Payload) -> str:
    """Return the chat whose updates are handled in order, "" if there is none."""
    if is_id(chat := payload.get("chat_id")):
        return f"chat:{chat}"
    if is_id(user := payload.get("user_id")):
        return f"user:{user}"
    return ""


def author_of(payload: Payload) -> int | None:
    """Return the Pachca id of the person who caused the update, or None."""
    user = payload.get("user_id")
    return user if is_id(user) else None


def key_of(payload: Payload) -> str:
    """Return a key that is the same for every delivery of an event and unique per event.

    Webhooks have no id, so the key is made of the fields that identify each type of event, or of
    the whole content if the type is unknown.
    """
    kind = kind_of(payload)
    identify = IDENTITIES.get(kind) or IDENTITIES.get(str(payload.get("type"))) or _whole
    parts = identify(payload)
    if any(part is None for part in parts):
        parts = _whole(payload)
    return f"{kind}:{_digest(parts)}"


def _message(payload: Payload) -> list[Any]:
    if payload.get("event") != "update":
        return [payload.get("id")]
    return [payload.get("id"), payload.get("changed_at") or _digest(payload.get("content"))]


def _fields(*names: str) -> Callable[[Payload], list[Any]]:
    return lambda payload: [payload.get(name) for name in names]


def _members(payload: Payload) -> list[Any]:
    people = payload.get("user_ids")
    people = sorted(map(str, people)) if isinstance(people, list) else None
    place = [payload.get("chat_id") or 0, payload.get("thread_id") or 0]
    return [*place, people, payload.get("created_at")]


def _links(payload: Payload) -> list[Any]:
    return [payload.get("message_id"), _digest(payload.get("links"))]


def _submission(payload: Payload) -> list[Any]:
    # A form may be submitted twice, so without an id the time of submission is part of the key.
    if submit_id := payload.get("submit_id"):
        return [submit_id]
    return [_digest(payload)]


def _call(payload: Payload) -> list[Any]:
    return [payload.get("video_room_id"), payload.get("recording_id") or 0]


def _whole(payload: Payload) -> list[Any]:
    return [{k: v for k, v in payload.items() if k != "webhook_timestamp"}]


IDENTITIES: dict[str, Callable[[Payload], list[Any]]] = {
    "message": _message,
    "message.link_shared": _links,
    "reaction": _fields("message_id", "user_id", "code", "name", "created_at"),
    "button": _fields("trigger_id"),
    "view": _submission,
    "chat_member": _members,
    "company_member": _members,
    "video_call": _call,
}


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return text if len(text) <= 64 else hashlib.sha256(text.encode()).hexdigest()


def is_id(value: Any) -> bool:
    """Return whether the value is an integer that fits into a 64-bit column."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
