"""What handlers work with, read from the raw JSON of an update.

Reading is lenient: Pachca adds fields, and one that is missing must not lose the event.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from bots.answers import Ack, Answering, OpensAs, Outbox, Outgoing, Place
from bots.identity import Payload, is_id, kind_of

PRIVATE, CHAT, THREAD = "private", "chat", "thread"


@dataclass(frozen=True)
class Thread:
    """The message under which a thread was opened, and that message's chat."""

    message_id: int = 0
    message_chat_id: int = 0

    @classmethod
    def read(cls, value: Any) -> Self | None:
        if not isinstance(value, dict):
            return None
        return cls(_id(value.get("message_id")), _id(value.get("message_chat_id")))


@dataclass(frozen=True)
class Chat:
    """Where an event happened: `kind` is "private", "chat", "thread", or "" when it is not told."""

    id: int
    kind: str = ""
    thread: Thread | None = None

    @property
    def is_private(self) -> bool:
        return self.kind == PRIVATE


@dataclass(kw_only=True)
class Event(Answering):
    """Anything that Pachca tells; `raw` is the JSON as it came."""

    kind: str = ""
    event: str = ""
    chat_id: int = 0
    user_id: int = 0
    created_at: datetime | None = None
    raw: Payload = field(default_factory=dict, repr=False)
    outbox: Outbox = field(default_factory=Outbox, repr=False, compare=False)

    @classmethod
    def read(cls, payload: Payload) -> Self:
        return cls(**cls._common(payload), **cls._fields(payload))

    @classmethod
    def _common(cls, payload: Payload) -> dict[str, Any]:
        return {
            "kind": kind_of(payload),
            "event": _text(payload.get("event")),
            "chat_id": _id(payload.get("chat_id")),
            "user_id": _id(payload.get("user_id")),
            "created_at": _moment(payload.get("created_at")),
            "raw": payload,
        }

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {}

    @property
    def chat(self) -> Chat:
        return Chat(self.chat_id)

    @property
    def writer_id(self) -> int:
        return self.user_id

    @property
    def here(self) -> Place | None:
        return Place("discussion", self.chat_id) if self.chat_id else None


@dataclass(kw_only=True)
class _Placed(Event):
    """An event that tells which kind of chat it happened in."""

    entity_type: str = "discussion"
    entity_id: int | None = None
    thread: Thread | None = None

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {
            "entity_type": _text(payload.get("entity_type")) or "discussion",
            "entity_id": _id(payload.get("entity_id")) or None,
            "thread": Thread.read(payload.get("thread")),
        }

    @property
    def chat(self) -> Chat:
        kinds = {"user": PRIVATE, "discussion": CHAT, "thread": THREAD}
        return Chat(self.chat_id, kinds.get(self.entity_type, ""), self.thread)

    @property
    def here(self) -> Place | None:
        if self.entity_type == "user" and self.user_id:
            return Place("user", self.user_id)
        if self.entity_type == "thread" and self.entity_id:
            return Place("thread", self.entity_id)
        return super().here


@dataclass(kw_only=True)
class Message(_Placed):
    """A message: new, edited (`changed_at` tells when) or deleted."""

    id: int
    text: str = ""
    parent_message_id: int | None = None
    changed_at: datetime | None = None
    url: str = ""

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return super()._fields(payload) | {
            "id": _id(payload.get("id")),
            "text": _text(payload.get("content")),
            "parent_message_id": _id(payload.get("parent_message_id")) or None,
            "changed_at": _moment(payload.get("changed_at")),
            "url": _text(payload.get("url")),
        }

    @property
    def content(self) -> str:
        """The text, by Pachca's own name for it."""
        return self.text

    @property
    def about(self) -> int:
        return self.id


@dataclass(kw_only=True)
class Reaction(Event):
    """A reaction that was added (`event` is "new") or taken back ("delete")."""

    message_id: int = 0
    code: str = ""
    name: str = ""

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {
            "message_id": _id(payload.get("message_id")),
            "code": _text(payload.get("code")),
            "name": _text(payload.get("name")),
        }

    @property
    def is_removed(self) -> bool:
        return self.event == "delete"

    @property
    def about(self) -> int:
        return self.message_id


@dataclass(kw_only=True)
class Button(Event):
    """A press of a button; the methods `edit`, `delete` and so on act on the message it is at."""

    message_id: int = 0
    trigger_id: str = ""
    data: str = ""

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {
            "message_id": _id(payload.get("message_id")),
            "trigger_id": _text(payload.get("trigger_id")),
            "data": _text(payload.get("data")),
        }

    @property
    def about(self) -> int:
        return self.message_id

    def open_form(self, form: OpensAs) -> None:
        """Show the form to the person who pressed, once the handler has ended well.

        Pachca lets one form be opened within 3 seconds of the press.
        """
        self.outbox.form = form


@dataclass(kw_only=True)
class View(Event):
    """A submitted form; `data` has the values by the names of its blocks."""

    callback_id: str = ""
    private_metadata: str = ""
    view_id: str = ""
    submit_id: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        names = ("callback_id", "private_metadata", "view_id", "submit_id")
        data = payload.get("data")
        return {name: _text(payload.get(name)) for name in names} | {
            "data": data if isinstance(data, dict) else {}
        }

    def ack(self, errors: dict[str, str] | None = None) -> Ack:
        """Close the form, or show what is wrong with its blocks, by their names."""
        self.outbox.ack = Ack({name: str(text) for name, text in (errors or {}).items()})
        return self.outbox.ack


@dataclass(kw_only=True)
class ChatMember(Event):
    """People who were added to a chat or thread (`event` is "add") or removed ("remove")."""

    thread_id: int | None = None
    user_ids: list[int] = field(default_factory=list)

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {
            "thread_id": _id(payload.get("thread_id")) or None,
            "user_ids": _ids(payload.get("user_ids")),
        }

    @property
    def chat(self) -> Chat:
        return Chat(self.chat_id, THREAD if self.thread_id else CHAT)

    @property
    def here(self) -> Place | None:
        return Place("thread", self.thread_id) if self.thread_id else super().here


@dataclass(kw_only=True)
class CompanyMember(Event):
    """People of the company: `event` is invite, confirm, update, suspend, activate or delete."""

    user_ids: list[int] = field(default_factory=list)

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return {"user_ids": _ids(payload.get("user_ids"))}


@dataclass(frozen=True)
class Link:
    url: str
    domain: str = ""
    skip: bool = False


@dataclass(kw_only=True)
class LinkShared(_Placed):
    """Links of the domains that the bot unfurls were sent in a message."""

    message_id: int = 0
    links: list[Link] = field(default_factory=list)

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        given = payload.get("links")
        links = [it for it in given if isinstance(it, dict)] if isinstance(given, list) else []
        return super()._fields(payload) | {
            "message_id": _id(payload.get("message_id")),
            "links": [
                Link(_text(it.get("url")), _text(it.get("domain")), it.get("skip") is True)
                for it in links
            ],
        }

    @property
    def about(self) -> int:
        return self.message_id

    def unfurl(self, previews: dict[str, dict[str, Any]]) -> Outgoing:
        """Show previews by URL: each has a `title`, a `description`, and maybe an `image_url`."""
        return self._do("unfurl", {"link_previews": previews})


@dataclass(kw_only=True)
class VideoCall(Event):
    """A video call: `event` is started, finished or recording_ready."""

    video_room_id: str = ""
    owner_id: int = 0
    thread: Thread | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration: int | None = None
    members: list[Any] = field(default_factory=list)
    recording_id: str = ""
    file_id: str = ""
    url: str = ""
    size: int | None = None

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        given = payload.get("members")
        return {
            **{name: _name(payload.get(name)) for name in ("video_room_id", "recording_id")},
            **{name: _name(payload.get(name)) for name in ("file_id", "url")},
            **{name: _moment(payload.get(name)) for name in ("started_at", "finished_at")},
            **{name: _number(payload.get(name)) for name in ("duration", "size")},
            "owner_id": _id(payload.get("owner_id")),
            "thread": Thread.read(payload.get("thread")),
            "members": given if isinstance(given, list) else [],
        }

    @property
    def writer_id(self) -> int:
        return self.owner_id


@dataclass(kw_only=True)
class Failure(Event):
    """What an error handler is given: the exception, and the event that was being handled."""

    exception: Exception
    cause: Event

    @property
    def chat(self) -> Chat:
        return self.cause.chat

    @property
    def writer_id(self) -> int:
        return self.cause.writer_id

    @property
    def here(self) -> Place | None:
        return self.cause.here

    @property
    def about(self) -> int:
        return self.cause.about


def _id(value: Any) -> int:
    return value if is_id(value) else 0


def _ids(value: Any) -> list[int]:
    return [it for it in value if is_id(it)] if isinstance(value, list) else []


def _number(value: Any) -> int | None:
    return value if is_id(value) else None


def _text(value: Any) -> str:
    return value.replace("\0", "") if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """Return an id as text, whether it came as a number or as text."""
    return str(value) if is_id(value) else _text(value)


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
