"""Between a message and the handlers: commands that an administrator has made or restricted."""

from dataclasses import replace
from typing import Any

from bots.calling import Context
from bots.commands.book import Book, refusal
from bots.commands.kinds import kinds
from bots.commands.variables import filled
from bots.filters import CommandCall, command_in
from bots.models import Command
from bots.models.command import HANDLER
from bots.observer import Next
from bots.types import Message


async def gate(handler: Next, event: Message, context: Context) -> Any:
    """Do what the row of the command says; what has no row, or is off, is left to the handlers."""
    if not event.text.lstrip()[:1] or event.text.lstrip()[0].isalnum():
        return await handler(event, context)
    book: Book = await context.need("book")
    called = command_in(event.text, book.prefixes)
    row = book.find(called.name) if called else None
    if called is None or row is None or not row.is_on:
        return await handler(event, context)
    if refused := await refusal(row, context):
        event.outbox.begin(f"command {row}", None)
        return refused
    if row.action == HANDLER:
        return await _handled(row, called, handler, event, context)
    return await _done(row, called, event, context)


async def _handled(
    row: Command, called: CommandCall, handler: Next, event: Message, context: Context
) -> Any:
    """Hand the message on; one that names the command otherwise is given the name in the code."""
    book: Book = await context.need("book")
    target = row.handler or row.name
    of_code = book.in_code.get(target)
    if called.name in (target, *(of_code.aliases if of_code else ())):
        return await handler(event, context)
    renamed = replace(event, text=f"{called.prefix}{target} {called.args}".rstrip())
    return await handler(renamed, context.fork(event=renamed, message=renamed))


async def _done(row: Command, called: CommandCall, event: Message, context: Context) -> Any:
    kind = kinds().get(row.action)
    if kind is None or kind.run is None:
        raise LookupError(f"There is no action {row.action!r}: is its app still installed?")
    event.outbox.begin(f"command {row}", None)
    context = context.fork(command=called, row=row)
    parameter = await filled(row.text, context)
    return await kind.run(**await kind.run.arguments(context.fork(parameter=parameter)))
