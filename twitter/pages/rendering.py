"""What all pages share: who looks, which part of a list they asked for, and how it is drawn."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from twitter.feed import BadCursor, Cursor, page_after
from twitter.models import Hashtag, Tweet, User
from twitter.models.tweets import TweetQuerySet

PAGE_SIZE = 20
MOST_TRENDS = 10
TRENDS_LIVE = 60

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_readers(view: View[P]) -> View[P]:
    """Show the page to people who are signed in; while developing, to strangers too."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated or settings.DEBUG:
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path())

    return cast(View[P], guarded)


def person_of(request: HttpRequest) -> User:
    """Return who is signed in; the page has seen to it that somebody is."""
    return cast(User, request.user)


def seen(tweets: TweetQuerySet, request: HttpRequest) -> TweetQuerySet:
    """Tell of each tweet whom it answers, and what whoever looks did with it."""
    tweets = tweets.with_answered()
    return tweets.seen_by(person_of(request)) if request.user.is_authenticated else tweets


def show_tweets(
    request: HttpRequest, template: str, tweets: TweetQuerySet, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Draw the page of tweets that `?after=` asks for; for htmx only what follows on the list."""
    after = request.GET.get("after")
    try:
        cursor = Cursor.parse(after) if after else None
        page = page_after(seen(tweets, request), cursor, PAGE_SIZE)
    except BadCursor as error:
        raise SuspiciousOperation(str(error)) from error
    context = {"takes": "", **context, "page": page, "is_first_page": cursor is None}
    is_part = cursor is not None and is_htmx(request)
    response = show(request, "twitter/_tweets.html" if is_part else template, context, status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, template, {"trends": trends, **context}, status=status)


def trends() -> list[dict[str, Any]]:
    """Return the hashtags of late, at most a minute old: every page shows them."""
    known: list[dict[str, Any]] | None = cache.get("twitter.trends")
    if known is None:
        found: Any = Hashtag.objects.trends()  # the plugin does not see what trends() adds
        known = list(found.values("name", "people", "uses")[:MOST_TRENDS])
        cache.set("twitter.trends", known, TRENDS_LIVE)
    return known


def original_or_404(pk: int) -> Tweet:
    """Return a tweet that everybody may see; for a repost, what it passes on."""
    tweet = Tweet.objects.shown().filter(pk=pk).first()
    if tweet is None:
        raise Http404
    return tweet.original


def person_or_404(username: str) -> User:
    person = User.objects.filter(username__iexact=username, is_active=True).first()
    if person is None:
        raise Http404
    return person


def unread(request: HttpRequest) -> dict[str, Any]:
    """Give templates the number of notifications that wait; counted where it is shown."""
    person = getattr(request, "user", None)
    if not isinstance(person, User):
        return {}
    return {"unread_count": lambda: person.notifications.unread().count()}


def is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
