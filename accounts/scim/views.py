"""The address /scim/v2: the token is checked here, and the request passed on."""

import hmac
import json
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.audit.recording import Action, record
from accounts.limits import address_of, count_wrong_token
from core.asgi.responses import respond
from core.lazy import LazyModule

protocol = LazyModule("accounts.scim.protocol")

ACTOR = "SCIM"
MAX_BODY = 4 * 1024 * 1024
ROOT = "/scim/v2"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@csrf_exempt
def scim(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer any request to SCIM; without SCIM_TOKEN there is nothing here."""
    if not settings.SCIM_TOKEN:
        raise Http404
    request.actor_name = ACTOR  # type: ignore[attr-defined]  # for the audit log
    if not has_valid_token(request):
        return _refuse_token(request)
    try:
        query = request.GET.dict()
    except TooManyFieldsSent:
        return _respond(protocol.refuse(protocol.BadRequest()))
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return _respond(protocol.refuse(protocol.BodyTooLarge()))
    return _respond(
        protocol.serve(
            protocol.ScimRequest(
                method=request.method or "GET",
                base_url=request.build_absolute_uri(ROOT),
                path=f"/{path}",
                query=query,
                headers=dict(request.headers),
                body=body,
            )
        )
    )


def has_valid_token(request: HttpRequest) -> bool:
    """Return whether the request has one of the tokens of the settings."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    given = token.strip().encode(errors="replace")
    matches = [hmac.compare_digest(given, each.encode()) for each in settings.SCIM_TOKEN]
    return scheme.lower() == "bearer" and any(matches)


def _refuse_token(request: HttpRequest) -> HttpResponse:
    """Answer 401, or 429 to an address with many wrong tokens; only the former are recorded."""
    wait = count_wrong_token(address_of(request))
    if wait:
        response = _respond(protocol.refuse(protocol.TooManyWrongTokens()))
        response.headers["Retry-After"] = str(wait)
        return response
    record(Action.SIGN_IN_FAILED, actor_name=ACTOR)
    return _respond(protocol.refuse(protocol.Unauthorized()))


async def reject(send: Any, status: int, _code: str, message: str) -> None:
    """Refuse a request before Django receives it; see `core.asgi.body_limit`."""
    error = {"schemas": [ERROR], "status": str(status), "detail": message}
    headers = [(b"content-type", b"application/scim+json"), (b"connection", b"close")]
    await respond(send, status, json.dumps(error).encode(), headers)


def _respond(answer: Any) -> HttpResponse:
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    response = HttpResponse(body, status=int(answer.status), headers=answer.headers)
    if answer.body is None:
        del response.headers["Content-Type"]
    return response
