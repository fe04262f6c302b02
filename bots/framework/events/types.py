"""The types of events, parsed from the JSON of updates.

Parsing is lenient: an event must not be lost because Pachca adds or omits a field.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bots.framework.events.base import CHAT, THREAD, Placed
from bots.framework.events.base import Chat as Chat
from bots.framework.events.base import Event as Event
from bots.framework.events.base import Thread as Thread
from bots.framework.events.identity import Payload
from bots.framework.events.outbox import Ack, OpensAs, Outgoing
from bots.framework.events.parsing import (
    read_id,
    read_ids,
    read_moment,
    read_name,
    read_number,
    read_text,
)
from bots.framework.events.places import Place
from core.storable import storable
from core.text.visibility import is_blank


@dataclass(kw_only=True)
class Message(Placed):
    """A message: new, edited (at `changed_at`) or deleted."""

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
        """The text, by Pachca's name for it."""
        return self.text

    @property
    def about(self) -> int:
        """The id of the message."""
        return self.id


@dataclass(kw_only=True)
class Reaction(Event):
    """A reaction that was added (`event` is "new") or removed ("delete")."""

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
        """Whether the reaction was removed."""
        return self.event == "delete"

    @property
    def about(self) -> int:
        """The id of the message that the reaction belongs to."""
        return self.message_id


@dataclass(kw_only=True)
class Button(Event):
    """A press of a button. Methods such as `edit` act on the message of the button."""

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
        """The id of the message with the button."""
        return self.message_id

    def open_form(self, form: OpensAs) -> None:
        """Open a form for the person who pressed the button, after the handler has succeeded.

        Pachca allows one form, within 3 seconds of the press.
        """
        self.outbox.form = form


@dataclass(kw_only=True)
class View(Event):
    """A submitted form; `data` contains the values by names of blocks."""

    callback_id: str = ""
    private_metadata: str = ""
    view_id: str = ""
    submit_id: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    # The names of all blocks, where the form's class is known.
    blocks: frozenset[str] = field(default=frozenset(), compare=False)

    @classmethod
    def _fields(cls, payload: Payload) -> dict[str, Any]:
        names = ("callback_id", "private_metadata", "view_id", "submit_id")
        data = payload.get("data")
        return {name: read_text(payload.get(name)) for name in names} | {
            "data": storable(data) if isinstance(data, dict) else {}
        }

    def ack(self, errors: dict[str, str] | None = None) -> Ack:
        """Close the form, or show errors by names of blocks.

        Pachca does not show empty errors and errors of unknown blocks. These are reported to
        developers and shown at another block.
        """
        texts = {k: "" if it is None else str(it) for k, it in (errors or {}).items()}
        self.outbox.ack = Ack(self._visible_errors(texts))
        return self.outbox.ack

    def _visible_errors(self, errors: dict[str, str]) -> dict[str, str]:
        known = self.blocks or self.data.keys()
        shown: dict[str, str] = {}
        for name, text in errors.items():
            if is_blank(text):
                self.outbox.problems.append(f"The error of the block {name!r} is empty.")
                text = _("Please check this field.")
            if known and name not in known:
                problem = f"The form has no block {name!r}; it has {', '.join(sorted(known))}."
                self.outbox.problems.append(problem)
                # Empty fields may be missing in `data`, so the name may be right.
                shown |= {} if self.blocks else {name: text}
                name = next(iter(self.data or self.blocks))
            shown[name] = "\n".join(dict.fromkeys(filter(None, [shown.get(name), text])))
        return shown


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
        """The chat or thread whose members have changed."""
        return Chat(self.chat_id, THREAD if self.thread_id else CHAT)

    @property
    def here(self) -> Place | None:
        """The chat or thread whose members have changed."""
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
    """A link in a message; `skip` is set if the author has turned off its preview."""

    url: str
    domain: str = ""
    skip: bool = False


@dataclass(kw_only=True)
class LinkShared(Placed):
    """A message with links of domains that the bot unfurls."""

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
        """The id of the message with the links."""
        return self.message_id

    def unfurl(self, previews: dict[str, dict[str, Any]]) -> Outgoing:
        """Set previews by URL, each with `title`, `description` and optionally `image_url`."""
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
        """The Pachca id of the owner of the call."""
        return self.owner_id


@dataclass(kw_only=True)
class Failure(Event):
    """The event of error handlers: the exception, and the event whose handler failed."""

    exception: Exception
    cause: Event

    @property
    def chat(self) -> Chat:
        """The chat of the event whose handler failed."""
        return self.cause.chat

    @property
    def writer_id(self) -> int:
        """The person who caused the event whose handler failed."""
        return self.cause.writer_id

    @property
    def here(self) -> Place | None:
        """The place of the event whose handler failed."""
        return self.cause.here

    @property
    def about(self) -> int:
        """The message of the event whose handler failed."""
        return self.cause.about
