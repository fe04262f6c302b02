"""The middleware that applies command rows to messages."""

from dataclasses import replace
from typing import Any

from bots.commands.catalog import Catalog, refusal
from bots.commands.kinds import kinds
from bots.commands.variables import fill
from bots.framework.events.types import Message
from bots.framework.filters import CommandCall, command_in
from bots.framework.filters.command import skip_invisible
from bots.framework.routing.injection import Context
from bots.framework.routing.observer import Next
from bots.models import Command
from bots.models.command import HANDLER


async def apply_command_rows(handler: Next, event: Message, context: Context) -> Any:
    """Run the action of the command's row. Without a row, or if it is off, call the handlers.

    A command that mentions another bot is ignored, so that no catch-all handles it.
    """
    text = skip_invisible(event.text)
    if not text or text[0].isalnum():  # no query for ordinary texts
        return await handler(event, context)
    catalog: Catalog = await context.need("catalog")
    called = command_in(event.text, catalog.prefixes)
    if called is not None and not await called.is_for(context):
        return None
    row = catalog.find(called.name) if called else None
    if called is None or row is None or not row.is_on:
        return await handler(event, context)
    if refused := await refusal(row, context):
        event.outbox.begin(f"command {row}", None, api=context["api"])
        return refused
    if row.action == HANDLER:
        return await _run_handler(row, called, handler, event, context)
    return await _run_action(row, called, event, context)


async def _run_handler(
    row: Command, called: CommandCall, handler: Next, event: Message, context: Context
) -> Any:
    """Call the handlers, with an alias in the row replaced by the name in the code."""
    catalog: Catalog = await context.need("catalog")
    target = row.handler or row.name
    of_code = catalog.in_code.get(target)
    if called.name in (target, *(of_code.aliases if of_code else ())):
        return await handler(event, context)
    renamed = replace(event, text=f"{called.prefix}{target} {called.args}".rstrip())
    return await handler(renamed, context.fork(event=renamed, message=renamed))


async def _run_action(row: Command, called: CommandCall, event: Message, context: Context) -> Any:
    kind = kinds().get(row.action)
    if kind is None or kind.run is None:
        raise LookupError(f"There is no action {row.action!r}: is its app still installed?")
    event.outbox.begin(f"command {row}", None, api=context["api"])
    context = context.fork(command=called, row=row)
    parameter = await fill(row.text, context)
    return await kind.run(**await kind.run.arguments(context.fork(parameter=parameter)))
