"""The calls of the chat page: what it shows at once, and what only a page does."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox import actions, page_shapes, shapes, trace
from sandbox.api.router import authenticate
from sandbox.errors import Refusal, forbidden, malformed, not_found
from sandbox.models import Account, Chat, Message, View

PAGE = 50
Answer = dict[str, Any]
Helper = Callable[..., Any]


def is_staff_or_debug(request: HttpRequest) -> bool:
    return settings.DEBUG or bool(getattr(request, "user", None) and request.user.is_staff)


def helper(verb: str) -> Callable[[Helper], Callable[..., HttpResponse]]:
    """Make a view of `function(person, request, …) -> JSON`, refusals in Pachca's shape."""

    def wrap(function: Helper) -> Callable[..., HttpResponse]:
        @csrf_exempt  # the token in the header is what authenticates
        @require_http_methods([verb])
        @wraps(function)
        def view(request: HttpRequest, **path: Any) -> HttpResponse:
            try:
                return JsonResponse(function(person_of(request), request, **path))
            except Refusal as refusal:
                return refusal.response()

        return view

    return wrap


def person_of(request: HttpRequest) -> Account:
    if not is_staff_or_debug(request):
        raise forbidden(_("The sandbox's page is for staff here."))
    return authenticate(request)


@helper("GET")
def state(person: Account, request: HttpRequest) -> Answer:
    """Everything that the page shows before a chat is opened."""
    return {
        "me": shapes.user(person),
        "users": [
            shapes.user(each) for each in Account.objects.prefetch_related("tags").order_by("id")
        ],
        "chats": page_shapes.chat_entries(person, Chat.objects.of(person)),
    }


@helper("GET")
def chat_messages(person: Account, request: HttpRequest, chat_id: int) -> Answer:
    """A page of messages, oldest first, of those before the one given."""
    rows = _chat(person, chat_id).messages.alive().for_page()
    if before := _number(request, "before"):
        rows = rows.filter(pk__lt=before)
    limit = min(_number(request, "limit") or PAGE, PAGE)
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = reversed(found[:limit])
    return {
        "messages": [page_shapes.page_message(row) for row in shown],
        "has_more": len(found) > limit,
    }


@helper("POST")
def read_chat(person: Account, request: HttpRequest, chat_id: int) -> Answer:
    chat = _chat(person, chat_id)
    newest = chat.messages.alive().order_by("-pk").values_list("pk", flat=True).first()
    member = chat.memberships.filter(account=person).first()
    if member is not None and newest is not None:
        member.read_up_to(newest)
    return {"chat": page_shapes.chat_entry(person, chat)}


@helper("POST")
def direct(person: Account, request: HttpRequest, user_id: int) -> Answer:
    other = Account.objects.filter(pk=_stored(user_id)).first()
    if other is None:
        raise not_found("id", user_id)
    chat = actions.direct_chat(person, other)
    return {"chat": page_shapes.chat_entry(person, chat)}


@helper("GET")
def message_trace(person: Account, request: HttpRequest, message_id: int) -> Answer:
    return trace.of(seen_message(person, message_id))


@helper("POST")
def close_view(person: Account, request: HttpRequest, view_id: str) -> Answer:
    view = own_view(person, view_id)
    actions.close_view(view)
    return {"status": "closed"}


def own_view(person: Account, view_id: str) -> View:
    """Return the form shown to this person, if it is still open."""
    rows = View.objects.select_related("bot", "user", "message__chat__thread__message")
    view = rows.filter(pk=view_id[:36], user=person, closed_at=None).first()
    if view is None:
        raise not_found("id", view_id)
    return view


def _chat(person: Account, chat_id: int) -> Chat:
    chat = Chat.objects.seen_by(person).filter(pk=_stored(chat_id)).first()
    if chat is None:
        raise not_found("id", chat_id)
    return chat


def seen_message(person: Account, message_id: int) -> Message:
    rows = Message.objects.seen_by(person).select_related("author", "chat")
    message = rows.filter(pk=_stored(message_id)).first()
    if message is None:
        raise not_found("id", message_id)
    return message


def _stored(pk: int) -> int:
    """Return the id if a column can hold it; nothing has a larger one."""
    return pk if pk < 2**63 else 0


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 0 < len(value) < 19 and int(value)):
        raise malformed(name, _("This must be a positive number."), value)
    return int(value)
