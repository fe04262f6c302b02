"""Request bodies: JSON and multipart forms."""

from typing import Any

import orjson
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.utils.mediatypes import media_type_matches

JSON = "application/json"
FORM = "multipart/form-data"
MAX_MEDIA_TYPE_LENGTH = 256


def read_body(request: HttpRequest, media_type: str) -> Any:
    """Return the data of a body, {} for an empty one. A body can be read more than once.

    Raises ParseError, MultiPartParserError or UnsupportedMediaType.
    """
    if _is_empty(request):
        return {}
    if not _is_of(request, media_type):
        raise UnsupportedMediaType(request.META.get("CONTENT_TYPE", ""))
    return _read_form(request) if media_type == FORM else parse(request.body)


def _is_empty(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH")
    if length is None:  # a chunked body, or none
        return not request.body
    return not (length.isdecimal() and int(length))


def _is_of(request: HttpRequest, media_type: str) -> bool:
    content_type = request.META.get("CONTENT_TYPE", "")
    if len(content_type) > MAX_MEDIA_TYPE_LENGTH:
        return False
    return request.content_type == media_type or media_type_matches(media_type, content_type)


def _read_form(request: HttpRequest) -> Any:
    try:
        form: Any = request.POST.copy()
    except LookupError as error:  # an unknown charset
        raise MultiPartParserError from error
    form.update(request.FILES)
    return form


def parse(body: bytes) -> Any:
    """Return the data of a JSON document.

    orjson is faster and stricter than the standard library. Raises ParseError, also for too deep
    nesting and lone surrogates.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError(_("The request body is not valid JSON: %s.") % error) from error


def dump(data: Any) -> bytes:
    return orjson.dumps(data, default=str)
