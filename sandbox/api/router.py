"""Routing: find the operation, authenticate, apply limits and faults, validate, handle, log."""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from sandbox import faults, trace
from sandbox.api import limits
from sandbox.api.call import MAX_ID, Call
from sandbox.api.errors import (
    ApiError,
    Refusal,
    insufficient_scope,
    malformed,
    not_found,
    unauthorized,
)
from sandbox.api.limits import TooManyCalls
from sandbox.api.pagination import Page
from sandbox.api.schema import Operation, operations
from sandbox.faults import Fault
from sandbox.models import AccessToken, Account, ApiCall

MAX_BODY = 1024 * 1024
Handler = Callable[[Call], Any]
OpenHandler = Callable[[HttpRequest], HttpResponse]

_handlers: dict[str, Handler] = {}
_open_handlers: dict[str, OpenHandler] = {}


def handles(operation_id: str) -> Callable[[Handler], Handler]:
    """Register the decorated function for the official operation of this id."""

    def add(handler: Handler) -> Handler:
        _handlers[operations()[operation_id].id] = handler
        return handler

    return add


def handles_publicly(operation_id: str) -> Callable[[OpenHandler], OpenHandler]:
    """Register the decorated view for an operation without authentication."""

    def add(handler: OpenHandler) -> OpenHandler:
        _open_handlers[operations()[operation_id].id] = handler
        return handler

    return add


@csrf_exempt  # calls are authenticated by a token, never by a cookie
async def api(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a call of the API."""
    result = await sync_to_async(_serve)(request, path)
    if isinstance(result, Fault):
        return await result.apply(lambda: sync_to_async(_serve_after_fault)(request, path))
    return result


def _serve(request: HttpRequest, path: str) -> HttpResponse | Fault:
    """Return the response, or the fault to apply before the call runs."""
    try:
        operation, params = _route(request.method or "", f"/{path}")
        if operation.id in _open_handlers:
            return _open_handlers[operation.id](request)
        account, granted = identify(request)
        if account.is_bot and (fault := faults.draw_fault()):
            return fault
        return _run(Call(request, account, params, {}, {}, granted=granted), operation)
    except Refusal as refusal:
        return refusal.response()


def _serve_after_fault(request: HttpRequest, path: str) -> HttpResponse:
    """Return the response of a call that its fault did not replace."""
    operation, params = _route(request.method or "", f"/{path}")
    return _run(Call(request, authenticate(request), params, {}, {}), operation)


def _route(verb: str, path: str) -> tuple[Operation, dict[str, Any]]:
    found = {
        operation.verb: (operation, match.groupdict())
        for operation in sorted(operations().values(), key=lambda each: -each.path.count("{"))
        if (match := operation.pattern.fullmatch(path))
    }
    if not found:
        raise not_found("path", path)
    if verb not in found:
        raise ApiError(
            HTTPStatus.METHOD_NOT_ALLOWED, "invalid", _("This path has no such method."), "method"
        )
    operation, params = found[verb]
    return operation, {
        name: _number(value) if name in operation.integers else _name(value)
        for name, value in params.items()
    }


def _name(value: str) -> str:
    if not _is_storable(value):
        raise not_found("id", value)
    return value


def _number(value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= MAX_ID:
        return int(value)
    raise not_found("id", value)


def authenticate(request: HttpRequest) -> Account:
    """Return the account whose own token the request has. Raises OAuthError."""
    account, granted = identify(request)
    if granted is not None:
        raise unauthorized()
    return account


def identify(request: HttpRequest) -> tuple[Account, AccessToken | None]:
    """Return the account of the request's token, and the token if the account has granted it.

    Raises OAuthError.
    """
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token or "\0" in token:
        raise unauthorized()
    account = Account.objects.filter(token=token, suspended=False).first()
    if account is not None:
        return account, None
    tokens = AccessToken.objects.valid().select_related("person", "client__bot")
    granted = tokens.filter(token=token).first()
    if granted is None:
        raise unauthorized()
    granted.note_use()
    return granted.person, granted


def _run(call: Call, operation: Operation) -> HttpResponse:
    started = time.perf_counter()
    try:
        with transaction.atomic():
            response = _handle(call, operation)
            _log(call, response, started)
    except (Refusal, TooManyCalls) as refusal:
        response = refusal.response()
        _log(call, response, started)
    return response


def _handle(call: Call, operation: Operation) -> HttpResponse:
    handler = _handlers.get(operation.id) or _not_emulated
    limits.check(call.account, operation.id)
    if call.granted and operation.scope and operation.scope not in call.granted.scopes:
        raise insufficient_scope(operation.scope)
    call.query = operation.parse_query(_query(call.request))
    if operation.body is not None:
        call.body = operation.validate_body(read_json(call.request))
    return _response(handler(call), operation)


def _query(request: HttpRequest) -> dict[str, str]:
    """Return the query parameters; lists are given as `names[]=a&names[]=b`."""
    return {
        name.removesuffix("[]"): clean(",".join(values) if name.endswith("[]") else values[-1])
        for name, values in request.GET.lists()
    }


def _not_emulated(call: Call) -> NoReturn:
    raise ApiError(
        HTTPStatus.NOT_FOUND, "not_found", _("The sandbox does not emulate this method."), "path"
    )


def _response(result: Any, operation: Operation) -> HttpResponse:
    if result is None:
        return HttpResponse(status=operation.status)
    if isinstance(result, Page):
        return JsonResponse(result.body(), status=operation.status)
    is_ready = not operation.is_wrapped or "data" in result
    body = result if is_ready else {"data": result}
    return JsonResponse(body, status=operation.status, safe=False)


def read_json(request: HttpRequest) -> Any:
    """Return the JSON of the body. Raises ApiError if it is invalid, too large or not storable."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise too_large()
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise too_large()
    request._body = body
    try:
        return clean(json.loads(body, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        raise malformed("base", _("The body is not valid JSON.")) from None


def too_large() -> ApiError:
    return ApiError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long", _("The body is too large."), "base"
    )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def clean(value: Any) -> Any:
    """Return a value whose strings can be stored: without NUL and lone surrogates."""
    if isinstance(value, str):
        if not _is_storable(value):
            raise malformed("base", _("The text has characters that cannot be stored."))
    elif isinstance(value, dict):
        for name, item in value.items():
            clean(name)
            clean(item)
    elif isinstance(value, list):
        for item in value:
            clean(item)
    return value


def _is_storable(text: str) -> bool:
    if text.isprintable():
        return True
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _log(call: Call, response: HttpResponse, started: float) -> None:
    """Log a call by a bot, for the traces of messages."""
    if not call.account.is_bot:
        return
    entry = ApiCall(
        method=call.request.method or "",
        path=call.request.get_full_path().partition("/api/shared/v1")[2],
        status=response.status_code,
        ms=round((time.perf_counter() - started) * 1000),
        request=call.body or None,
        response=_body_for_log(response),
    )
    trace.record(call.account, call.chat_id, call.user_id, entry)


def _body_for_log(response: HttpResponse) -> Any:
    text = response.content.decode()
    is_json = response.get("Content-Type", "").startswith("application/json")
    return json.loads(text) if is_json and text else text or None
