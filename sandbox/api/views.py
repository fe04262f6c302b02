"""Opening forms."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _

from sandbox import actions
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, malformed
from sandbox.api.router import handles
from sandbox.models import Trigger


@handles("FormOperations_openView")
def open_view(call: Call) -> None:
    """Show a form to the person who pressed the button, once and within 3 seconds."""
    given = call.body
    _check_names(given["view"]["blocks"])
    rows = Trigger.objects.select_related("bot", "user", "message__chat")
    trigger = rows.filter(pk=given["trigger_id"], bot=call.account).first()
    if trigger is None:
        raise _gone("trigger_not_found", given["trigger_id"])
    call.chat_id, call.user_id = trigger.message.chat_id, trigger.user_id
    if trigger.is_expired:
        raise _gone("trigger_expired", trigger.pk)
    if not trigger.use():
        raise _gone("trigger_not_found", trigger.pk)
    actions.open_view(
        trigger,
        given["view"],
        callback_id=given.get("callback_id", ""),
        private_metadata=given.get("private_metadata", ""),
    )


def _gone(code: str, trigger_id: str) -> ApiError:
    message = _("The trigger does not exist, has expired or was already used.")
    return ApiError(HTTPStatus.GONE, code, message, "trigger_id", trigger_id)


def _check_names(blocks: list[dict[str, Any]]) -> None:
    """Reject blocks with the same name, since a submission has one value per name."""
    names = [block["name"] for block in blocks if "name" in block]
    for name in names:
        if names.count(name) > 1:
            raise malformed("name", _("Two blocks have the same name."), name, "taken")
