"""What happens to one update: its handler is found and run, and what it leaves is gathered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bots.answers import Ack, Answering, OpensAs, Outgoing
from bots.api import Api, ApiError
from bots.attachments import keep
from bots.context import context_of
from bots.fsm.storage import storage
from bots.models import Delivery, Update
from bots.router import OBSERVERS, UNHANDLED, root
from bots.types import Button, Event

# Which observer a kind of update belongs to; what is not named here goes by its type alone.
KINDS = {
    "message.new": "message",
    "message.update": "message_edited",
    "message.delete": "message_deleted",
    "message.link_shared": "link_shared",
}
BY_TYPE = frozenset(OBSERVERS) - {"message", "error", "update"}


class BadAnswer(TypeError):
    """A handler returned something that cannot be sent."""


@dataclass
class Outcome:
    """What handling an update came to; nothing of it is written yet.

    `handler` is the name of the handler that took it, "" when none did; `answers` are the unsaved
    deliveries in the order in which they are to go out; `writes` are to be called within the
    transaction that ends the update. `errors` are for the form that was submitted, by the names of
    its blocks. `goes_on` tells that the handler has lazy parts, which `go_on` runs.
    """

    handler: str = ""
    answers: list[Delivery] = field(default_factory=list)
    writes: list[Callable[[], None]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    goes_on: bool = False


async def run(update: Update, **given: Any) -> Outcome:
    """Run the update's handler; whatever that raises and no error handler takes is raised.

    What is `given` takes the place of what handlers would find under the same names.
    """
    return await _fed(update, **given)


async def go_on(update: Update, handler: str) -> Outcome:
    """Run the lazy parts of the handler, by the name that its outcome had."""
    return await _fed(update, going_on=handler)


async def _fed(update: Update, **more: Any) -> Outcome:
    name = observer_of(update.kind)
    event = OBSERVERS[name].read(update.payload)
    context = context_of(update, name, event).fork(**more)
    returned = await root.feed(name, event, context)
    if returned is UNHANDLED:
        return Outcome()
    take(event, returned)
    if isinstance(event, Button) and event.outbox.form is not None:
        await _open_form(event, context["api"], event.outbox.form)
    if not any(_needs_thread(call, event) for call in event.outbox.calls):
        return _gathered(update, event)
    return await sync_to_async(_gathered)(update, event)


def observer_of(kind: str) -> str:
    """Return the name of the observer that events of this kind go to."""
    by_type = kind.partition(".")[0]
    return KINDS.get(kind) or (by_type if by_type in BY_TYPE else "update")


def take(event: Event, returned: Any) -> None:
    """Put what a handler returned behind what it has left already; raises BadAnswer.

    Texts are answers, a form is opened for whoever pressed the button. The calls that the methods
    of an event return are there already.
    """
    if isinstance(returned, str | Promise):
        event.answer(str(returned))
    elif isinstance(returned, list | tuple):
        for one in returned:
            take(event, one)
    elif hasattr(returned, "as_view") and isinstance(event, Button):
        event.open_form(returned)
    elif returned is not None and not isinstance(returned, Outgoing | Ack):
        raise BadAnswer(
            f"{event.outbox.handler} returned {type(returned).__name__}: not an answer."
        )


async def _open_form(button: Button, api: Api, form: OpensAs) -> None:
    """Open the form, if the press was not too long ago."""
    view = await sync_to_async(form.as_view)()
    trigger = {"type": "modal", "trigger_id": button.trigger_id}
    response = await api.call("open_view", {**trigger, **view})
    if response.status == 410:
        button.outbox.clear()
        button.answer(_("That took too long. Please press the button again."))
    elif not response.ok:
        raise ApiError("open_view", response)


def _gathered(update: Update, event: Event) -> Outcome:
    outbox = event.outbox
    return Outcome(
        outbox.handler,
        _deliveries(update, event),
        [
            partial(storage().save, key, record)
            for key, record in outbox.memory.items()
            if record.is_changed
        ],
        outbox.ack.errors if outbox.ack else {},
        outbox.goes_on,
    )


def _deliveries(update: Update, event: Event) -> list[Delivery]:
    known = _known_chats(update, event)
    return [
        Delivery(
            bot=update.bot,
            update=update,
            chat=known.get(call.payload.get("id", event.about), call.chat)
            if call.chat == f"chat:{event.chat_id}"
            else call.chat,
            method=call.method,
            payload=_with_files(call),
        )
        for call in event.outbox.calls
    ]


def _needs_thread(call: Outgoing, event: Event) -> bool:
    """Whether files are to be kept, or the database knows better which chat it is."""
    return bool(call.files) or call.chat == f"chat:{event.chat_id}"


def _known_chats(update: Update, event: Event) -> dict[int, str]:
    """Return under which names the chats of the bot's own messages were written to.

    A press or a form does not tell whether its chat is a private one, and calls to one chat must
    keep their order.
    """
    here = [call for call in event.outbox.calls if call.chat == f"chat:{event.chat_id}"]
    ids = {call.payload.get("id", event.about) for call in here} - {0}
    if not ids:
        return {}
    sent = Delivery.objects.filter(bot=update.bot, message_id__in=ids, method="create_message")
    return {number: chat for number, chat in sent.values_list("message_id", "chat") if number}


def _with_files(call: Outgoing) -> dict[str, Any]:
    """Return the payload with its files in the storage, where they wait until the call leaves."""
    if not call.files:
        return call.payload
    files = [keep(it.source, it.name, it.file_type, **it.details) for it in call.files]
    return {**call.payload, "message": {**call.payload["message"], "files": files}}


def private(update: Update, user_id: int, text: str) -> Delivery:
    """Return the unsaved delivery that says the text to the person in the private chat."""
    call = Answering.tell(Event(), user_id, text)
    return Delivery(
        bot=update.bot, update=update, chat=call.chat, method=call.method, payload=call.payload
    )
