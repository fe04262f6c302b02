"""Error responses in Pachca's two formats."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

MAX_VALUE_LENGTH = 255


class Refusal(Exception):
    """Makes the response an error."""

    status: int

    def body(self) -> dict[str, Any]:
        raise NotImplementedError

    def response(self) -> HttpResponse:
        return JsonResponse(self.body(), status=self.status)


class ApiError(Refusal):
    """An error of the call, in Pachca's list of errors by field (here always one)."""

    def __init__(
        self,
        status: int,
        code: str,
        message: Any,
        key: str = "base",
        value: object = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.item = {
            "key": key,
            "value": None if value is None else str(value)[:MAX_VALUE_LENGTH],
            "message": message,
            "code": code,
            "payload": None,
        }

    def body(self) -> dict[str, Any]:
        return {"errors": [{**self.item, "message": str(self.item["message"])}]}


class OAuthError(Refusal):
    """The caller is not authenticated or lacks a permission."""

    def __init__(self, status: int, error: str, description: Any) -> None:
        super().__init__(error)
        self.status, self.error, self.description = status, error, description

    def body(self) -> dict[str, Any]:
        return {"error": self.error, "error_description": str(self.description)}


def unauthorized() -> OAuthError:
    return OAuthError(
        HTTPStatus.UNAUTHORIZED, "invalid_token", _("The access token is missing or unknown.")
    )


def forbidden(why: Any) -> OAuthError:
    return OAuthError(HTTPStatus.FORBIDDEN, "role_forbidden", why)


def insufficient_scope(scope: str) -> OAuthError:
    why = _("The token lacks the scope %(scope)s.") % {"scope": scope}
    return OAuthError(HTTPStatus.FORBIDDEN, "insufficient_scope", why)


def not_found(key: str = "id", value: object = None) -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "not_found", _("Nothing was found."), key, value)


def malformed(key: str, message: Any, value: object = None, code: str = "invalid") -> ApiError:
    """Return the error for a call that violates the specification."""
    return ApiError(HTTPStatus.BAD_REQUEST, code, message, key, value)


def unprocessable(key: str, message: Any, value: object = None, code: str = "invalid") -> ApiError:
    """Return the error for a valid call that cannot be executed."""
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, code, message, key, value)
