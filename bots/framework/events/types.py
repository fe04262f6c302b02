"""What handlers work with, read from the raw JSON of an update.

Reading is lenient: Pachca adds fields, and one that is missing must not lose the event.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bots.answers import Ack, OpensAs, Outgoing, Place
from bots.event import CHAT, THREAD, Chat, Event, Placed, Thread
from bots.identity import Payload
from bots.reading import read_id, read_ids, read_moment, read_name, read_number, read_text, storable


@dataclass(kw_only=True)
class Message(Placed):
    """A message: new, edited (`changed_at` tells when) or deleted."""

    id: int
    text: str = ""
    parent_message_id: int | None = None
    changed_at: datetime | None = None
    url: str = ""

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        return super()._fields(payload) | {
            "id": read_id(payload.get("id")),
            "text": read_text(payload.get("content")),
            "parent_message_id": read_id(payload.get("parent_message_id")) or None,
            "changed_at": read_moment(payload.get("changed_at")),
            "url": read_text(payload.get("url")),
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
            "message_id": read_id(payload.get("message_id")),
            "code": read_text(payload.get("code")),
            "name": read_text(payload.get("name")),
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
            "message_id": read_id(payload.get("message_id")),
            "trigger_id": read_text(payload.get("trigger_id")),
            "data": read_text(payload.get("data")),
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
        return {name: read_text(payload.get(name)) for name in names} | {
            "data": storable(data) if isinstance(data, dict) else {}
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
            "thread_id": read_id(payload.get("thread_id")) or None,
            "user_ids": read_ids(payload.get("user_ids")),
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
        return {"user_ids": read_ids(payload.get("user_ids"))}


@dataclass(frozen=True)
class Link:
    url: str
    domain: str = ""
    skip: bool = False


@dataclass(kw_only=True)
class LinkShared(Placed):
    """Links of the domains that the bot unfurls were sent in a message."""

    message_id: int = 0
    links: list[Link] = field(default_factory=list)

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        given = payload.get("links")
        links = [it for it in given if isinstance(it, dict)] if isinstance(given, list) else []
        return super()._fields(payload) | {
            "message_id": read_id(payload.get("message_id")),
            "links": [
                Link(read_text(it.get("url")), read_text(it.get("domain")), it.get("skip") is True)
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
            **{name: read_name(payload.get(name)) for name in ("video_room_id", "recording_id")},
            **{name: read_name(payload.get(name)) for name in ("file_id", "url")},
            **{name: read_moment(payload.get(name)) for name in ("started_at", "finished_at")},
            **{name: read_number(payload.get(name)) for name in ("duration", "size")},
            "owner_id": read_id(payload.get("owner_id")),
            "thread": Thread.read(payload.get("thread")),
            "members": storable(given) if isinstance(given, list) else [],
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


__all__ = [
    "Button",
    "Chat",
    "ChatMember",
    "CompanyMember",
    "Event",
    "Failure",
    "Link",
    "LinkShared",
    "Message",
    "Reaction",
    "Thread",
    "VideoCall",
    "View",
]
