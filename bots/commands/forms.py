"""Forms configured in the admin: a command opens one, and its answers go to a chat."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bots.framework.api import BadParameters
from bots.framework.api.keyboard import Keyboard
from bots.framework.api.markdown import Markup, bold, escape, mention
from bots.framework.api.table import check
from bots.framework.filters.callback_data import CallbackData
from bots.models import Command

CALLBACK = "command-form:"
NOT_FIELDS = ("header", "plain_text", "markdown", "divider")


class OpenForm(CallbackData, prefix="command-form"):
    command: int


class RowForm:
    """The form of a command row."""

    def __init__(self, row: Command) -> None:
        self.row = row
        self.laid_out: dict[str, Any] = row.form or {}

    def as_view(self) -> dict[str, Any]:
        view = {name: it for name, it in self.laid_out.items() if name in ("title", "blocks")}
        return {"callback_id": f"{CALLBACK}{self.row.pk}", "view": view}

    def offer(self) -> Keyboard:
        text = str(self.laid_out.get("button") or _("Fill in"))
        return Keyboard().button(text, data=OpenForm(command=self.row.pk))

    def format_answers(self, data: dict[str, Any], person: int) -> Markup:
        """Return the submitted values as a message."""
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
    """Raise ValidationError unless the form of the row is valid."""
    form = row.form
    if not isinstance(form, dict) or not isinstance(form.get("send_to"), int):
        raise ValidationError(
            {"form": _("Must be an object with `title`, `blocks` and `send_to`, the id of a chat.")}
        )
    view = {name: form.get(name) for name in ("title", "blocks")}
    try:
        check("open_view", {"type": "modal", "trigger_id": "x", "view": view})
    except BadParameters as error:
        raise ValidationError({"form": str(error)}) from error
