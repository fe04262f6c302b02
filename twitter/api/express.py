"""The two calls that are made all the time, past most of Django and of DRF.

What those do for a call costs as much as the call itself. Here are the same checks, the same
actions and the same failures; callers without a key, and all other calls, go on to the views.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from twitter.api.authentication import KEY_HEADER, caller
from twitter.api.errors import failure
from twitter.api.json import MEDIA_TYPE, dumped, parsed
from twitter.api.pages import page_shape
from twitter.api.serializers import NewTweet, PageAsked, checked
from twitter.api.tweets import post_sent
from twitter.api.views import HARMLESS
from twitter.models import Tweet, User
from twitter.shapes import Shape

Call = Callable[[HttpRequest, User], Shape]

PATHS = {"/api/tweets", "/api/tweets/"}
PAGE = PageAsked().fields.keys()
HEADERS = {"Content-Type": MEDIA_TYPE, **HARMLESS}


def express(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Middleware that answers what goes this way. The language must be known by then."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        call = _call(request)
        return get_response(request) if call is None else _answer(request, call)

    return middleware


def _call(request: HttpRequest) -> Call | None:
    if request.path_info not in PATHS or KEY_HEADER not in request.headers:
        return None
    if request.method == "GET" and request.GET.keys() <= PAGE:
        return _feed
    if request.method == "POST" and request.content_type == MEDIA_TYPE:
        return _post
    return None


def _feed(request: HttpRequest, person: User) -> Shape:
    return page_shape(Tweet.objects.feed(), checked(PageAsked, request.GET), person)


def _post(request: HttpRequest, person: User) -> Shape:
    sent = checked(NewTweet, parsed(request.body) if request.body else {})
    return {"result": True, "tweet_id": post_sent(person, sent).pk}


def _answer(request: HttpRequest, call: Call) -> HttpResponse:
    try:
        shape, status, headers = call(request, caller(request)), 200, {}
    except Exception as error:  # the contract has a shape for each
        told = failure(error, {})
        shape, status, headers = told.data, told.status_code, dict(told.headers)
    return HttpResponse(dumped(shape), status=status, headers={**headers, **HEADERS})
