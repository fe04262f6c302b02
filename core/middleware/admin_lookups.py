"""Lists of the admin whose address asks for what the database cannot look up."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import BadRequest
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

NUL = "\x00"
# What SQLite says when a date function or a regular expression of Django's has raised.
FUNCTION_FAILED = "user-defined function raised exception"
# What Django's fields raise for values they cannot convert; DurationField: AttributeError.
OF_LOOKUPS = (DataError, OverflowError, ValueError, TypeError, AttributeError)

logger = logging.getLogger(__name__)


class AdminLookups:
    """Middleware that answers lookups with impossible values as Django answers unknown ones.

    Django checks the values of lookups while it builds a query. A year beyond the calendar, a
    broken regular expression or a number too large for its column fails later, when the query
    runs: the list then opens without any filter, and says that the parameters were invalid.
    PostgreSQL stores no NUL character, so an address with one is refused.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if _is_of_admin(request) and _has_nul(request):
            raise BadRequest("The address or the selection has a NUL character.")
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        lookups = request.GET.keys() - {ERROR_FLAG}
        if not (_is_list(request) and lookups and _is_of_lookup(error)):
            return None
        logger.warning("A list of the admin could not be filtered.", exc_info=error)
        messages.warning(
            request, _("The filters contain invalid values, so the whole list is shown.")
        )
        return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")


def _is_of_admin(request: HttpRequest) -> bool:
    return request.resolver_match is not None and "admin" in request.resolver_match.app_names


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return _is_of_admin(request) and bool(match and str(match.url_name).endswith("_changelist"))


def _has_nul(request: HttpRequest) -> bool:
    """Return whether a NUL is in the address or among the rows selected for an action.

    The fields of forms refuse it themselves.
    """
    selected = request.POST.getlist(ACTION_CHECKBOX_NAME) if _is_list(request) else ()
    query = unquote(request.META.get("QUERY_STRING", ""))
    return any(NUL in text for text in (request.path, query, *selected))


def _is_of_lookup(error: Exception) -> bool:
    if isinstance(error, OperationalError):
        return FUNCTION_FAILED in str(error)
    return isinstance(error, OF_LOOKUPS)
