"""One tweet: writing it, its conversation, and what people do with it."""

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
from twitter.forms import EditForm, HideForm, ReplyForm, TweetForm
from twitter.models import Tweet
from twitter.pages.lists import show_feed
from twitter.pages.showing import (
    for_readers,
    is_htmx,
    original_or_404,
    person_of,
    seen,
    show,
    show_tweets,
)

MOST_AT_ONCE = 50
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
@for_readers
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole conversation that a tweet belongs to."""
    tweet = original_or_404(pk)
    return show_tweets(
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
@for_readers
def some(request: HttpRequest) -> HttpResponse:
    """Draw the tweets of `?ids=`, newest first, for a page that heard of them."""
    ids = request.GET.get("ids", "").split(",")
    if len(ids) > MOST_AT_ONCE or not all(each.isdecimal() and len(each) < 19 for each in ids):
        return HttpResponseBadRequest()
    tweets = seen(Tweet.objects.shown().filter(pk__in=ids).order_by("-id"), request)
    page = {"tweets": tweets, "next": None}
    context = {"page": page, "in_thread": "in_thread" in request.GET}
    return show(request, "twitter/_tweets.html", context)


@require_POST
@login_required
def post(request: HttpRequest) -> HttpResponse:
    """Post what the form has; for htmx the answer is the tweet, or what is wrong with it."""
    form = TweetForm(request.POST, request.FILES)
    tweet = _posted(request, form) if form.is_valid() else None
    if tweet is None:
        return _told_faults(request, form)
    if not is_htmx(request):
        return redirect("tweet", tweet.pk) if tweet.reply_to_id else redirect("feed")
    return _draw(request, tweet)


@require_POST
@login_required
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do one of ACTS with a tweet; for htmx the answer is the tweet as it is then."""
    person = person_of(request)
    tweet = Tweet.objects.shown().filter(pk=pk).first()
    if tweet is None or name not in ACTS:
        raise Http404
    ACTS[name](person, tweet)
    if not is_htmx(request):
        return redirect(_way_back(request, tweet))
    return HttpResponse() if name == "delete" else _draw(request, tweet)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    tweet = original_or_404(pk)
    if not tweet.may_be_edited_by(person_of(request)):
        raise PermissionDenied
    form = EditForm(request.POST or None, initial={"text": tweet.text})
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_tweet(person_of(request), tweet, form.cleaned_data["text"])
            return redirect("tweet", pk)
        except ValidationError as error:
            form.add_error("text", error)
    return _show_form(request, form, tweet, title=_("Edit the tweet"), button=_("Save"))


@login_required
@permission_required("twitter.moderate", raise_exception=True)
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a moderator take somebody's tweet off every page, and say why."""
    tweet = original_or_404(pk)
    form = HideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.hide_tweet(person_of(request), tweet, form.cleaned_data["reason"])
        return redirect("feed")
    context = {"title": _("Hide the tweet"), "button": _("Hide")}
    return _show_form(request, form, tweet, quoted=tweet, **context)


def _posted(request: HttpRequest, form: TweetForm) -> Tweet | None:
    """Post what a valid form has; None, with the faults in the form, if it cannot be posted."""
    person, cleaned = person_of(request), form.cleaned_data
    reply_to = cleaned["reply_to"] and original_or_404(cleaned["reply_to"])
    try:
        with transaction.atomic():
            media = [actions.upload_media(person, file) for file in cleaned["pictures"]]
            media += form.uploaded_by(person)
            return actions.post_tweet(person, cleaned["text"], media, reply_to or None)
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _told_faults(request: HttpRequest, form: TweetForm) -> HttpResponse:
    if not is_htmx(request):
        return show_feed(request, form, status=400)
    response = show(request, "twitter/_faults.html", {"form": form}, status=422)
    response["HX-Retarget"] = "find .compose-fault"
    response["HX-Reswap"] = "innerHTML"
    return response


def _draw(request: HttpRequest, tweet: Tweet) -> HttpResponse:
    drawn = seen(Tweet.objects.shown().filter(pk=tweet.pk), request).first()
    if drawn is None:  # a repost that was undone
        return HttpResponse()
    return show(request, "twitter/_tweet.html", {"tweet": drawn})


def _show_form(
    request: HttpRequest, form: EditForm | HideForm, tweet: Tweet, **context: object
) -> HttpResponse:
    status = 400 if form.errors else 200
    back = reverse("tweet", args=[tweet.pk])
    return show(request, "twitter/form.html", {"form": form, "back": back, **context}, status)


def _way_back(request: HttpRequest, tweet: Tweet) -> str:
    """Return the page that the button was on, at the tweet."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return reverse("feed")
    return f"{page.partition('#')[0]}#tweet-{tweet.pk}"
