"""What a handler leaves behind: the calls that are to be made once it has ended well."""

from collections.abc import Callable, Generator, Iterable
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from bots.api.files import Source

Json = dict[str, Any]


class NobodyToAnswer(Exception):
    """The event names no person and no chat that could be answered: use `tell` or `post`."""


class NoMessage(Exception):
    """There is no message that the event is about: nothing to reply to, to edit or to pin."""


@dataclass(frozen=True)
class Place:
    """Where a message is sent to; a `thread_of` a message is opened when it comes to that."""

    entity_type: str
    entity_id: int

    @property
    def chat(self) -> str:
        """Return what names the chat whose order is kept."""
        kind = "chat" if self.entity_type == "discussion" else self.entity_type
        return f"{kind}:{self.entity_id}"


def private(user_id: int) -> Place:
    return Place("user", user_id)


@dataclass
class Attachment:
    """A file to send: a path, bytes, a Django File, or an InputFile, such as one of the storage."""

    source: Source
    name: str = ""
    file_type: str = ""
    details: Json = field(default_factory=dict)


@dataclass(eq=False)
class Outgoing:
    """A call that is made once the handler has ended well. Awaiting it changes nothing."""

    method: str
    payload: Json
    chat: str
    files: list[Attachment] = field(default_factory=list)

    def __await__(self) -> Generator[None, None, "Outgoing"]:
        yield from ()
        return self


@dataclass(eq=False)
class Ack:
    """How Pachca is answered while the person waits: `errors` by the names of a form's blocks."""

    errors: dict[str, str] = field(default_factory=dict)

    def __await__(self) -> Generator[None, None, "Ack"]:
        yield from ()
        return self


class Buttons(Protocol):
    def as_buttons(self) -> list[list[Json]]:
        """Return the rows of buttons as Pachca takes them."""


class OpensAs(Protocol):
    def as_view(self) -> Json:
        """Return the payload of `open_view` but for the trigger."""


@dataclass(eq=False)
class Outbox:
    """Everything that handling one update leaves behind, in order; nothing of it is written yet.

    `handler` is the name of the function that took the event, and `goes_on` tells that it has lazy
    parts; `here` sends its answers to the chat of the event rather than to the person.
    """

    here: bool = False
    handler: str = ""
    calls: list[Outgoing] = field(default_factory=list)
    ack: Ack | None = None
    form: OpensAs | None = None
    goes_on: bool = False
    memory: dict[Any, Any] = field(default_factory=dict)

    def begin(self, handler: str, here: bool | None, goes_on: bool = False) -> None:
        self.handler, self.goes_on = handler, goes_on
        self.here = self.here if here is None else here

    def put(self, call: Outgoing) -> Outgoing:
        self.calls.append(call)
        return call

    def clear(self) -> None:
        """Forget what a handler that failed has left."""
        self.calls, self.ack, self.form, self.memory = [], None, None, {}
        self.goes_on = False


def rows_of(buttons: "Buttons | Iterable[Iterable[Json]]") -> list[list[Json]]:
    as_buttons: Callable[[], list[list[Json]]] | None = getattr(buttons, "as_buttons", None)
    return as_buttons() if as_buttons else [list(row) for row in buttons]  # type: ignore[union-attr]


class Answering:
    """The methods of an event: each leaves a call behind, made once the handler has ended well.

    They need no `await`, and may be awaited all the same. Calls to one chat keep their order.
    """

    outbox: Outbox
    other_message: int = 0

    @property
    def writer_id(self) -> int:
        """The person whom an answer is for; 0 when there is none."""
        return 0

    @property
    def here(self) -> Place | None:
        """The chat or thread in which the event happened."""
        return None

    @property
    def about(self) -> int:
        """The message that the event is about; 0 when there is none."""
        return 0

    def answer(self, text: str = "", *, here: bool | None = None, **message: Any) -> Outgoing:
        """Say the text to the person whose event this is: privately, or `here`, in the same chat.

        `buttons` are a keyboard or rows of buttons; the rest goes into Pachca's message as it is
        (`link_preview`, `display_name`, …). Raises NobodyToAnswer.
        """
        return self._say(self._place(self.outbox.here if here is None else here), text, message)

    def answer_here(self, text: str = "", **message: Any) -> Outgoing:
        """Say the text in the chat or thread where the event happened."""
        return self.answer(text, here=True, **message)

    def reply(self, text: str = "", **message: Any) -> Outgoing:
        """Answer in the same chat, quoting the message."""
        return self.answer(text, here=True, parent_message_id=self._about(), **message)

    def reply_in_thread(self, text: str = "", **message: Any) -> Outgoing:
        """Say the text in the thread under the message, which is opened if need be."""
        here = self.here
        in_thread = here is not None and here.entity_type == "thread"
        place = here if in_thread and here else Place("thread_of", self._about())
        return self._say(place, text, message)

    def tell(self, user_id: int, text: str = "", **message: Any) -> Outgoing:
        """Say the text to any person, privately."""
        return self._say(private(user_id), text, message)

    def post(self, chat_id: int, text: str = "", **message: Any) -> Outgoing:
        """Say the text in any chat."""
        return self._say(Place("discussion", chat_id), text, message)

    def answer_file(
        self, source: Source, text: str = "", *, name: str = "", **message: Any
    ) -> Outgoing:
        """Send a file: a path, bytes (with a name), a Django File, `InputFile.stored(name)`.

        It is copied into Django's storage, and uploaded when the answer leaves.
        """
        return self.answer(text, files=[Attachment(source, name)], **message)

    def answer_voice(
        self,
        source: Source,
        *,
        duration_ms: int | None = None,
        waveform: str = "",
        name: str = "",
        **message: Any,
    ) -> Outgoing:
        """Send a voice message. Its length in milliseconds and its levels, up to 256 characters
        such as "4,8,12", are measured unless they are given."""
        known = duration_ms and waveform
        details = {"duration_ms": duration_ms, "waveform": waveform} if known else {}
        return self.answer(files=[Attachment(source, name, "voice", details)], **message)

    def react(self, code: str, name: str = "") -> Outgoing:
        """Add a reaction to the message: an emoji, or a custom one by its code and name."""
        return self._do("add_reaction", {"code": code, **({"name": name} if name else {})})

    def unreact(self, code: str, name: str = "") -> Outgoing:
        """Take the bot's reaction back."""
        return self._do("remove_reaction", {"code": code, **({"name": name} if name else {})})

    def edit(self, text: str | None = None, **message: Any) -> Outgoing:
        """Change the message: only one of the bot itself can be, such as the one of a button."""
        changes = {} if text is None else {"content": text}
        return self._do("update_message", {"message": {**changes, **_ready(message)}})

    def delete(self) -> Outgoing:
        """Delete the message."""
        return self._do("delete_message", {})

    def pin(self) -> Outgoing:
        """Pin the message in its chat."""
        return self._do("pin_message", {})

    def unpin(self) -> Outgoing:
        return self._do("unpin_message", {})

    def _do(self, method: str, payload: Json) -> Outgoing:
        place = self.here or self._place(here=False)
        return self.outbox.put(Outgoing(method, {"id": self._about(), **payload}, place.chat))

    def _say(self, place: Place, text: str, message: Json) -> Outgoing:
        files = message.pop("files", [])
        address: Json = {"entity_type": place.entity_type, "entity_id": place.entity_id}
        content = {"message": {**address, "content": str(text), **_ready(message)}}
        return self.outbox.put(Outgoing("create_message", content, place.chat, list(files)))

    def _place(self, here: bool) -> Place:
        place = self.here if here or not self.writer_id else private(self.writer_id)
        if place is None:
            raise NobodyToAnswer(NobodyToAnswer.__doc__)
        return place

    def at(self, message_id: int) -> Self:
        """Return the same event about another message of its chat, to edit or to pin that one."""
        other = copy(self)
        other.other_message = message_id
        return other

    def _about(self) -> int:
        if not (message := self.other_message or self.about):
            raise NoMessage(NoMessage.__doc__)
        return message


def _ready(message: Json) -> Json:
    if (buttons := message.get("buttons")) is not None:
        return {**message, "buttons": rows_of(buttons)}
    return message
