"""The built-in actions of commands, and `/help`."""

from asgiref.sync import sync_to_async
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.commands import command_action
from bots.commands.catalog import Listed
from bots.commands.forms import CALLBACK, OpenForm, RowForm
from bots.commands.forms import clean as clean_form
from bots.commands.variables import VARIABLES, find_unknown
from bots.framework.events.types import Button, Message, View
from bots.framework.routing.router import Command as Named
from bots.framework.routing.router import Router
from bots.models import Bot, Command

router = Router("commands")


def clean_text(row: Command) -> None:
    """Raise ValidationError if the text contains an unknown variable."""
    if unknown := find_unknown(row.text):
        known = ", ".join(f"{{{name}}}" for name in VARIABLES)
        message = _("There is no variable {%(name)s}. Available variables: %(known)s.")
        raise ValidationError({"text": message % {"name": unknown[0], "known": known}})


@command_action("text", gettext_lazy("Reply with a text"), gettext_lazy("Text"), clean_text)
async def say(parameter: str) -> str:
    return parameter


@command_action("form", gettext_lazy("Show a form"), check=clean_form)
async def offer(row: Command, message: Message, parameter: str) -> None:
    form = RowForm(row)
    message.answer(parameter or str(form.laid_out.get("title", "")), buttons=form.offer())


@router.button(OpenForm.filter())
async def open_form(button: Button, callback_data: OpenForm, bot: Bot) -> str | None:
    row = await _form_of(bot, callback_data.command)
    if row is None:
        return _("This form no longer exists.")
    button.open_form(RowForm(row))
    return None


async def _is_of_command(view: View) -> bool:
    return view.callback_id.startswith(CALLBACK)


@router.view(_is_of_command)
async def filled_in(view: View, bot: Bot) -> str:
    number = view.callback_id.removeprefix(CALLBACK)
    row = await _form_of(bot, int(number)) if number.isdecimal() else None
    if row is None or not isinstance(row.form, dict):
        return _("This form no longer exists.")
    view.post(row.form["send_to"], RowForm(row).format_answers(view.data, view.user_id))
    return str(row.form.get("thanks") or _("Sent. Thank you!"))


async def _form_of(bot: Bot, pk: int) -> Command | None:
    rows = Command.objects.on().filter(bot=bot, action="form", pk=pk)
    return await sync_to_async(rows.first)()


@router.message(Named("help", gettext_lazy("List what I can do"), aliases=["помощь"]))
async def help_(commands: list[Listed]) -> str:
    return list_commands(_("This is what I can do:"), commands)


def list_commands(greeting: str, commands: list[Listed]) -> str:
    lines = [f"* `/{it.name}` — {it.description}" for it in commands]
    return "\n".join([greeting, "", *lines])
