"""The web page: the feed, and the box to write in."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from twitter.actions import post_tweet
from twitter.feed import BadCursor, Cursor, page_after
from twitter.forms import TweetForm
from twitter.models import Tweet, User

PAGE_SIZE = 20


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Show the tweets that follow `?after=`, or the newest. While developing, to strangers too."""
    if not (request.user.is_authenticated or settings.DEBUG):
        return redirect_to_login(request.get_full_path())
    return _show_feed(request, TweetForm())


@require_POST
@login_required
def post(request: HttpRequest) -> HttpResponse:
    form = TweetForm(request.POST)
    if not form.is_valid():
        return _show_feed(request, form, status=400)
    post_tweet(cast(User, request.user), form.cleaned_data["text"])
    return redirect("feed")


def _show_feed(request: HttpRequest, form: TweetForm, status: int = 200) -> HttpResponse:
    after = request.GET.get("after")
    try:
        cursor = Cursor.parse(after) if after else None
    except BadCursor as error:
        return HttpResponseBadRequest(str(error))
    page = page_after(Tweet.objects.feed(), cursor, PAGE_SIZE)
    context = {"form": form, "page": page, "is_first_page": cursor is None}
    return render(request, "twitter/feed.html", context, status=status)
