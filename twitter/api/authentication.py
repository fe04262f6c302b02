"""Who calls: the header `api-key`, or the session of the web page."""

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from twitter.models import ApiKey, User


def owner_of_key(key: str) -> User | None:
    """Tell the websocket, too, whose key this is."""
    return ApiKey.objects.owner_of(key)


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, None] | None:
        key = request.headers.get("api-key")
        if key is None:
            return None
        owner = owner_of_key(key)
        if owner is None:
            raise AuthenticationFailed(_("The api-key is not valid."))
        return owner, None

    def authenticate_header(self, request: Request) -> str:
        return "api-key"
