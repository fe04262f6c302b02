"""A client that sends messages to a bot and returns its replies."""

import datetime
import uuid
from typing import Any, Protocol, Self

import time_machine
from django.utils import timezone

from bots.testing.pachca import Chat, Json, Pachca, Sent


class HandlerFailed(AssertionError):
    """A handler raised an exception; the message is its traceback."""


class CallRefused(AssertionError):
    """Pachca would reject a reply of the bot; the message says why."""


class Backend(Protocol):
    """The part between Pachca and the handlers, which stores updates and runs due jobs."""

    bot: Any

    def receive(self, payload: Json) -> dict[str, str]:
        """Store the JSON of a webhook. Return the errors of a submitted form by blocks."""

    def settle(self, fails_quietly: bool) -> None:
        """Run all due jobs.

        Raises HandlerFailed and CallRefused, unless it `fails_quietly`.
        """

    def state_of(self, user_id: int) -> str | None:
        """Return the name of the state of the conversation with the person."""

    def link(self, user: Any, user_id: int) -> None:
        """Link the Pachca account to a user of this installation."""


class Answers(list[Sent]):
    """The messages that the bot has sent or edited, in order."""

    @property
    def text(self) -> str:
        """The texts of all messages, joined by line breaks."""
        return "\n".join(message.text for message in self)

    @property
    def texts(self) -> list[str]:
        """The texts of the messages."""
        return [message.text for message in self]

    @property
    def last(self) -> Sent:
        """The last message. Raises AssertionError if there is none."""
        if not self:
            raise AssertionError("The bot has not replied.")
        return self[-1]


class Person:
    """A person who uses the bot. The default chat is their private one."""

    def __init__(self, client: "BotClient", user_id: int, name: str) -> None:
        self.client, self.id, self.name = client, user_id, name
        self.form: Json | None = None
        self.errors: dict[str, str] = {}

    @property
    def private(self) -> Chat:
        """The private chat of this person and the bot."""
        return self.client.pachca.private(self.id)

    def is_linked_to(self, user: Any) -> Self:
        """Link the Pachca account to a user of this installation."""
        self.client.backend.link(user, self.id)
        return self

    def send(self, text: str, chat: Chat | None = None, reply_to: Sent | None = None) -> Answers:
        """Send a message and return the replies."""
        chat = chat or self.private
        parent_id = reply_to.id if reply_to else None
        message = self.client.pachca.post(chat, self.id, text=text, parent_id=parent_id)
        self.client.last_sent = message
        return self._message("new", message)

    def edit(self, text: str, message: Sent | None = None) -> Answers:
        """Edit an own message, by default the last one."""
        message = self._own(message)
        message.text = text
        return self._message("update", message, changed_at=_now())

    def delete(self, message: Sent | None = None) -> Answers:
        """Delete an own message, by default the last one."""
        message = self._own(message)
        message.is_deleted = True
        return self._message("delete", message)

    def share(self, *urls: str, chat: Chat | None = None) -> Answers:
        """Send links of domains that the bot unfurls."""
        message = self.client.pachca.post(chat or self.private, self.id, text=" ".join(urls))
        links = [{"url": url, "domain": url.split("/")[2], "skip": False} for url in urls]
        about = {"message_id": message.id, "links": links, **self._place(message.chat)}
        return self._happens("message", "link_shared", **about)

    def react(self, code: str, message: Sent | None = None) -> Answers:
        """Add a reaction to a message, by default to the bot's last one."""
        return self._reaction("new", code, message)

    def unreact(self, code: str, message: Sent | None = None) -> Answers:
        """Remove a reaction from a message, by default from the bot's last one."""
        return self._reaction("delete", code, message)

    def press(self, text: str, message: Sent | None = None) -> Answers:
        """Press the button with this text, by default on the last message that has one."""
        message, button = self._button(text, message)
        opened = len(self.client.pachca.opened)
        answers = self._happens(
            "button",
            "click",
            message_id=message.id,
            trigger_id=str(uuid.uuid4()),
            data=button["data"],
            chat_id=message.chat.id,
        )
        if len(self.client.pachca.opened) > opened:
            self.form = {**self.client.pachca.opened[-1], "chat_id": message.chat.id}
        return answers

    def fill(self, **values: Any) -> Answers:
        """Submit the open form with these values; `errors` contains the errors."""
        if self.form is None:
            raise AssertionError("No form is open.")
        data = _fill(self.form["view"]["blocks"], values)
        names = ("callback_id", "private_metadata", "chat_id")
        about = {name: self.form.get(name) for name in names}
        submitted = {"view_id": "view", "submit_id": str(uuid.uuid4()), "data": data}
        answers = self._happens("view", "submit", **about, **submitted)
        self.errors = self.client.errors
        if not self.errors:
            self.form = None
        return answers

    def join(self, chat: Chat) -> Answers:
        """Join a chat."""
        return self._happens("chat_member", "add", chat_id=chat.id, user_ids=[self.id])

    def leave(self, chat: Chat) -> Answers:
        """Leave a chat."""
        return self._happens("chat_member", "remove", chat_id=chat.id, user_ids=[self.id])

    def state(self) -> str | None:
        """Return the name of the state of the conversation with this person."""
        return self.client.backend.state_of(self.id)

    def _reaction(self, event: str, code: str, message: Sent | None) -> Answers:
        message = message or self.client.last_said
        about = {"chat_id": message.chat.id, "message_id": message.id}
        return self._happens("reaction", event, code=code, name=code, **about)

    def _message(self, event: str, message: Sent, **more: Any) -> Answers:
        about = {"id": message.id, "content": message.text, **self._place(message.chat)}
        parent = {"parent_message_id": message.parent_id}
        return self._happens("message", event, **about, **parent, **more)

    def _place(self, chat: Chat) -> Json:
        if chat.kind == "private":
            return {"entity_type": "user", "entity_id": self.client.bot.pk, "chat_id": chat.id}
        if chat.parent is not None:
            parent = {"message_id": chat.parent.id, "message_chat_id": chat.parent.chat.id}
            place = {"entity_type": "thread", "entity_id": chat.thread_id, "thread": parent}
            return {**place, "chat_id": chat.id}
        return {"entity_type": "discussion", "entity_id": chat.id, "chat_id": chat.id}

    def _happens(self, kind: str, event: str, **fields: Any) -> Answers:
        moment = {"user_id": self.id, "created_at": _now()}
        return self.client.happens({"type": kind, "event": event, **moment, **fields})

    def _own(self, message: Sent | None) -> Sent:
        if message is None:
            message = self.client.last_sent
        if message is None:
            raise AssertionError("No message has been sent yet.")
        return message

    def _button(self, text: str, message: Sent | None) -> tuple[Sent, Json]:
        seen = [message] if message else reversed(list(self.client.pachca.messages.values()))
        for one in seen:
            for button in (it for row in one.buttons for it in row if not one.is_deleted):
                if button["text"] == text and "data" in button:
                    return one, button
        raise AssertionError(f"There is no button {text!r}.")


class BotClient(Person):
    """A bot, an in-memory Pachca, and a first person. `person(name)` and `chat(name)` create more.

    When `send` returns, the handler and its lazy parts have run and the replies have arrived. An
    exception in a handler and a reply that Pachca would reject make the test fail, unless
    `fails_quietly` is set.
    """

    fails_quietly = False

    def __init__(self, backend: Backend, pachca: Pachca) -> None:
        self.backend, self.bot, self.pachca = backend, backend.bot, pachca
        self.last_sent: Sent | None = None
        self._travels: list[time_machine.travel] = []
        super().__init__(self, 0, "")
        first = self.person("Ann")
        self.id, self.name = first.id, first.name

    def person(self, name: str) -> Person:
        """Create another person."""
        user_id = next(self.pachca.ids)
        first, _, last = name.partition(" ")
        self.pachca.people[user_id] = {"id": user_id, "first_name": first, "last_name": last}
        return Person(self, user_id, name)

    def chat(self, name: str) -> Chat:
        """Create a chat."""
        return self.pachca.chat(name)

    def thread(self, of: Sent) -> Chat:
        """Return the thread under a message; create it if there is none."""
        return self.pachca.thread(of)

    @property
    def last_said(self) -> Sent:
        """The bot's last message. Raises AssertionError if there is none."""
        return Answers(self.pachca.said).last

    def happens(self, payload: Json) -> Answers:
        """Deliver an update; `payload` is the JSON of the webhook. Return the replies."""
        said = len(self.pachca.said)
        self.errors = self.backend.receive(payload)
        self.settle()
        return Answers(self.pachca.said[said:])

    def settle(self) -> None:
        """Run all due jobs: updates, lazy parts, deliveries."""
        self.backend.settle(self.fails_quietly)

    def wait(self, **time: float) -> Answers:
        """Advance the clock, such as by `wait(hours=3)`, run due jobs and return the replies."""
        said = len(self.pachca.said)
        traveller = time_machine.travel(timezone.now() + datetime.timedelta(**time))
        traveller.start()
        self._travels.append(traveller)
        self.settle()
        return Answers(self.pachca.said[said:])

    def close(self) -> None:
        """Restore the clock."""
        while self._travels:
            self._travels.pop().stop()


def _fill(blocks: list[Json], values: dict[str, Any]) -> Json:
    """Return the data of the form: the given values, and initial values of other fields."""
    fields = {block["name"]: block for block in blocks if "name" in block}
    if unknown := values.keys() - fields.keys():
        raise AssertionError(f"The form has no {', '.join(unknown)}, but {', '.join(fields)}.")
    return {
        name: _as_sent(values[name]) if name in values else _initial(block)
        for name, block in fields.items()
    }


def _as_sent(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    return value if value is None or isinstance(value, list) else str(value)


def _initial(block: Json) -> Any:
    chosen = [
        it["value"] for it in block.get("options", ()) if it.get("selected", it.get("checked"))
    ]
    if block["type"] == "checkbox":
        return chosen
    names = ("initial_value", "initial_date", "initial_time")
    return next((block[name] for name in names if name in block), chosen[0] if chosen else None)


def _now() -> str:
    return timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
