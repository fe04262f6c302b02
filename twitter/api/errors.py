"""Exceptions as error responses: `result`, `error_type` and `error_message`."""

import logging
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.settings import api_settings

from core.database import is_outage
from core.storage.filesystem import is_full
from twitter.feed import BadCursor
from twitter.media.pictures import NotAPicture, TooLarge
from twitter.media.storage import StorageError, StorageUnavailable

logger = logging.getLogger(__name__)


class BodyTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("The request body is too large.")


class UnsupportedPicture(exceptions.APIException):
    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    default_code = "unsupported_media_type"


class StorageFull(exceptions.APIException):
    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "insufficient_storage"
    default_detail = _("There is no space left for files. Contact your administrator.")


class MalformedForm(exceptions.ParseError):
    default_detail = _("The form cannot be read. Send it as multipart/form-data with a boundary.")


class Unavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _("The database is not available at the moment. Try again in a few seconds.")
    wait = 5  # seconds, for Retry-After


class ObjectNotFound(exceptions.NotFound):
    default_detail = _("Nothing was found at this address.")


def error_headers(fault: exceptions.APIException) -> dict[str, str]:
    """Return WWW-Authenticate and Retry-After where they apply."""
    headers = {}
    if auth_header := getattr(fault, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(fault, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def serialize_error(fault: exceptions.APIException) -> dict[str, Any]:
    """Return the body of an error response."""
    return {
        "result": False,
        "error_type": fault.default_code,
        "error_message": _sentence(fault.detail),
    }


def to_api_exception(exception: Exception) -> exceptions.APIException:
    """Return the exception to respond with. Unexpected exceptions are logged, without details."""
    match exception:
        case exceptions.APIException():
            return exception
        case Http404() | ObjectDoesNotExist():
            return ObjectNotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied(str(exception) or None)
        case TooLarge():
            return BodyTooLarge(exception.messages)
        case RequestDataTooBig():
            return BodyTooLarge()
        case MultiPartParserError():
            return MalformedForm()
        case SuspiciousOperation():
            logger.warning("Suspicious API request rejected: %s", exception)
            return exceptions.ParseError()
        case StorageUnavailable():
            return Unavailable(str(exception))
        case StorageError():
            return StorageFull(str(exception))
        case OSError() if is_full(exception):
            return StorageFull()
        case NotAPicture():
            return UnsupportedPicture(exception.messages)
        case ValidationError():
            return exceptions.ValidationError(
                getattr(exception, "message_dict", exception.messages)
            )
        case BadCursor():
            return exceptions.ValidationError({"cursor": [str(exception)]})
        case _ if is_outage(exception):
            logger.error("The database is unavailable: %s", exception)
            return Unavailable()
    logger.error("Unexpected error in an API call", exc_info=exception)
    return exceptions.APIException()


def _sentence(detail: Any) -> str:
    """Return all messages in one line, each prefixed with the name of its field."""
    if isinstance(detail, dict):
        return " ".join(
            _prefix_with_field(name, _sentence(fault)) for name, fault in detail.items()
        )
    if isinstance(detail, list):
        return " ".join(_sentence(fault) for fault in detail)
    return str(detail)


def _prefix_with_field(field: Any, fault: str) -> str:
    return fault if field == api_settings.NON_FIELD_ERRORS_KEY else f"{field}: {fault}"
