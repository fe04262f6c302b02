"""What happens to one update: its handler is found and run, and its answers are gathered."""

from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async

from bots.api import Api
from bots.models import Command, Delivery, Update
from bots.router import Context, root
from bots.types import Message


@dataclass
class Outcome:
    """What handling an update came to; nothing of it is written yet.

    `handler` is the name of the handler that took it, "" when none did; `answers` are the unsaved
    deliveries in the order in which they are to go out.
    """

    handler: str = ""
    answers: list[Delivery] = field(default_factory=list)


async def run(update: Update) -> Outcome:
    """Run the update's handler; whatever that raises is raised."""
    if update.kind != "message.new":
        return Outcome()
    message = Message.read(update.payload)
    found = root.find(message, await sync_to_async(_context)(update, message))
    if found is None:
        return Outcome()
    handler, context = found
    returned = await handler(context)
    return Outcome(handler.name, _answers(update, message, returned))


def _context(update: Update, message: Message) -> Context:
    off = Command.objects.filter(bot=update.bot, is_on=False).values_list("name", flat=True)
    return {
        "update": update,
        "bot": update.bot,
        "api": Api(update.bot),
        "message": message,
        "switched_off": frozenset(off),
    }


def _answers(update: Update, message: Message, returned: Any) -> list[Delivery]:
    texts = [returned] if isinstance(returned, str) else list(returned or ())
    return [private(update, message.user_id, text) for text in [*message.answers, *texts]]


def private(update: Update, user_id: int, text: str) -> Delivery:
    """Return the unsaved delivery that says the text to the person in the private chat."""
    address = {"entity_type": "user", "entity_id": user_id}
    return Delivery(
        bot=update.bot,
        update=update,
        chat=f"user:{user_id}",
        method="create_message",
        payload={"message": {**address, "content": text}},
    )
