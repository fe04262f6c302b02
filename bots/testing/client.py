"""Writing to a bot as people do, and seeing at once what it answers."""

import datetime
import hashlib
import hmac
import json
import time
import uuid
from typing import Any, Self

import time_machine
from django.db.models import Min
from django.utils import timezone

from bots import deliver, dispatch, inbox, inline
from bots.api.connection import run
from bots.fsm.storage import Key, storage
from bots.jobs import State
from bots.models import Bot, Delivery, PachcaAccount, Update
from bots.testing.pachca import Chat, Json, Pachca, Sent

# However many updates one event may lead to (lazy parts); more is a loop.
MOST_ROUNDS = 20


class HandlerFailed(AssertionError):
    """A handler raised; the message is its traceback."""


class Answers(list[Sent]):
    """What the bot said, in order: new messages, and those that it edited."""

    @property
    def text(self) -> str:
        """All that was said, a line apart."""
        return "\n".join(message.text for message in self)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self]

    @property
    def last(self) -> Sent:
        if not self:
            raise AssertionError("The bot said nothing.")
        return self[-1]


class Person:
    """Somebody who writes to the bot. Without a `chat`, it happens in their private one."""

    def __init__(self, client: "BotClient", user_id: int, name: str) -> None:
        self.client, self.id, self.name = client, user_id, name
        self.form: Json | None = None
        self.errors: dict[str, str] = {}

    @property
    def private(self) -> Chat:
        return self.client.pachca.private(self.id)

    def is_linked_to(self, user: Any) -> Self:
        """Let the account be that of a person of this installation."""
        sandbox = self.client.bot.in_sandbox
        PachcaAccount.objects.link(user, self.id, in_sandbox=sandbox)
        return self

    def send(self, text: str, chat: Chat | None = None, reply_to: Sent | None = None) -> Answers:
        """Write a message."""
        chat = chat or self.private
        parent_id = reply_to.id if reply_to else None
        message = self.client.pachca.post(chat, self.id, text=text, parent_id=parent_id)
        self.client.last_sent = message
        return self._message("new", message)

    def edit(self, text: str, message: Sent | None = None) -> Answers:
        """Change a message of one's own, by default the last one."""
        message = self._own(message)
        message.text = text
        return self._message("update", message, changed_at=_now())

    def delete(self, message: Sent | None = None) -> Answers:
        message = self._own(message)
        message.is_deleted = True
        return self._message("delete", message)

    def share(self, *urls: str, chat: Chat | None = None) -> Answers:
        """Write links whose domains the bot unfurls."""
        message = self.client.pachca.post(chat or self.private, self.id, text=" ".join(urls))
        links = [{"url": url, "domain": url.split("/")[2], "skip": False} for url in urls]
        about = {"message_id": message.id, "links": links, **self._place(message.chat)}
        return self._happens("message", "link_shared", **about)

    def react(self, code: str, message: Sent | None = None) -> Answers:
        """React to a message, by default the last one that the bot said."""
        return self._reaction("new", code, message)

    def unreact(self, code: str, message: Sent | None = None) -> Answers:
        return self._reaction("delete", code, message)

    def press(self, text: str, message: Sent | None = None) -> Answers:
        """Press the button with this text, on the last message that has it."""
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
        """Submit the form that is open, with these values; what is wrong is in `errors` then."""
        if self.form is None:
            raise AssertionError("No form is open.")
        data = _filled(self.form["view"]["blocks"], values)
        names = ("callback_id", "private_metadata", "chat_id")
        about = {name: self.form.get(name) for name in names}
        submitted = {"view_id": "view", "submit_id": str(uuid.uuid4()), "data": data}
        answers = self._happens("view", "submit", **about, **submitted)
        self.errors = self.client.errors
        if not self.errors:
            self.form = None
        return answers

    def join(self, chat: Chat) -> Answers:
        return self._happens("chat_member", "add", chat_id=chat.id, user_ids=[self.id])

    def leave(self, chat: Chat) -> Answers:
        return self._happens("chat_member", "remove", chat_id=chat.id, user_ids=[self.id])

    def state(self) -> str | None:
        """Return the name of the state that the conversation with this person is in."""
        return storage().load(Key(self.client.bot.pk, f"user:{self.id}")).state

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
            raise AssertionError("Nothing was sent yet.")
        return message

    def _button(self, text: str, message: Sent | None) -> tuple[Sent, Json]:
        seen = [message] if message else reversed(list(self.client.pachca.messages.values()))
        for one in seen:
            for button in (it for row in one.buttons for it in row if not one.is_deleted):
                if button["text"] == text and "data" in button:
                    return one, button
        raise AssertionError(f"There is no button {text!r}.")


class BotClient(Person):
    """A bot, a Pachca in memory, and a first person; `person(name)` and `chat(name)` make more.

    Everything happens inline: when `send` returns, the handler has run, its lazy parts too, and
    its answers have arrived. A handler that raises makes the test fail, unless `fails_quietly`.
    """

    fails_quietly = False

    def __init__(self, bot: Bot, pachca: Pachca) -> None:
        self.bot, self.pachca = bot, pachca
        self.last_sent: Sent | None = None
        self._travels: list[time_machine.travel] = []
        super().__init__(self, 0, "")
        first = self.person("Ann")
        self.id, self.name = first.id, first.name

    def person(self, name: str) -> Person:
        user_id = next(self.pachca.ids)
        first, _, last = name.partition(" ")
        self.pachca.people[user_id] = {"id": user_id, "first_name": first, "last_name": last}
        return Person(self, user_id, name)

    def chat(self, name: str) -> Chat:
        return self.pachca.chat(name)

    def thread(self, of: Sent) -> Chat:
        return self.pachca.thread(of)

    @property
    def last_said(self) -> Sent:
        return Answers(self.pachca.said).last

    def happens(self, payload: Json) -> Answers:
        """Let Pachca tell the bot of anything; `payload` is the webhook's JSON."""
        said = len(self.pachca.said)
        body = json.dumps({**payload, "webhook_timestamp": int(time.time())}).encode()
        signature = hmac.new(self.bot.signing_secret.encode(), body, hashlib.sha256).hexdigest()
        (receipt,) = inbox.take([inbox.Post(self.bot.slug, body, signature)])
        if isinstance(receipt, inbox.Refused):
            raise receipt
        is_inline = receipt.update.state == State.WORKING
        self.errors = run(inline.handle(receipt.update.pk)) if is_inline else {}
        self.settle()
        return Answers(self.pachca.said[said:])

    def settle(self) -> None:
        """Do everything that is due: updates, lazy parts, deliveries."""
        for _ in range(MOST_ROUNDS):
            due = [*self._due(Update), *self._due(Delivery)]
            for pk in self._due(Update).values_list("pk", flat=True):
                run(dispatch.handle(pk))
            self._check()
            chats = self._due(Delivery).values_list("chat").annotate(Min("pk"))
            for chat, _first in chats.order_by("pk__min"):
                run(deliver.deliver(self.bot.pk, chat))
            if not due:
                return
        raise AssertionError("The bot goes on and on.")

    def wait(self, **time: float) -> Answers:
        """Let time pass, such as `wait(hours=3)`, and see what becomes due meanwhile."""
        said = len(self.pachca.said)
        traveller = time_machine.travel(timezone.now() + datetime.timedelta(**time))
        traveller.start()
        self._travels.append(traveller)
        self.settle()
        return Answers(self.pachca.said[said:])

    def close(self) -> None:
        """Come back to the present."""
        while self._travels:
            self._travels.pop().stop()

    def _due(self, model: Any) -> Any:
        return model.objects.claimable().filter(bot=self.bot)

    def _check(self) -> None:
        failed = Update.objects.filter(bot=self.bot).exclude(error="").order_by("-pk").first()
        if failed is not None and not self.fails_quietly:
            raise HandlerFailed(failed.error)


def _filled(blocks: list[Json], values: dict[str, Any]) -> Json:
    """Return the data of the form: what was filled in, and else what was there from the start."""
    fields = {block["name"]: block for block in blocks if "name" in block}
    if unknown := values.keys() - fields.keys():
        raise AssertionError(f"The form has no {', '.join(unknown)}, but {', '.join(fields)}.")
    return {
        name: _entered(values[name]) if name in values else _initial(block)
        for name, block in fields.items()
    }


def _entered(value: Any) -> Any:
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
