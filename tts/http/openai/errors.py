"""Errors in the format of OpenAI's API, and the decorator that authenticates calls."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from core.scopes import Scope, allows
from tts.http.authentication import TooManyAttempts, authenticate


class ApiError(Exception):
    """An error response in the format of OpenAI's API."""

    def __init__(
        self,
        message: str,
        param: str | None = None,
        *,
        status: int = 400,
        code: str = "",
        wait: int = 2,
        allow: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.allow = allow
        self.status, self.param, self.code, self.wait = status, param, code, wait

    def response(self) -> JsonResponse:
        headers = {"Retry-After": str(self.wait)} if self.status in (429, 503) else {}
        headers |= {"Allow": ", ".join(self.allow)} if self.allow else {}
        return JsonResponse({"error": self.error()}, status=self.status, headers=headers)

    def error(self) -> dict[str, str | None]:
        kinds = {
            401: ("authentication_error", "invalid_api_key"),
            404: ("invalid_request_error", "model_not_found"),
            405: ("invalid_request_error", "method_not_supported"),
            429: ("rate_limit_error", "rate_limit_exceeded"),
            503: ("server_error", "service_unavailable"),
        }
        kind, code = kinds.get(self.status, ("invalid_request_error", None))
        code = self.code or code
        return {"message": str(self), "type": kind, "param": self.param, "code": code}


View = Callable[..., Awaitable[HttpResponseBase]]
METHODS = {"GET": ("GET", "HEAD"), "POST": ("POST",)}


def call(method: str) -> Callable[[View], Callable[..., Any]]:
    """Wrap a view: allow one method, authenticate the caller, respond to ApiError."""

    def decorate(view: View) -> Callable[..., Any]:
        @csrf_exempt  # authentication is by key, never by cookie
        @wraps(view)
        async def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method not in METHODS[method]:
                    raise ApiError(
                        f"The method must be {method}.", status=405, allow=METHODS[method]
                    )
                caller = await sync_to_async(_authenticate)(request)
                if caller is None:
                    raise ApiError("Send a valid API key as a bearer token.", status=401)
                if not allows(caller, Scope.SPEECH):
                    raise ApiError("The API key needs the scope “speech”.", status=403)
                return await view(request, caller, *args, **kwargs)
            except ApiError as error:
                return error.response()

        return wrapped

    return decorate


def _authenticate(request: HttpRequest) -> Any:
    try:
        return authenticate(request)
    except TooManyAttempts as error:
        raise ApiError(str(error), status=429, wait=error.wait) from error
