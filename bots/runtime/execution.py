"""What happens to one update: its handler is found and run, and what it leaves is gathered."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import SuspiciousFileOperation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bots.framework.api import Api, ApiError, BadParameters
from bots.framework.api.attachments import keep
from bots.framework.api.table import check
from bots.framework.events.answers import Answering
from bots.framework.events.errors import BadAnswer
from bots.framework.events.outbox import Ack, Attachment, Json, OpensAs, Outgoing, check_call
from bots.framework.events.types import Button, Event
from bots.framework.fsm.storage import storage
from bots.framework.routing.injection import Context
from bots.framework.routing.router import OBSERVERS, UNHANDLED, root
from bots.models import Delivery, Update
from bots.runtime.context import context_of
from bots.runtime.replies import transform

# Which observer a kind of update belongs to; what is not named here goes by its type alone.
KINDS = {
    "message.new": "message",
    "message.update": "message_edited",
    "message.delete": "message_deleted",
    "message.link_shared": "link_shared",
}
# What is raised for a file that cannot be sent, and never will be.
BAD_FILE_ERRORS = (
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    SuspiciousFileOperation,
    TypeError,
    ValueError,
)
BY_TYPE = frozenset(OBSERVERS) - {"message", "error", "update"}


@dataclass
class Outcome:
    """What handling an update came to; nothing of it is written yet.

    `handler` is the name of the handler that took it, "" when none did; `answers` are the unsaved
    deliveries in the order in which they are to go out; `writes` are to be called within the
    transaction that ends the update. `errors` are for the form that was submitted, by the names of
    its blocks. `has_lazy_parts` tells that some work runs later (see `run_lazy_parts`). `problems`
    are mistakes of the handler that did not keep it from being done.
    """

    handler: str = ""
    answers: list[Delivery] = field(default_factory=list)
    writes: list[Callable[[], None]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    has_lazy_parts: bool = False
    problems: list[str] = field(default_factory=list)


async def run(update: Update, **given: Any) -> Outcome:
    """Run the update's handler; whatever that raises and no error handler takes is raised.

    What is `given` takes the place of what handlers would find under the same names.
    """
    name, event, context = await _prepare(update, **given)
    returned = await root.feed(name, event, context)
    return await _gather_outcome(update, event, context, returned)


async def run_lazy_parts(update: Update) -> Outcome:
    """Run the lazy parts of the handler that the update's row names.

    Raises NoLazyParts if the code no longer has them, else as `run`.
    """
    name, event, context = await _prepare(update)
    returned = await root.run_lazy_parts(update.handler, name, event, context)
    return await _gather_outcome(update, event, context, returned)


async def _prepare(update: Update, **given: Any) -> tuple[str, Event, Context]:
    """Return the name of the observer, the event, and the context of its handlers."""
    name = observer_of(update.kind)
    event = OBSERVERS[name].read(update.payload)
    context = context_of(update, name, event).fork(**given)
    api: Api = await context.need("api")
    event.outbox.bot_api = api
    context["api"] = event.outbox.api = api.fork()
    return name, event, context


async def _gather_outcome(update: Update, event: Event, context: Context, returned: Any) -> Outcome:
    if returned is UNHANDLED:
        return Outcome()
    add_returned(event, returned)
    if isinstance(event, Button) and event.outbox.form is not None:
        await _open_form(event, context["api"], event.outbox.form)
    event.outbox.calls = await transform(event.outbox.calls)
    for call in event.outbox.calls:
        if call.transformers:  # the others were checked when they were left
            check_call(call)
    if not any(_needs_thread(call, event) for call in event.outbox.calls):
        return _build_outcome(update, event)
    return await sync_to_async(_build_outcome)(update, event)


def observer_of(kind: str) -> str:
    """Return the name of the observer for this type of event."""
    by_type = kind.partition(".")[0]
    return KINDS.get(kind) or (by_type if by_type in BY_TYPE else "update")


def add_returned(event: Event, returned: Any) -> None:
    """Queue the results of a handler after the calls that it has queued itself.

    Texts are sent as replies; a form is opened for the person who pressed the button. Calls
    returned by the methods of events are already queued. Raises BadAnswer.
    """
    if isinstance(returned, str | Promise):
        event.answer(str(returned))
    elif isinstance(returned, list | tuple):
        for one in returned:
            add_returned(event, one)
    elif hasattr(returned, "as_view") and isinstance(event, Button):
        event.open_form(returned)
    elif returned is not None and not isinstance(returned, Outgoing | Ack):
        raise BadAnswer(
            f"{event.outbox.handler} returned {type(returned).__name__}: not an answer."
        )


async def _open_form(button: Button, api: Api, form: OpensAs) -> None:
    """Open the form unless the press was too long ago."""
    view = await sync_to_async(form.as_view)()
    view = {"type": "modal", "trigger_id": button.trigger_id, **view}
    try:
        check("open_view", view)
    except BadParameters as error:
        raise BadAnswer(str(error)) from error
    response = await api.call("open_view", view)
    if response.status == 410:
        button.outbox.clear()
        button.answer(_("This took too long. Press the button again."))
    elif not response.ok:
        raise ApiError("open_view", response)


def _build_outcome(update: Update, event: Event) -> Outcome:
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
        outbox.has_lazy_parts,
        outbox.problems,
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
    """Return whether it needs the database: to store files, or to look up the chat."""
    return bool(call.files) or call.chat == f"chat:{event.chat_id}"


def _known_chats(update: Update, event: Event) -> dict[int, str]:
    """Return the names of chats in deliveries, by the ids of the bot's own messages.

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
    files = [_store_file(it) for it in call.files]
    return {**call.payload, "message": {**call.payload["message"], "files": files}}


def _store_file(file: Attachment | Json) -> Json:
    if not isinstance(file, Attachment):
        return file
    try:
        return keep(file.source, file.name, file.file_type, **file.details)
    except Exception as error:
        if not _is_bad_file(error):
            raise  # the storage's fault, as when its disk is full: another attempt may succeed
        problem = f"The file cannot be sent: {type(error).__name__}: {error}"
        raise BadAnswer(
            problem, _("A file could not be sent. The error has been logged.")
        ) from error


def _is_bad_file(error: Exception) -> bool:
    """Return whether what was given as a file is at fault: it is none, or cannot be opened."""
    is_too_long = isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
    return is_too_long or isinstance(error, BAD_FILE_ERRORS)


def private(update: Update, user_id: int, text: str) -> Delivery:
    """Return the unsaved delivery that says the text to the person in the private chat."""
    call = Answering.tell(Event(), user_id, text)
    return Delivery(
        bot=update.bot, update=update, chat=call.chat, method=call.method, payload=call.payload
    )
