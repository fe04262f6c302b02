"""A person presses a button or submits a form, and waits for what the bot answers."""

import json
from http import HTTPStatus
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sandbox import actions, postman, webhooks
from sandbox.api.router import read_json
from sandbox.errors import Refusal, malformed, unprocessable
from sandbox.helper_calls import own_view, person_of, seen_message
from sandbox.models import Message, Trigger, View, WebhookAttempt, WebhookEvent

LONGEST_DATA = 255
LONGEST_ERROR = 255


@csrf_exempt  # the token in the header is what authenticates
@require_POST
async def click(request: HttpRequest, message_id: int) -> HttpResponse:
    """Press a button; the answer tells how the bot's webhook took it."""
    try:
        event = await sync_to_async(_pressed)(request, message_id)
    except Refusal as refusal:
        return refusal.response()
    if event is None:
        return _unanswered(_("The bot does not listen to buttons."), HTTPStatus.OK)
    attempt = await _delivered(event)
    return JsonResponse({"status": attempt.status, "error": attempt.error or None})


@csrf_exempt  # the same
@require_POST
async def submit(request: HttpRequest, view_id: str) -> HttpResponse:
    """Submit a form; the bot closes it, or says what is wrong with its fields."""
    try:
        view, event = await sync_to_async(_submitted)(request, view_id)
    except Refusal as refusal:
        return refusal.response()
    if event is None:
        return _unanswered(_("The bot does not listen to forms."), HTTPStatus.GATEWAY_TIMEOUT)
    attempt = await _delivered(event)
    if attempt.status == HTTPStatus.OK:
        await sync_to_async(actions.close_view)(view)
        return JsonResponse({"status": "closed"})
    if attempt.status == HTTPStatus.BAD_REQUEST and (errors := _field_errors(attempt.answer)):
        return JsonResponse({"errors": errors}, status=HTTPStatus.BAD_REQUEST)
    why = attempt.error or _("The bot answered %(status)s.") % {"status": attempt.status}
    return JsonResponse({"error": why}, status=HTTPStatus.GATEWAY_TIMEOUT)


async def _delivered(event: WebhookEvent) -> WebhookAttempt:
    """Send the event from here, at once: whoever pressed is waiting."""
    if not event.bot.webhook_url:
        return WebhookAttempt(event=event, error=_("The bot has no webhook address."))
    async with postman.at_hand() as carrier:
        return await carrier.deliver(event)


def _unanswered(why: str, status: int) -> JsonResponse:
    return JsonResponse({"status": None, "error": why}, status=status)


@transaction.atomic
def _pressed(request: HttpRequest, message_id: int) -> WebhookEvent | None:
    person = person_of(request)
    message, data = seen_message(person, message_id), _object(request).get("data")
    if not isinstance(data, str) or len(data) > LONGEST_DATA:
        raise malformed("data", _("This is not a button's data."))
    if not message.author.is_bot or data not in _button_data(message):
        raise unprocessable("data", _("The message has no such button."), data)
    trigger = Trigger.objects.create(bot=message.author, user=person, message=message)
    return webhooks.click_event(trigger, data)


@transaction.atomic
def _submitted(request: HttpRequest, view_id: str) -> tuple[View, WebhookEvent | None]:
    view = own_view(person_of(request), view_id)
    data = _object(request).get("data")
    if not isinstance(data, dict):
        raise malformed("data", _("This must be an object: a value by the name of each block."))
    return view, webhooks.submit_event(view, data)


def _object(request: HttpRequest) -> dict[str, Any]:
    given = read_json(request)
    return given if isinstance(given, dict) else {}


def _button_data(message: Message) -> list[str]:
    return [button["data"] for row in message.buttons or [] for button in row if "data" in button]


def _field_errors(answer: str) -> dict[str, str]:
    """Return the errors by block, if the bot's answer has the form that Pachca asks for."""
    try:
        errors = cast(Any, json.loads(answer))["errors"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    if not isinstance(errors, dict):
        return {}
    return {name: str(text)[:LONGEST_ERROR] for name, text in errors.items()}
