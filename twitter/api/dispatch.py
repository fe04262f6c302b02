"""Dispatching requests to the calls in `calls.py`.

For each request: resolve the path, authenticate, select the method, load the object of the path,
validate the input, run the handler, and return its result or exception as JSON.
"""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls.resolvers import RoutePattern
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import MethodNotAllowed

from twitter.api.authentication import require_scope
from twitter.api.body import FORM, JSON, dump, read_body
from twitter.api.call import Call
from twitter.api.calls import CALLS, NAMES
from twitter.api.docs import ROOT_CALL, SCHEMA_CALL
from twitter.api.errors import ObjectNotFound, error_headers, serialize_error, to_api_exception
from twitter.api.serializers import validate

PREFIX = "/api/"
METHODS = ("GET", "POST", "PATCH", "DELETE")
# A browser that opens a response directly must not run scripts or show it in a frame.
SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'"


class Resource:
    """The calls at one path."""

    def __init__(self, path: str, calls: Iterable[Call]) -> None:
        self.pattern = RoutePattern(path, is_endpoint=True)
        self.calls = {call.method: call for call in calls}
        first, *_ = self.calls.values()
        self.permission = first.permission
        self.media_type = FORM if any(it.media_type == FORM for it in self.calls.values()) else JSON
        self.headers = _headers(self.calls)
        self.options = {
            "name": NAMES[path],
            "description": first.description,
            "renders": [JSON],
            "parses": [self.media_type],
        }

    def run(self, request: HttpRequest, named: Iterable[Any]) -> Any:
        """Return the result of a call; `named` are the values of the path parameters."""
        caller = self.permission(request, self.media_type)
        method = request.method or ""
        if method == "OPTIONS":
            return HttpResponse(dump(self.options), JSON)
        call = self.calls.get("GET" if method == "HEAD" else method)
        if call is None:
            raise MethodNotAllowed(method)
        require_scope(caller, call.required_scope)
        if call.find:
            named = [call.find(*named)]
        if call.query:
            return call.handler(caller, *named, validate(call.query, request.GET))
        if call.body:
            data = read_body(request, call.media_type)
            return call.handler(caller, *named, validate(call.body, data))
        return call.handler(caller, *named)


def _headers(methods: Iterable[str]) -> dict[str, str]:
    allowed = [name for name in METHODS if name in methods]
    allowed += ["HEAD", "OPTIONS"] if "GET" in methods else ["OPTIONS"]
    return {"Allow": ", ".join(allowed), "Content-Security-Policy": SECURITY_POLICY}


def _resources() -> dict[str, Resource]:
    rows: dict[str, list[Call]] = {}
    for call in (*CALLS, SCHEMA_CALL):
        rows.setdefault(call.path, []).append(call)
    return {path: Resource(path, calls) for path, calls in rows.items()}


RESOURCES = _resources()
LITERAL = {path: resource for path, resource in RESOURCES.items() if "<" not in path}
PATTERNS = [resource for path, resource in RESOURCES.items() if "<" in path]
ROOT = Resource("", [ROOT_CALL])
HEADERS_OF_NO_CALL = _headers(())


@csrf_exempt  # `authenticate` checks the token of callers with a session
def respond(request: HttpRequest) -> HttpResponse:
    """Serve all paths under /api/."""
    return _respond(request, *_find(request.path_info.removeprefix(PREFIX).removesuffix("/")))


@csrf_exempt
def respond_at_root(request: HttpRequest) -> HttpResponse:
    """Serve /api without a trailing slash."""
    return _respond(request, ROOT, ())


def _respond(request: HttpRequest, resource: Resource | None, named: Iterable[Any]) -> HttpResponse:
    headers = resource.headers if resource else HEADERS_OF_NO_CALL
    try:
        if resource is None:
            raise ObjectNotFound
        result = resource.run(request, named)
    except Exception as error:  # every exception becomes a response
        fault = to_api_exception(error)
        headers = {**error_headers(fault), **headers}
        return HttpResponse(dump(serialize_error(fault)), JSON, fault.status_code, headers=headers)
    if isinstance(result, HttpResponse):
        for name, value in headers.items():
            result[name] = value
        return result
    return HttpResponse(dump({"result": True, **(result or {})}), JSON, headers=headers)


def _find(path: str) -> tuple[Resource | None, Iterable[Any]]:
    """Return the resource at a path and the values of its parameters."""
    if path in LITERAL:
        return LITERAL[path], ()
    for resource in PATTERNS:
        match = resource.pattern.match(path)
        if match:
            return resource, match[2].values()
    return None, ()
