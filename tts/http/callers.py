"""Who calls: the same keys as everywhere in the house, in either of two headers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

BEARER = "bearer "


def caller_of(request: HttpRequest) -> Any:
    """Return the person whose key the request shows; None when it shows none that is valid."""
    key = key_shown(request)
    if not key or "\0" in key:
        return None
    return import_string(settings.KEY_AUTHENTICATOR)(key)


def key_shown(request: HttpRequest) -> str:
    """Return the key of the header `api-key`, or that of `Authorization: Bearer`."""
    given = request.headers.get("Authorization", "")
    bearer = given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""
    return request.headers.get("api-key") or bearer
