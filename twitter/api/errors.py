"""Every failure in the contract's shape."""

import logging
from typing import Any, cast

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from twitter.feed import BadCursor
from twitter.pictures import NotAPicture, TooLarge

logger = logging.getLogger(__name__)


class TooLargeBody(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("The body is too large.")


class WrongMedia(exceptions.APIException):
    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    default_code = "unsupported_media_type"


class NoSuchThing(exceptions.NotFound):
    default_detail = _("There is no such thing here.")


def failure(exception: Exception, context: dict[str, Any]) -> Response:
    fault = fault_of(exception)
    response = cast(Response, exception_handler(fault, context))
    response.data = failure_shape(fault)
    return response


def failure_shape(fault: exceptions.APIException) -> dict[str, Any]:
    return {
        "result": False,
        "error_type": fault.default_code,
        "error_message": _sentence(fault.detail),
    }


def fault_of(exception: Exception) -> exceptions.APIException:
    """Return what the caller is told. What nobody foresaw is logged, and told without details."""
    match exception:
        case exceptions.APIException():
            return exception
        case Http404() | ObjectDoesNotExist():
            return NoSuchThing()
        case PermissionDenied():
            return exceptions.PermissionDenied(str(exception) or None)
        case TooLarge():
            return TooLargeBody(exception.messages)
        case RequestDataTooBig():
            return TooLargeBody()
        case SuspiciousOperation():
            return exceptions.ParseError(str(exception))
        case NotAPicture():
            return WrongMedia(exception.messages)
        case ValidationError():
            return exceptions.ValidationError(
                getattr(exception, "message_dict", exception.messages)
            )
        case BadCursor():
            return exceptions.ValidationError({"cursor": [str(exception)]})
    logger.error("A call failed", exc_info=exception)
    return exceptions.APIException()


def _sentence(detail: Any) -> str:
    """Return all that is wrong in one line, each fault after the name of its field."""
    if isinstance(detail, dict):
        return " ".join(_named(name, _sentence(fault)) for name, fault in detail.items())
    if isinstance(detail, list):
        return " ".join(_sentence(fault) for fault in detail)
    return str(detail)


def _named(field: Any, fault: str) -> str:
    return fault if field == api_settings.NON_FIELD_ERRORS_KEY else f"{field}: {fault}"
