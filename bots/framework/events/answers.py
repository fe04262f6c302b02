"""The methods by which handlers answer events."""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, Protocol, Self

from bots.framework.api.files import Source
from bots.framework.events.errors import NobodyToAnswer, NoMessage
from bots.framework.events.outbox import Attachment, Json, Outbox, Outgoing
from bots.framework.events.places import THREAD_OF, Place, private


class Buttons(Protocol):
    """A builder of buttons, such as Keyboard."""

    def as_buttons(self) -> list[list[Json]]:
        """Return the rows of buttons as JSON."""


def rows_of(buttons: "Buttons | Iterable[Iterable[Json]]") -> list[list[Json]]:
    """Return the rows of a keyboard or of an iterable of rows."""
    as_buttons: Callable[[], list[list[Json]]] | None = getattr(buttons, "as_buttons", None)
    return as_buttons() if as_buttons else [list(row) for row in buttons]  # type: ignore[union-attr]


class Answering:
    """The methods of an event. Each queues a call, which is made after the handler has succeeded.

    They can be called with or without `await`. Calls to one chat are made in order. Methods that
    send messages accept `buttons` (a keyboard or rows of buttons) and further fields of Pachca's
    message. They raise BadAnswer for a call that Pachca would reject.
    """

    outbox: Outbox
    other_message: int = 0

    @property
    def writer_id(self) -> int:
        """The Pachca id of the person who is answered, 0 if there is none."""
        return 0

    @property
    def here(self) -> Place | None:
        """The chat or thread in which the event happened."""
        return None

    @property
    def about(self) -> int:
        """The id of the message that the event is about, 0 if there is none."""
        return 0

    def answer(self, text: str = "", *, here: bool | None = None, **message: Any) -> Outgoing:
        """Send a message to the author of the event: privately, or `here`, in the same chat.

        `here` is None for the default of the handler or bot. Raises NobodyToAnswer.
        """
        return self._send(self._place(self.outbox.here if here is None else here), text, message)

    def answer_here(self, text: str = "", **message: Any) -> Outgoing:
        """Send a message to the chat or thread in which the event happened."""
        return self.answer(text, here=True, **message)

    def reply(self, text: str = "", **message: Any) -> Outgoing:
        """Reply to the message in the same chat. Raises NoMessage."""
        return self.answer(text, here=True, parent_message_id=self._about(), **message)

    def reply_in_thread(self, text: str = "", **message: Any) -> Outgoing:
        """Send a message to the thread under the message; create the thread if needed."""
        here = self.here
        in_thread = here is not None and here.entity_type == "thread"
        place = here if in_thread and here else Place(THREAD_OF, self._about())
        return self._send(place, text, message)

    def tell(self, user_id: int, text: str = "", **message: Any) -> Outgoing:
        """Send a private message to any person, by Pachca id."""
        return self._send(private(user_id), text, message)

    def post(self, chat_id: int, text: str = "", **message: Any) -> Outgoing:
        """Send a message to any chat."""
        return self._send(Place("discussion", chat_id), text, message)

    def answer_file(
        self, source: Source, text: str = "", *, name: str = "", **message: Any
    ) -> Outgoing:
        """Send a file: a path, bytes (which require `name`), a Django File or an InputFile.

        It is copied to Django's storage and uploaded when the message is sent.
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
        """Send a voice message.

        Its duration in milliseconds and its waveform, up to 256 characters such as "4,8,12", are
        measured unless they are given.
        """
        known = duration_ms and waveform
        details = {"duration_ms": duration_ms, "waveform": waveform} if known else {}
        return self.answer(files=[Attachment(source, name, "voice", details)], **message)

    def react(self, code: str, name: str = "") -> Outgoing:
        """Add a reaction to the message: an emoji, or a custom reaction by its code and name."""
        return self._do("add_reaction", {"code": code, **({"name": name} if name else {})})

    def unreact(self, code: str, name: str = "") -> Outgoing:
        """Remove the bot's reaction."""
        return self._do("remove_reaction", {"code": code, **({"name": name} if name else {})})

    def edit(self, text: str | None = None, **message: Any) -> Outgoing:
        """Edit the message. Only the bot's own messages can be edited, such as that of a button."""
        changes = {} if text is None else {"content": text}
        return self._do("update_message", {"message": {**changes, **_ready(message)}})

    def delete(self) -> Outgoing:
        """Delete the message."""
        return self._do("delete_message", {})

    def pin(self) -> Outgoing:
        """Pin the message in its chat."""
        return self._do("pin_message", {})

    def unpin(self) -> Outgoing:
        """Unpin the message."""
        return self._do("unpin_message", {})

    def _do(self, method: str, payload: Json) -> Outgoing:
        place = self.here or self._place(here=False)
        return self.outbox.put(Outgoing(method, {"id": self._about(), **payload}, place.chat))

    def _send(self, place: Place, text: str, message: Json) -> Outgoing:
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
        """Return a copy of the event for another message in its chat, for example to edit it."""
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
