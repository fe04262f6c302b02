"""Code shared by the pages: access, pagination, rendering."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from redis import RedisError

from twitter.feed import BadCursor, Cursor, page_after
from twitter.models import Hashtag, Notification, Tweet, User
from twitter.models.tweets import TweetQuerySet
from twitter.text.spans import mentioned_usernames, parse

PAGE_SIZE = 20
MAX_TRENDS = 10
TRENDS_CACHE_TIMEOUT = 60

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def readers_only(view: View[P]) -> View[P]:
    """Require a sign-in, except with DEBUG."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated or settings.DEBUG:
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path())

    return cast(View[P], guarded)


def current_user(request: HttpRequest) -> User:
    """Return the signed-in person. The view must require a sign-in."""
    return cast(User, request.user)


def with_viewer(tweets: TweetQuerySet, request: HttpRequest) -> TweetQuerySet:
    """Annotate tweets with the author they reply to and the signed-in person's reactions."""
    tweets = tweets.with_reply_author()
    return tweets.with_viewer(current_user(request)) if request.user.is_authenticated else tweets


def attach_mentioned_people(tweets: Iterable[Tweet]) -> list[Tweet]:
    """Set `mentioned_people` on each tweet, with one query for all tweets."""
    tweets = list(tweets)
    names = {tweet.pk: mentioned_usernames(parse(tweet.original.text)) for tweet in tweets}
    if any(names.values()):
        people = User.objects.filter(username_folded__in=set().union(*names.values()))
        found = {
            str(person.username_folded): person
            for person in people.only("username", "username_folded", "is_active")
        }
        for tweet in tweets:
            known = names[tweet.pk] & found.keys()
            tweet.original.mentioned_people = {name: found[name] for name in known}
    return tweets


def render_tweets(
    request: HttpRequest, template: str, tweets: TweetQuerySet, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render the page of tweets after the cursor `?after=`; for htmx only the list items."""
    after = request.GET.get("after")
    try:
        cursor = Cursor.parse(after) if after else None
        page = page_after(with_viewer(tweets, request), cursor, PAGE_SIZE)
        attach_mentioned_people(page.tweets)
    except BadCursor as error:
        raise SuspiciousOperation(str(error)) from error
    context = {"takes": "", **context, "page": page, "is_first_page": cursor is None}
    is_part = cursor is not None and is_htmx(request)
    response = render_page(
        request, "twitter/parts/tweets.html" if is_part else template, context, status
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, template, {"trends": trends, **context}, status=status)


def trends() -> list[dict[str, Any]]:
    """Return the trending hashtags for the sidebar, cached for a minute.

    While Redis is unavailable they are computed for each page.
    """
    try:
        known: list[dict[str, Any]] | None = cache.get("twitter.trends")
    except RedisError:
        return _count_trends()
    if known is None:
        known = _count_trends()
        with suppress(RedisError):
            cache.set("twitter.trends", known, TRENDS_CACHE_TIMEOUT)
    return known


def _count_trends() -> list[dict[str, Any]]:
    found: Any = Hashtag.objects.trends()  # the plugin does not see what trends() adds
    return list(found.values("name", "people", "uses")[:MAX_TRENDS])


def get_original_or_404(pk: int) -> Tweet:
    """Return a visible tweet; for a repost, the original."""
    tweet = Tweet.objects.shown().filter(pk=pk).first()
    if tweet is None:
        raise Http404
    return tweet.original


def get_person_or_404(username: str) -> User:
    """Return a person, including those whose account was ended: their tweets may be visible."""
    person = User.objects.with_username(username).first()
    if person is None:
        raise Http404
    return person


def unread_count(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the number of unread notifications, counted when a template uses it."""
    person = getattr(request, "user", None)
    if not isinstance(person, User):
        return {}
    return {"unread_count": lambda: Notification.objects.of(person).unread().count()}


def is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
