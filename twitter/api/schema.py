"""The OpenAPI schema, for /api/schema and /docs."""

from functools import lru_cache
from http import HTTPStatus
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from twitter.api.authentication import allow_anonymous
from twitter.api.body import FORM, JSON, dump
from twitter.api.call import Call
from twitter.api.calls import CALLS, NAMES
from twitter.api.responses import Failure

EXAMPLES = {
    400: ("invalid", "tweet_data: This field is required."),
    401: ("authentication_failed", "The API key is not valid. Check the api-key header."),
    403: ("permission_denied", "You can delete only your own tweets."),
    404: ("not_found", "Nothing was found at this address."),
    413: ("too_large", "The picture is too large. The limit is 10 MB."),
    415: ("unsupported_media_type", "The picture is damaged or incomplete."),
    429: ("throttled", "Too many requests. Try again in 17 s."),
    500: ("error", "A server error occurred."),
    503: ("unavailable", "Files cannot be saved at the moment. Try again later."),
    507: ("insufficient_storage", "There is no space left for files. Contact your administrator."),
}
ERRORS_OF_BODIES = (400, 413, 415)
ERRORS_OF_CALLERS = (401, 403, 429, 500)
TAGS = {
    **dict.fromkeys(("tweets", "bookmarks", "search", "trends"), "tweets"),
    "medias": "media",
    **dict.fromkeys(("users", "notifications"), "people"),
}
DESCRIPTION = _("Requires an API key or a session.")
PARSERS = {JSON: JSONParser, FORM: MultiPartParser}


class TableGenerator(SchemaGenerator):
    """Generates the schema from the table of calls instead of the URLconf."""

    def __init__(self, *args: Any, **options: Any) -> None:
        patterns = [path(f"api/{call.path}", _view(call)) for call in CALLS]
        super().__init__(*args, **{**options, "patterns": patterns})  # type: ignore[no-untyped-call]


def _view(call: Call) -> Any:
    """Return a view that describes a call for the generator. It never serves a request."""

    def method(self: APIView, request: HttpRequest) -> None: ...

    attributes = {
        call.method.lower(): _describe(call)(method),
        "authentication_classes": [],
        "parser_classes": [PARSERS[call.media_type]],
        "renderer_classes": [JSONRenderer],
    }
    return type(_name(call), (APIView,), attributes).as_view()  # type: ignore[attr-defined]  # of APIView


def _describe(call: Call) -> Any:
    is_open = call.permission is allow_anonymous
    returns = call.returns if isinstance(call.returns, dict) else {200: call.returns}
    errors = (
        *call.errors,
        *(ERRORS_OF_BODIES if call.body else ()),
        *(() if is_open else ERRORS_OF_CALLERS),
    )
    example = OpenApiExample("For example", call.example, request_only=True)
    return extend_schema(
        operation_id=f"{_name(call)}_{call.method.lower()}",
        summary=call.summary,
        description=call.description or DESCRIPTION,
        tags=[TAGS[call.path.partition("/")[0]]],
        auth=[] if is_open else [{"api-key": []}, {"session": []}],  # type: ignore[list-item]  # its type is wrong
        parameters=[call.query] if call.query else [],
        request=call.body,
        responses={**returns, **{status: _error(status) for status in errors}},
        examples=[example] if call.example else [],
    )


def _name(call: Call) -> str:
    return NAMES[call.path].replace(" ", "")


def _error(status: int) -> OpenApiResponse:
    kind, sentence = EXAMPLES[status]
    body = {"result": False, "error_type": kind, "error_message": sentence}
    example = OpenApiExample(kind, body, response_only=True, status_codes=[str(status)])
    return OpenApiResponse(Failure, HTTPStatus(status).phrase, examples=[example])


@lru_cache
def schema_in(language: str) -> dict[str, Any]:
    """Return the schema with descriptions in a language. Cached: generating it is slow."""
    generator: Any = TableGenerator
    with override(language):
        return cast(dict[str, Any], generator().get_schema(request=None, public=True))


def read_schema(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(dump(schema_in(get_language() or "en")), JSON)
