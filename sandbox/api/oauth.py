"""OAuth 2.0 (RFC 6749) with PKCE (RFC 7636): codes become tokens, and tokens are revoked."""

import base64
import binascii
import hashlib
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sandbox.api.errors import OAuthError
from sandbox.api.router import clean, handles_publicly
from sandbox.models import AccessToken, Account, AuthorizationCode, OAuthClient

FORM = "application/x-www-form-urlencoded"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
GUESTS = ("guest", "multi_guest")


def issuer() -> str:
    """Return what Pachca calls itself in OAuth: its address, without a path to an endpoint."""
    return f"{settings.SITE_URL}/sandbox"


@require_safe
def metadata(request: HttpRequest) -> JsonResponse:
    """Return the metadata of the authorization server (RFC 8414)."""
    api = settings.SANDBOX_API_URL
    methods = ["client_secret_post", "client_secret_basic", "none"]
    return JsonResponse(
        {
            "issuer": issuer(),
            "authorization_endpoint": f"{settings.SITE_URL}{reverse('sandbox-authorize')}",
            "token_endpoint": f"{api}/oauth/token",
            "revocation_endpoint": f"{api}/oauth/revoke",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": True,
        }
    )


@handles_publicly("OAuthFlowOperations_exchangeToken")
def exchange_token(request: HttpRequest) -> HttpResponse:
    """Exchange a code for the token of the person who has agreed."""
    form = _form(request)
    if form.get("grant_type", "") != "authorization_code":
        raise _error("unsupported_grant_type", _("`grant_type` must be `authorization_code`."))
    client = _client(request, form, proves_itself=bool(form.get("code_verifier")))
    code = _spend(form.get("code", ""), client)
    if not code.is_valid or code.redirect_uri != form.get("redirect_uri", ""):
        raise _invalid_grant()
    if not _matches(code.code_challenge, form.get("code_verifier", "")):
        raise _invalid_grant()
    if not may_grant(code.person):
        raise _invalid_grant()
    token = AccessToken.grant(client, code.person)
    answer = {
        "access_token": token.token,
        "token_type": "Bearer",
        "scope": " ".join(token.scopes),
        "created_at": int(token.created_at.timestamp()),
    }
    return JsonResponse(answer, headers=NO_STORE)


@handles_publicly("OAuthFlowOperations_revokeToken")
def revoke_token(request: HttpRequest) -> HttpResponse:
    """Revoke a token of the calling client (RFC 7009); an unknown token is no error.

    A client without a secret sends the token itself as the bearer token.
    """
    form = _form(request)
    token = form.get("token", "")
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    is_bearer = bool(token) and constant_time_compare(bearer, token)
    rows = AccessToken.objects.filter(token=token, revoked_at=None)
    if not is_bearer:
        rows = rows.filter(client=_client(request, form))
    for row in rows:
        row.revoke()
    return JsonResponse({}, headers=NO_STORE)


def may_grant(person: Account) -> bool:
    """Return whether Pachca gives bots access on behalf of the person: of guests it does not."""
    return not (person.is_bot or person.suspended or person.role in GUESTS)


def _form(request: HttpRequest) -> QueryDict:
    if request.content_type != FORM:
        raise _error("invalid_request", _("The body must be a form: %(type)s.") % {"type": FORM})
    try:
        form = request.POST
    except (RequestDataTooBig, TooManyFieldsSent):
        raise _error("invalid_request", _("The body is too large.")) from None
    clean(dict(form.items()))
    return form


def _client(request: HttpRequest, form: QueryDict, *, proves_itself: bool = False) -> OAuthClient:
    """Return the client, which proves itself by its secret, or without one by PKCE."""
    client_id, secret = _basic(request) or (
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )
    client = OAuthClient.objects.filter(client_id=client_id).first()
    if client is None:
        _refuse_client()
    is_known = constant_time_compare(client.secret, secret) if client.secret else proves_itself
    if not is_known:
        _refuse_client()
    return client


def _basic(request: HttpRequest) -> tuple[str, str] | None:
    """Return client id and secret of the header, None without one."""
    kind, _space, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        _refuse_client()
    client_id, _colon, secret = pair.partition(":")
    return clean(unquote_plus(client_id)), clean(unquote_plus(secret))


def _spend(code: str, client: OAuthClient) -> AuthorizationCode:
    """Delete a code and return it; of concurrent calls, one gets it."""
    row = AuthorizationCode.objects.filter(code=code, client=client).select_related("person")
    found = row.first()
    if found is None or not row.delete()[0]:
        raise _invalid_grant()
    return found


def _matches(challenge: str, verifier: str) -> bool:
    """Return whether the verifier belongs to the challenge; without one, none is expected."""
    if not challenge:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return constant_time_compare(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def _error(error: str, description: object) -> OAuthError:
    return OAuthError(HTTPStatus.BAD_REQUEST, error, description)


def _invalid_grant() -> OAuthError:
    return _error(
        "invalid_grant",
        _(
            "The code has expired, was used, or belongs to another client, address or verifier. "
            "Ask the person to agree again."
        ),
    )


def _refuse_client() -> NoReturn:
    raise OAuthError(
        HTTPStatus.UNAUTHORIZED, "invalid_client", _("Client id or client secret are wrong.")
    )
