"""Pages that list tweets: feeds, search, hashtags, bookmarks."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from twitter.models import Tweet, User
from twitter.models.tweets import MAX_TEXT_LENGTH, TweetQuerySet
from twitter.pages.forms import TweetForm
from twitter.pages.rendering import current_user, readers_only, render_page, render_tweets
from twitter.text.normal import normalize

MAX_PEOPLE = 5
TABS = {
    "all": gettext_lazy("All"),
    "following": gettext_lazy("Following"),
    "popular": gettext_lazy("Popular"),
}


@require_safe
@readers_only
def feed(request: HttpRequest) -> HttpResponse:
    """Show the feed in `?feed=`; "following" requires a sign-in."""
    return show_feed(request, TweetForm())


def show_feed(request: HttpRequest, form: TweetForm, status: int = 200) -> HttpResponse:
    tabs = {name: TABS[name] for name in TABS if name != "following" or _is_signed_in(request)}
    tab = request.GET.get("feed", "all")
    tab = tab if tab in tabs else "all"
    takes: dict[str, Any] = {"takes": "all"} if tab == "all" else {}
    if tab == "following":
        followed = current_user(request).follows.values_list("followed", flat=True)
        takes |= {"takes": "authors", "authors": [request.user.pk, *followed]}
    return render_tweets(
        request,
        "twitter/feed.html",
        _tweets_of(request, tab),
        status=status,
        form=form,
        tab=tab,
        tabs=tabs.items(),
        nothing=_empty_message(tab),
        **takes,
    )


@require_safe
@readers_only
def search(request: HttpRequest) -> HttpResponse:
    q = normalize(request.GET.get("q", "").replace("\0", ""))[:MAX_TEXT_LENGTH]
    if not q:
        return render_page(request, "twitter/search.html", {"q": q})
    people = User.objects.named(q.removeprefix("@"))[:MAX_PEOPLE]
    people = people.with_viewer(current_user(request)) if _is_signed_in(request) else people
    context: dict[str, Any] = {
        "q": q,
        "people": people,
        "nothing": _("No tweets contain these words."),
    }
    return render_tweets(request, "twitter/search.html", Tweet.objects.search(q), **context)


@require_safe
@readers_only
def tag(request: HttpRequest, name: str) -> HttpResponse:
    nothing = _("No tweets with this hashtag yet.")
    tweets = Tweet.objects.shown().tagged(name).order_by("-created_at", "-id")
    return render_tweets(request, "twitter/list.html", tweets, title=f"#{name}", nothing=nothing)


@require_safe
@login_required
def bookmarks(request: HttpRequest) -> HttpResponse:
    tweets = Tweet.objects.bookmarked_by(current_user(request))
    nothing = _("No bookmarks yet. The tweets you bookmark appear here; only you can see them.")
    return render_tweets(
        request, "twitter/list.html", tweets, title=_("Bookmarks"), nothing=nothing
    )


def _tweets_of(request: HttpRequest, tab: str) -> TweetQuerySet:
    if tab == "following":
        return Tweet.objects.following(current_user(request))
    return Tweet.objects.popular() if tab == "popular" else Tweet.objects.feed()


def _empty_message(tab: str) -> str:
    if tab == "following":
        return _("Nothing here yet. Follow people to see their tweets here.")
    return _("No tweets yet. Write the first one!")


def _is_signed_in(request: HttpRequest) -> bool:
    return request.user.is_authenticated
