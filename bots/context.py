"""What a handler may name: the event, the bot, the person, the conversation, and so on."""

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings

from bots.calling import Context, Provider
from bots.commands.book import Book, Listed, book_of
from bots.fsm.context import FSMContext, PlainFSMContext
from bots.fsm.storage import Key, storage
from bots.fsm.strategy import FSMStrategy
from bots.i18n import I18n
from bots.models import PachcaAccount, Update
from bots.outgoing import api_of
from bots.scenes import Wizard
from bots.types import Event, View


def context_of(update: Update, name: str, event: Event) -> Context:
    """Return what the handlers of this update may name; `name` is the observer's."""
    event.outbox.here = update.bot.answers_here
    own = name.removesuffix("_edited").removesuffix("_deleted")
    given: dict[str, Any] = {
        own: event,
        "event": event,
        "update": update,
        "bot": update.bot,
        "api": api_of(update.bot),
        "chat": event.chat,
    }
    if isinstance(event, View):
        given["ack"] = event.ack
    return Context(given, providers=PROVIDERS)


async def _switched_off(context: Context) -> frozenset[str]:
    book: Book = await context.need("book")
    return book.switched_off


async def _commands(context: Context) -> list[Listed]:
    """Return what the person may use where they wrote."""
    book: Book = await context.need("book")
    return await book.listed(context)


async def _state(context: Context) -> FSMContext:
    event: Event = context["event"]
    whose = FSMStrategy(settings.BOTS_FSM_STRATEGY).key(event)
    key = Key(context["bot"].pk, whose)
    return FSMContext(PlainFSMContext(storage(), key, event.outbox))


async def _user(context: Context) -> Any:
    person_of = sync_to_async(PachcaAccount.objects.person_of)
    return await person_of(context["bot"], context["event"].writer_id)


async def _i18n(context: Context) -> I18n:
    return I18n(getattr(await context.need("user"), "language", "") or settings.LANGUAGE_CODE)


async def _wizard(context: Context) -> Wizard:
    return Wizard(context["event"], context, await context.need("state"))


# What costs a query, and is made when it is first named.
PROVIDERS: dict[str, Provider] = {
    "book": book_of,
    "commands": _commands,
    "switched_off": _switched_off,
    "state": _state,
    "user": _user,
    "i18n": _i18n,
    "wizard": _wizard,
}
