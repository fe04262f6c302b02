"""The SCIM server of this process, and the errors it answers with.

It is imported on the first request: few installations use it, and its models take long to load.
"""

import logging
from http import HTTPStatus
from typing import Any

from django.db import Error as DatabaseError
from scim2_models import (
    InvalidFilterException,
    NotFoundException,
    Resource,
    ResourceType,
    SCIMException,
)
from scim2_models import UnauthorizedException as Unauthorized
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from accounts.scim.resources import PROVIDER
from accounts.scim.storage import Storage
from core.asgi.unavailable import HEADERS, MESSAGE
from core.database import is_outage

__all__ = ["BodyTooLarge", "ScimRequest", "TooManyWrongTokens", "Unauthorized", "refuse", "serve"]

MAX_FILTER = 2_000

logger = logging.getLogger(__name__)


class Handler(ScimHandler):
    """Answers a change with whether the account is active, also if nothing had to be stored."""

    def replace_resource(self, resource_type: ResourceType, *args: Any) -> Resource[Any]:
        return _as_stored(resource_type, super().replace_resource(resource_type, *args))

    def patch_resource(self, resource_type: ResourceType, *args: Any) -> Resource[Any]:
        return _as_stored(resource_type, super().patch_resource(resource_type, *args))


def _as_stored(resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
    if resource_type.name != "User":
        return resource
    return storage.read(resource_type, str(resource.id))


service = ScimService(PROVIDER)
storage = Storage()
handler = Handler(service, storage)


class BodyTooLarge(SCIMException):
    """The body of the request is too large."""

    status = 413
    _default_detail = "The body is too large"


class TooManyWrongTokens(SCIMException):
    """Too many wrong tokens have come from the client's address."""

    status = 429
    _default_detail = "Too many wrong tokens. Try again later"


class BadRequest(SCIMException):
    """The query string cannot be read."""

    status = 400
    _default_detail = "The query string cannot be read"


def serve(request: ScimRequest) -> ScimResponse:
    """Answer a request whose token is valid; errors are answers too."""
    try:
        if "\0" in request.path:
            raise NotFoundException
        if len(request.query.get("filter", "")) > MAX_FILTER:
            raise InvalidFilterException(detail=f"A filter has at most {MAX_FILTER} characters")
        return handler.handle(request)
    except RecursionError:
        return refuse(InvalidFilterException(detail="The filter is nested too deeply"))
    except SCIMException as error:
        return refuse(error)
    except DatabaseError as error:
        if not is_outage(error):
            return _fail(error)
        logger.error("The database does not respond: %s", error)
        body = {**service.error_response(error).body, "status": "503", "detail": MESSAGE}  # type: ignore[dict-item]
        return ScimResponse(HTTPStatus.SERVICE_UNAVAILABLE, body, {**HEADERS})
    except Exception as error:  # every answer is in the format of SCIM
        return _fail(error)


def refuse(error: SCIMException) -> ScimResponse:
    """Return an error in the format of SCIM."""
    return service.error_response(error)


def _fail(error: Exception) -> ScimResponse:
    logger.exception("A SCIM request failed.", exc_info=error)
    return service.error_response(error)
