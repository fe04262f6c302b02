"""Authentication by the API keys of Svyaz, in either of two headers."""

from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from rest_framework.exceptions import Throttled

BEARER = "bearer "


class TooManyAttempts(Exception):
    """Too many invalid keys came from one address. Retry after `wait` seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = ceil(wait)


def authenticate(request: HttpRequest) -> Any:
    """Return the user whose key the request has; None if it has no valid key.

    Raises TooManyAttempts after too many invalid keys from one address.
    """
    key = key_of_request(request)
    if not key or "\0" in key:
        return None
    address = request.META.get("REMOTE_ADDR", "")
    try:
        return import_string(settings.KEY_AUTHENTICATOR)(key, address)
    except Throttled as error:
        raise TooManyAttempts(str(error.detail), getattr(error, "wait", None) or 1) from error


def key_of_request(request: HttpRequest) -> str:
    """Return the key in the header `api-key` or `Authorization: Bearer`, else ""."""
    given = request.headers.get("Authorization", "")
    bearer = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
    return request.headers.get("api-key") or bearer
