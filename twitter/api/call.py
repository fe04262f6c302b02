"""The declaration of an API call, of which `calls.py` has a table."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from rest_framework.serializers import Serializer

from core.scopes import Scope
from twitter.api.authentication import authenticate
from twitter.api.body import JSON

Kind = type[Serializer[Any]]


@dataclass(frozen=True)
class Call:
    """A method at a path.

    `handler(caller, [object or values of the path], [validated input])` returns the fields of the
    response, None if there are none, or an HttpResponse. The arguments in brackets are passed if
    the call declares them. `errors.py` turns exceptions into responses.
    """

    method: str
    path: str
    """Under /api/, in Django's syntax; served with and without a trailing slash."""
    handler: Callable[..., Any]
    summary: Promise | str
    _: KW_ONLY
    query: Kind | None = None
    """Validates the query string."""
    body: Kind | None = None
    """Validates the body. A call has either a query or a body."""
    media_type: str = JSON
    """The media type of the body."""
    find: Callable[[int], Any] | None = None
    """Loads the object that the path names, before the input is validated. Raises DoesNotExist."""
    permission: Callable[[HttpRequest, str], Any] = authenticate
    """Returns the caller, given the request and the media type that the path accepts."""
    scope: Scope | None = None
    """What an api-key must allow; by default `read` for GET and `write` for other methods."""
    returns: Kind | dict[Any, Any] | None = None
    """The response as the schema describes it."""
    errors: tuple[int, ...] = ()
    """Error statuses, in addition to those that every call or every call with a body can return."""
    example: dict[str, Any] | None = None
    """An example of the body."""
    description: str = ""

    @property
    def required_scope(self) -> Scope:
        return self.scope or (Scope.READ if self.method == "GET" else Scope.WRITE)
