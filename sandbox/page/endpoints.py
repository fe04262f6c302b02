"""JSON endpoints of the chat page, for what Pachca's API has no methods for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox import actions, serializers, trace
from sandbox.api.errors import Refusal, forbidden, malformed, not_found
from sandbox.api.router import authenticate
from sandbox.models import Account, Chat, Message, View
from sandbox.page.serializers import chat_entries, chat_entry, page_message

PAGE = 50
Answer = dict[str, Any]
Endpoint = Callable[..., Any]


def is_staff_or_debug(request: HttpRequest) -> bool:
    return settings.DEBUG or bool(getattr(request, "user", None) and request.user.is_staff)


def endpoint(verb: str) -> Callable[[Endpoint], Callable[..., HttpResponse]]:
    """Turn `function(person, request, …) -> JSON` into a view with errors in Pachca's format."""

    def wrap(function: Endpoint) -> Callable[..., HttpResponse]:
        @csrf_exempt  # authenticated by the token in the header
        @require_http_methods([verb])
        @wraps(function)
        def view(request: HttpRequest, **path: Any) -> HttpResponse:
            try:
                return JsonResponse(function(authenticate_person(request), request, **path))
            except Refusal as refusal:
                return refusal.response()

        return view

    return wrap


def authenticate_person(request: HttpRequest) -> Account:
    if not is_staff_or_debug(request):
        raise forbidden(_("On this installation, the sandbox page is open to staff only."))
    return authenticate(request)


@endpoint("GET")
def state(person: Account, request: HttpRequest) -> Answer:
    """Return everything that the page shows before a chat is opened."""
    return {
        "me": serializers.user(person),
        "users": [
            serializers.user(each)
            for each in Account.objects.prefetch_related("tags").order_by("id")
        ],
        "chats": chat_entries(person, Chat.objects.of(person)),
    }


@endpoint("GET")
def chat_messages(person: Account, request: HttpRequest, chat_id: int) -> Answer:
    """Return a page of messages before the given one, oldest first."""
    rows = _chat(person, chat_id).messages.alive().for_page()
    if before := _number(request, "before"):
        rows = rows.filter(pk__lt=before)
    limit = min(_number(request, "limit") or PAGE, PAGE)
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = reversed(found[:limit])
    return {
        "messages": [page_message(row) for row in shown],
        "has_more": len(found) > limit,
    }


@endpoint("POST")
def read_chat(person: Account, request: HttpRequest, chat_id: int) -> Answer:
    chat = _chat(person, chat_id)
    newest = chat.messages.alive().order_by("-pk").values_list("pk", flat=True).first()
    member = chat.memberships.filter(account=person).first()
    if member is not None and newest is not None:
        member.read_up_to(newest)
    return {"chat": chat_entry(person, chat)}


@endpoint("POST")
def direct(person: Account, request: HttpRequest, user_id: int) -> Answer:
    other = Account.objects.filter(pk=_clamp_id(user_id)).first()
    if other is None:
        raise not_found("id", user_id)
    chat = actions.direct_chat(person, other)
    return {"chat": chat_entry(person, chat)}


@endpoint("GET")
def message_trace(person: Account, request: HttpRequest, message_id: int) -> Answer:
    return trace.serialize_trace(get_visible_message(person, message_id))


@endpoint("POST")
def close_view(person: Account, request: HttpRequest, view_id: str) -> Answer:
    view = get_open_view(person, view_id)
    actions.close_view(view)
    return {"status": "closed"}


def get_open_view(person: Account, view_id: str) -> View:
    """Return an open form of this person."""
    rows = View.objects.select_related("bot", "user", "message__chat__thread__message")
    view = rows.filter(pk=view_id[:36], user=person, closed_at=None).first()
    if view is None:
        raise not_found("id", view_id)
    return view


def _chat(person: Account, chat_id: int) -> Chat:
    chat = Chat.objects.visible_to(person).filter(pk=_clamp_id(chat_id)).first()
    if chat is None:
        raise not_found("id", chat_id)
    return chat


def get_visible_message(person: Account, message_id: int) -> Message:
    rows = Message.objects.visible_to(person).select_related("author", "chat")
    message = rows.filter(pk=_clamp_id(message_id)).first()
    if message is None:
        raise not_found("id", message_id)
    return message


def _clamp_id(pk: int) -> int:
    """Return the id, or 0 if it is too large for the column."""
    return pk if pk < 2**63 else 0


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 0 < len(value) < 19 and int(value)):
        raise malformed(name, _("This must be a positive number."), value)
    return int(value)
