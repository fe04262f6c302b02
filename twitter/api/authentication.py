"""Who calls: the header `api-key`, or the session of the web page."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as BaseSessionAuthentication
from rest_framework.request import Request

from twitter.api.gate import gate
from twitter.models import ApiKey, User

KEY_HEADER = "api-key"


def owner_of_key(key: str) -> User | None:
    """Tell the websocket, too, whose key this is."""
    return ApiKey.objects.owner_of(key)


def caller(request: HttpRequest | Request) -> User:
    """Return who shows a key, and count the call; UnknownKey, or Throttled."""
    # Who comes by a unix socket, from the proxy beside us, has no address.
    return gate().owner_of(request.headers[KEY_HEADER], request.META.get("REMOTE_ADDR", ""))


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, None] | None:
        return (caller(request), None) if KEY_HEADER in request.headers else None

    def authenticate_header(self, request: Request) -> str:
        return KEY_HEADER


class SessionAuthentication(BaseSessionAuthentication):
    """Who is signed in to the page; what changes anything needs the page's CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found: tuple[User, None] | None = super().authenticate(request)
        if found is not None:
            gate().count(f"person:{found[0].pk}", settings.API_CALLS_PER_KEY)
        return found
