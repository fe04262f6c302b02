"""Every failure in the contract's shape."""

import logging
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

logger = logging.getLogger(__name__)


def failure(exception: Exception, context: dict[str, Any]) -> Response:
    fault = _fault(exception)
    response = cast(Response, exception_handler(fault, context))
    response.data = {
        "result": False,
        "error_type": fault.default_code,
        "error_message": _sentence(fault.detail),
    }
    return response


def _fault(exception: Exception) -> exceptions.APIException:
    """Return what the caller is told. What nobody foresaw is logged, and told without details."""
    if isinstance(exception, exceptions.APIException):
        return exception
    if isinstance(exception, Http404):
        return exceptions.NotFound()
    if isinstance(exception, PermissionDenied):
        return exceptions.PermissionDenied()
    logger.error("A call failed", exc_info=exception)
    return exceptions.APIException()


def _sentence(detail: Any) -> str:
    """Return all that is wrong in one line, each fault after the name of its field."""
    if isinstance(detail, dict):
        return " ".join(f"{name}: {_sentence(fault)}" for name, fault in detail.items())
    if isinstance(detail, list):
        return " ".join(_sentence(fault) for fault in detail)
    return str(detail)
