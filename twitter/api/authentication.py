"""Authentication by the header `api-key` or by the session of the web pages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotAuthenticated, PermissionDenied

from core.scopes import Scope, allows
from twitter.api.body import read_body
from twitter.api.gate import UnknownKey, gate
from twitter.models import ApiKey, User

KEY_HEADER = "HTTP_API_KEY"


def owner_of_key(key: str, address: str | None = None) -> User | None:
    """Return the owner of a key that was sent to another app; see settings.KEY_AUTHENTICATOR.

    With `address`, failed attempts are limited per address. Returns None for an invalid key.
    """
    if address is None:
        return ApiKey.objects.find_owner(key)
    try:
        return gate().find_owner(key, address)
    except UnknownKey:
        return None


class MissingScope(PermissionDenied):
    """The API key does not allow the call."""

    default_code = "insufficient_scope"

    def __init__(self, scope: Scope) -> None:
        text = _("The api-key does not allow this. It needs the scope “%(scope)s”.")
        super().__init__(text % {"scope": scope}, self.default_code)


class KeyRequired(NotAuthenticated):
    """The request has neither an API key nor a session."""

    auth_header = UnknownKey.auth_header


def authenticate(request: HttpRequest, media_type: str) -> User:
    """Return the owner of the key or the session, and count the call against the rate limit.

    Raises AuthenticationFailed, NotAuthenticated or Throttled, and PermissionDenied for an unsafe
    method with a session but without a valid CSRF token.
    """
    key = request.META.get(KEY_HEADER)
    if key is not None:
        # A request that a local proxy sends through a unix socket has no address.
        return gate().authenticate(key, request.META.get("REMOTE_ADDR", ""))
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        raise KeyRequired
    if request.method == "POST" and settings.CSRF_COOKIE_NAME in request.COOKIES:
        read_body(request, media_type)  # the CSRF check looks for the token in the body
    _enforce_csrf(request)
    gate().count(f"person:{user.pk}", settings.API_CALLS_PER_KEY)
    return user


def _enforce_csrf(request: HttpRequest) -> None:
    try:
        SessionAuthentication().enforce_csrf(request)  # type: ignore[arg-type]  # Django's will do
    except PermissionDenied as error:
        sentence = _("The CSRF token is missing or not valid. Reload the page and try again.")
        raise PermissionDenied(sentence) from error


def require_scope(caller: Any, scope: Scope) -> None:
    """Raise MissingScope if the caller has sent a key without the scope."""
    if not allows(caller, scope):
        raise MissingScope(scope)


def allow_anonymous(request: HttpRequest, _media_type: str) -> HttpRequest:
    """Return the request in place of a caller: the call is public."""
    return request
