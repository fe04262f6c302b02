"""How the calls are described at /api/schema and /docs."""

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar, cast

from django.utils.functional import Promise
from django.utils.translation import override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.serializers import Serializer

from twitter.api.answers import Failure

Method = TypeVar("Method", bound=Callable[..., Any])
Kind = type[Serializer[Any]]

FAILURES = {
    400: ("invalid", "tweet_data: This field is required."),
    401: ("authentication_failed", "The api-key is not valid."),
    403: ("permission_denied", "This tweet is somebody else's."),
    404: ("not_found", "There is no such thing here."),
    413: ("too_large", "A picture has at most 10 MB."),
    415: ("unsupported_media_type", "This is no JPEG, PNG, GIF or WebP picture."),
    429: ("throttled", "Too many calls. The next one may come in 17 s."),
    500: ("error", "A server error occurred."),
}
ALWAYS = (401, 429, 500)
OF_BODIES = (400, 413, 415)


def call(
    summary: Promise,
    answers: Kind,
    *refusals: int,
    sends: Kind | None = None,
    query: Kind | None = None,
    example: dict[str, Any] | None = None,
    tag: str,
) -> Callable[[Method], Method]:
    """Describe a call: what it takes, what it answers, and with which statuses it refuses.

    Those of every call, and of every body that is sent, go without saying.
    """
    statuses = (*refusals, *(OF_BODIES if sends else ()), *ALWAYS)
    shown = [OpenApiExample("For example", example, request_only=True)] if example else []
    decorate: Callable[[Method], Method] = extend_schema(
        summary=summary,
        request=sends,
        parameters=[query] if query else [],
        responses={200: answers, **{code: failed(code) for code in statuses}},
        examples=shown,
        tags=[tag],
    )
    return decorate


def failed(status: int) -> OpenApiResponse:
    kind, sentence = FAILURES[status]
    body = {"result": False, "error_type": kind, "error_message": sentence}
    example = OpenApiExample(kind, body, response_only=True, status_codes=[str(status)])
    return OpenApiResponse(Failure, HTTPStatus(status).phrase, examples=[example])


class ContractSchema(AutoSchema):
    def get_operation_id(self) -> str:
        return f"{type(self.view).__name__}_{self.method.lower()}"


@lru_cache
def schema_in(language: str) -> dict[str, Any]:
    """Return the schema, with its explanations in a language; made once, for it takes a while."""
    with override(language):
        generator: Any = SchemaGenerator
        schema = generator().get_schema(request=None, public=True)
    return cast(dict[str, Any], schema)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass
    target_class = "twitter.api.authentication.ApiKeyAuthentication"
    name = "api-key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "api-key"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass
    target_class = "twitter.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def described_once(endpoints: list[Any]) -> list[Any]:
    """Leave out the twin with the trailing slash of each address, and the catch-all."""
    return [each for each in endpoints if each[0].startswith("/api/") and each[0][-1] != "/"]
