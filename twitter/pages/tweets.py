"""Pages and buttons of a tweet: posting, the conversation, reactions, editing, hiding."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twitter import actions
from twitter.media.storage import StorageError
from twitter.models import Media, Tweet, User
from twitter.pages.forms import EditForm, HideForm, ReplyForm, TweetForm
from twitter.pages.lists import show_feed
from twitter.pages.rendering import (
    attach_mentioned_people,
    current_user,
    get_original_or_404,
    is_htmx,
    readers_only,
    render_page,
    render_tweets,
    with_viewer,
)

MAX_TWEETS = 50
ACTS = {
    "like": actions.like,
    "unlike": actions.unlike,
    "repost": actions.repost,
    "undo_repost": actions.undo_repost,
    "bookmark": actions.bookmark,
    "unbookmark": actions.unbookmark,
    "delete": actions.delete_tweet,
}


@require_safe
@readers_only
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the conversation that a tweet belongs to."""
    tweet = get_original_or_404(pk)
    return render_tweets(
        request,
        "twitter/thread.html",
        Tweet.objects.thread(tweet),
        tweet=tweet,
        form=ReplyForm(),
        takes="thread",
        root=tweet.thread or tweet,
        in_thread=True,
    )


@require_safe
@readers_only
def some(request: HttpRequest) -> HttpResponse:
    """Render the tweets in `?ids=`, newest first, after a real-time event announced them."""
    ids = request.GET.get("ids", "").split(",")
    if len(ids) > MAX_TWEETS or not all(each.isdecimal() and len(each) < 19 for each in ids):
        return HttpResponseBadRequest()
    tweets = with_viewer(Tweet.objects.shown().filter(pk__in=ids).order_by("-id"), request)
    page = {"tweets": attach_mentioned_people(tweets), "next": None}
    context = {"page": page, "in_thread": "in_thread" in request.GET}
    return render_page(request, "twitter/parts/tweets.html", context)


@require_POST
@login_required
def post(request: HttpRequest) -> HttpResponse:
    """Post a tweet; for htmx the response is the tweet or the errors."""
    form = TweetForm(request.POST, request.FILES)
    try:
        tweet = _post_from_form(request, form) if form.is_valid() else None
    except StorageError as error:
        form.add_error(None, str(error))
        return _render_errors(request, form, status=507)
    if tweet is None:
        return _render_errors(request, form, status=400)
    if not is_htmx(request):
        return redirect("tweet", tweet.pk) if tweet.reply_to_id else redirect("feed")
    return _render_tweet(request, tweet)


@require_POST
@login_required
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Apply one of ACTS to a tweet; for htmx the response is the updated tweet."""
    person = current_user(request)
    tweet = Tweet.objects.shown().filter(pk=pk).first()
    if tweet is None or name not in ACTS:
        raise Http404
    _do(ACTS[name], person, tweet)
    if not is_htmx(request):
        return redirect(_referring_page(request, tweet))
    return HttpResponse() if name == "delete" else _render_tweet(request, tweet)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    tweet = get_original_or_404(pk)
    if not tweet.may_be_edited_by(current_user(request)):
        raise PermissionDenied
    form = EditForm(request.POST or None, initial={"text": tweet.text})
    if request.method == "POST" and form.is_valid():
        try:
            _do(actions.edit_tweet, current_user(request), tweet, form.cleaned_data["text"])
            return redirect("tweet", pk)
        except ValidationError as error:
            form.add_error("text", error)
    return _render_form(request, form, tweet, title=_("Edit the tweet"), button=_("Save"))


@login_required
@permission_required("twitter.moderate", raise_exception=True)
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a moderator hide a tweet, with a reason."""
    tweet = get_original_or_404(pk)
    form = HideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _do(actions.hide_tweet, current_user(request), tweet, form.cleaned_data["reason"])
        return redirect("feed")
    context = {"title": _("Hide the tweet"), "button": _("Hide")}
    return _render_form(request, form, tweet, quoted=tweet, **context)


def _do(action: Callable[..., Any], person: User, tweet: Tweet, *values: Any) -> None:
    """Call an action. Raises Http404 if the tweet was hidden meanwhile."""
    try:
        action(person, tweet, *values)
    except Tweet.DoesNotExist as error:
        raise Http404 from error


def _post_from_form(request: HttpRequest, form: TweetForm) -> Tweet | None:
    """Post the tweet of a valid form; return None after adding errors to the form.

    Raises StorageError. If the tweet is not posted, files uploaded with the form are deleted.
    """
    person, cleaned = current_user(request), form.cleaned_data
    reply_to = cleaned["reply_to"] and get_original_or_404(cleaned["reply_to"])
    uploaded: list[Media] = []
    try:
        for file in cleaned["pictures"]:
            uploaded.append(actions.upload_media(person, file))
        with transaction.atomic():
            media = [*uploaded, *form.uploaded_by(person)]
            return actions.post_tweet(person, cleaned["text"], media, reply_to or None)
    except Tweet.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        form.add_error(None, error)
        return None
    finally:
        actions.discard_media(uploaded)


def _render_errors(request: HttpRequest, form: TweetForm, status: int) -> HttpResponse:
    if not is_htmx(request):
        return show_feed(request, form, status=status)
    response = render_page(request, "twitter/parts/faults.html", {"form": form}, status=422)
    response["HX-Retarget"] = "find .compose-fault"
    response["HX-Reswap"] = "innerHTML"
    return response


def _render_tweet(request: HttpRequest, tweet: Tweet) -> HttpResponse:
    drawn = attach_mentioned_people(with_viewer(Tweet.objects.shown().filter(pk=tweet.pk), request))
    if not drawn:  # a repost that was undone
        return HttpResponse()
    return render_page(request, "twitter/parts/tweet.html", {"tweet": drawn[0]})


def _render_form(
    request: HttpRequest, form: EditForm | HideForm, tweet: Tweet, **context: object
) -> HttpResponse:
    status = 400 if form.errors else 200
    back = reverse("tweet", args=[tweet.pk])
    return render_page(
        request, "twitter/form.html", {"form": form, "back": back, **context}, status
    )


def _referring_page(request: HttpRequest, tweet: Tweet) -> str:
    """Return the URL of the page that the button was on, with the anchor of the tweet."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return reverse("feed")
    return f"{page.partition('#')[0]}#tweet-{tweet.pk}"
