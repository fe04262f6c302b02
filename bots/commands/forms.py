"""Forms that an administrator lays out: a command offers one, and what is sent goes to a chat."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bots.api import BadParameters
from bots.api.table import check
from bots.callback_data import CallbackData
from bots.keyboard import Keyboard
from bots.markdown import Markup, bold, escape, mention
from bots.models import Command

CALLBACK = "command-form:"
NOT_FIELDS = ("header", "plain_text", "markdown", "divider")


class OpenForm(CallbackData, prefix="command-form"):
    command: int


class RowForm:
    """The form of a command's row, as Pachca shows it."""

    def __init__(self, row: Command) -> None:
        self.row = row
        self.laid_out: dict[str, Any] = row.form or {}

    def as_view(self) -> dict[str, Any]:
        view = {name: it for name, it in self.laid_out.items() if name in ("title", "blocks")}
        return {"callback_id": f"{CALLBACK}{self.row.pk}", "view": view}

    def offer(self) -> Keyboard:
        text = str(self.laid_out.get("button") or _("Fill in"))
        return Keyboard().button(text, data=OpenForm(command=self.row.pk))

    def told(self, data: dict[str, Any], person: int) -> Markup:
        """Return what was filled in, for those it goes to."""
        lines = [bold(self.laid_out["title"]) + Markup(" — ") + mention(person)]
        for block in self.laid_out["blocks"]:
            if block["type"] not in NOT_FIELDS:
                value = data.get(block["name"])
                said = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "—")
                lines.append(
                    bold(block.get("label") or block["name"]) + Markup(": ") + escape(said)
                )
        return Markup("\n".join(lines))


def clean(row: Command) -> None:
    """Raise ValidationError unless the row lays out a form that Pachca takes."""
    form = row.form
    if not isinstance(form, dict) or not isinstance(form.get("send_to"), int):
        raise ValidationError(
            {"form": _("An object with title, blocks, and send_to: the id of a chat.")}
        )
    view = {name: form.get(name) for name in ("title", "blocks")}
    try:
        check("open_view", {"type": "modal", "trigger_id": "x", "view": view})
    except BadParameters as error:
        raise ValidationError({"form": str(error)}) from error
