"""Pages that are lists of tweets: the feeds, search, hashtags, bookmarks."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from twitter.forms import TweetForm
from twitter.models import Tweet, User
from twitter.models.tweets import TweetQuerySet
from twitter.pages.showing import for_readers, person_of, show, show_tweets

LONGEST_QUERY = 200
MOST_PEOPLE = 5
TABS = {
    "all": gettext_lazy("All"),
    "following": gettext_lazy("Following"),
    "popular": gettext_lazy("Popular"),
}


@require_safe
@for_readers
def feed(request: HttpRequest) -> HttpResponse:
    """Show one of the feeds, by `?feed=`; strangers have no people whom they follow."""
    return show_feed(request, TweetForm())


def show_feed(request: HttpRequest, form: TweetForm, status: int = 200) -> HttpResponse:
    tabs = {name: TABS[name] for name in TABS if name != "following" or _is_known(request)}
    tab = request.GET.get("feed", "all")
    tab = tab if tab in tabs else "all"
    takes: dict[str, Any] = {"takes": "all"} if tab == "all" else {}
    if tab == "following":
        followed = person_of(request).follows.values_list("followed", flat=True)
        takes |= {"takes": "authors", "authors": [request.user.pk, *followed]}
    return show_tweets(
        request,
        "twitter/feed.html",
        _tweets_of(request, tab),
        status=status,
        form=form,
        tab=tab,
        tabs=tabs.items(),
        nothing=_nothing_in(tab),
        **takes,
    )


@require_safe
@for_readers
def search(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    if not q:
        return show(request, "twitter/search.html", {"q": q})
    people = User.objects.named(q.removeprefix("@"))[:MOST_PEOPLE]
    people = people.seen_by(person_of(request)) if _is_known(request) else people
    context: dict[str, Any] = {"q": q, "people": people, "nothing": _("Nothing has these words.")}
    return show_tweets(request, "twitter/search.html", Tweet.objects.search(q), **context)


@require_safe
@for_readers
def tag(request: HttpRequest, name: str) -> HttpResponse:
    nothing = _("Nobody has written about this yet.")
    tweets = Tweet.objects.shown().tagged(name).order_by("-created_at", "-id")
    return show_tweets(request, "twitter/list.html", tweets, title=f"#{name}", nothing=nothing)


@require_safe
@login_required
def bookmarks(request: HttpRequest) -> HttpResponse:
    tweets = Tweet.objects.bookmarked_by(person_of(request))
    nothing = _("Nothing yet. What you bookmark is kept here, for you alone.")
    return show_tweets(request, "twitter/list.html", tweets, title=_("Bookmarks"), nothing=nothing)


def _tweets_of(request: HttpRequest, tab: str) -> TweetQuerySet:
    if tab == "following":
        return Tweet.objects.following(person_of(request))
    return Tweet.objects.popular() if tab == "popular" else Tweet.objects.feed()


def _nothing_in(tab: str) -> str:
    if tab == "following":
        return _("Follow somebody, and what they write will be here.")
    return _("Nobody has written anything yet. Be the first!")


def _is_known(request: HttpRequest) -> bool:
    return request.user.is_authenticated
