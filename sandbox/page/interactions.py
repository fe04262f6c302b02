"""Clicks on buttons and submissions of forms, which wait for the bot's response."""

import json
from http import HTTPStatus
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sandbox import actions
from sandbox.api.errors import Refusal, malformed, unprocessable
from sandbox.api.router import read_json
from sandbox.models import Message, Trigger, View, WebhookAttempt, WebhookEvent
from sandbox.page.endpoints import authenticate_person, get_open_view, get_visible_message
from sandbox.webhooks import dispatcher, events

MAX_DATA_LENGTH = 255
MAX_ERROR_LENGTH = 255


@csrf_exempt  # authenticated by the token in the header
@require_POST
async def click(request: HttpRequest, message_id: int) -> HttpResponse:
    """Press a button; the response contains the status of the bot's webhook."""
    try:
        event = await sync_to_async(_create_click)(request, message_id)
    except Refusal as refusal:
        return refusal.response()
    if event is None:
        return _error_response(_("The bot is not subscribed to button clicks."), HTTPStatus.OK)
    attempt = await _deliver(event)
    return JsonResponse({"status": attempt.status, "error": attempt.error or None})


@csrf_exempt  # the same
@require_POST
async def submit(request: HttpRequest, view_id: str) -> HttpResponse:
    """Submit a form; the bot closes it or returns errors of fields."""
    try:
        view, event = await sync_to_async(_create_submission)(request, view_id)
    except Refusal as refusal:
        return refusal.response()
    if event is None:
        return _error_response(
            _("The bot is not subscribed to form submissions."), HTTPStatus.GATEWAY_TIMEOUT
        )
    attempt = await _deliver(event)
    if attempt.status == HTTPStatus.OK:
        await sync_to_async(actions.close_view)(view)
        return JsonResponse({"status": "closed"})
    if attempt.status == HTTPStatus.BAD_REQUEST and (errors := _field_errors(attempt.answer)):
        return JsonResponse({"errors": errors}, status=HTTPStatus.BAD_REQUEST)
    why = attempt.error or _("The bot responded with status %(status)s.") % {
        "status": attempt.status
    }
    return JsonResponse({"error": why}, status=HTTPStatus.GATEWAY_TIMEOUT)


async def _deliver(event: WebhookEvent) -> WebhookAttempt:
    """Deliver the event immediately, since a person is waiting."""
    if not event.bot.webhook_url:
        return WebhookAttempt(event=event, error=_("The bot has no webhook address."))
    async with dispatcher.use_dispatcher() as sender:
        return await sender.deliver(event)


def _error_response(why: str, status: int) -> JsonResponse:
    return JsonResponse({"status": None, "error": why}, status=status)


@transaction.atomic
def _create_click(request: HttpRequest, message_id: int) -> WebhookEvent | None:
    person = authenticate_person(request)
    message, data = get_visible_message(person, message_id), _object(request).get("data")
    if not isinstance(data, str) or len(data) > MAX_DATA_LENGTH:
        raise malformed("data", _("`data` must be a string of at most 255 characters."))
    if not message.author.is_bot or data not in _button_data(message):
        raise unprocessable("data", _("The message has no such button."), data)
    trigger = Trigger.objects.create(bot=message.author, user=person, message=message)
    return events.click_event(trigger, data)


@transaction.atomic
def _create_submission(request: HttpRequest, view_id: str) -> tuple[View, WebhookEvent | None]:
    view = get_open_view(authenticate_person(request), view_id)
    data = _object(request).get("data")
    if not isinstance(data, dict):
        raise malformed("data", _("`data` must be an object: values by block name."))
    return view, events.submit_event(view, data)


def _object(request: HttpRequest) -> dict[str, Any]:
    given = read_json(request)
    return given if isinstance(given, dict) else {}


def _button_data(message: Message) -> list[str]:
    return [button["data"] for row in message.buttons or [] for button in row if "data" in button]


def _field_errors(answer: str) -> dict[str, str]:
    """Return the errors by block, {} unless the bot's response has Pachca's format."""
    try:
        errors = cast(Any, json.loads(answer))["errors"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    if not isinstance(errors, dict):
        return {}
    return {name: str(text)[:MAX_ERROR_LENGTH] for name, text in errors.items()}
