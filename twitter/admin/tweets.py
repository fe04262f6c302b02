"""Tweets, pictures and hashtags in the admin."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from twitter import actions
from twitter.admin.export import ExportMixin
from twitter.models import Hashtag, Media, Tweet
from twitter.models.tags import TREND_PERIOD
from twitter.pages.forms import HideForm
from twitter.pages.rendering import current_user

Function = TypeVar("Function", bound=Callable[..., Any])

MAX_PREVIEWS = 4


def button(**options: Any) -> Callable[[Function], Function]:
    """Turn a method into a button on the change page; `options` are those of unfold's `action`."""
    decorator: Any = action(**options)
    return decorator  # type: ignore[no-any-return]  # unfold declares it as the method's result


class ReadOnlyAdmin(ExportMixin, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """Rows that people write on the pages, through actions that publish events: read-only here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("type")
    parameter_name = "kind"
    kinds: dict[str, dict[str, Any]] = {
        "tweet": {"reply_to": None, "repost_of": None},
        "reply": {"reply_to__isnull": False},
        "repost": {"repost_of__isnull": False},
        "pictures": {"media__isnull": False},
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = [_("tweets"), _("replies"), _("reposts"), _("with pictures")]
        return list(zip(self.kinds, names, strict=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.kinds.get(self.value() or "")
        return queryset.filter(**chosen).distinct() if chosen else queryset


class HideDialog(HideForm, BaseDialogForm):
    """Asks for the reason in a dialog on the change page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # unfold's classes draw the border; htmx focuses fields with `autofocus`.
        self.fields["reason"].widget = UnfoldAdminTextInputWidget({"autofocus": True})


@admin.register(Tweet)
class TweetAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "author", "created_at", "likes_count", "pictures", "hidden_at"]
    list_filter = [("hidden_at", admin.EmptyFieldListFilter), KindFilter, "created_at"]
    list_select_related = ["author"]
    search_fields = ["text", "author__name", "author__username"]
    ordering = ["-created_at", "-id"]
    show_full_result_count = False
    fields = [
        *("author", "text", "all_pictures", "page", "created_at", "edited_at"),
        *("likes_count", "replies_count", "reposts_count"),
        *("hidden_at", "hidden_by", "hidden_reason"),
    ]
    readonly_fields: ClassVar[Any] = fields
    actions = [*ExportMixin.actions, "hide", "restore"]
    actions_detail = ("hide_this", "restore_this")  # type: ignore[assignment]  # unfold: always empty
    exported = (
        *("id", "author__username", "text", "created_at", "edited_at", "reply_to", "repost_of"),
        *("likes_count", "replies_count", "reposts_count", "hidden_at", "hidden_reason"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tweet]:
        tweets: QuerySet[Tweet] = super().get_queryset(request)
        return tweets.prefetch_related("media")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "author" or bool(super().lookup_allowed(lookup, value, request))

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("twitter.moderate"))

    def has_hide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether to show the "Hide" button: to moderators, while the tweet is visible."""
        tweet = self.get_object(request, object_id)  # None also for an invalid id
        is_visible = tweet is not None and tweet.hidden_at is None
        return is_visible and self.has_moderate_permission(request)

    def has_restore_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        tweet = self.get_object(request, object_id)
        is_hidden = tweet is not None and tweet.hidden_at is not None
        return is_hidden and self.has_moderate_permission(request)

    @admin.display(description=gettext_lazy("pictures"))
    def pictures(self, tweet: Tweet) -> str:
        return _render_pictures(list(tweet.media.all())[:MAX_PREVIEWS], 40)

    @admin.display(description=gettext_lazy("pictures"))
    def all_pictures(self, tweet: Tweet) -> str:
        return _render_pictures(tweet.media.all(), 200)

    @admin.display(description=gettext_lazy("link"))
    def page(self, tweet: Tweet) -> str:
        address = reverse("tweet", args=[tweet.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, address)

    @admin.action(description=gettext_lazy("Hide with a reason"), permissions=["moderate"])
    def hide(self, request: HttpRequest, tweets: QuerySet[Tweet]) -> HttpResponse | None:
        """Ask for the reason, then hide the tweets."""
        form = HideForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": _("Hide tweets"),
                "opts": self.opts,
                "form": form,
                "tweets": tweets,
                "back": request.get_full_path(),
            }
            return TemplateResponse(request, "twitter/admin/hide.html", context)
        for tweet in tweets:
            self._hide(request, tweet, form.cleaned_data["reason"])
        message = _("Hidden tweets: %(count)d.") % {"count": len(tweets)}
        self.message_user(request, message, messages.SUCCESS)
        return None

    def _hide(self, request: HttpRequest, tweet: Tweet, reason: str) -> None:
        actions.hide_tweet(current_user(request), tweet, reason)
        self.log_change(request, tweet, _("Hidden: %(reason)s") % {"reason": reason})

    @admin.action(description=gettext_lazy("Restore"), permissions=["moderate"])
    def restore(self, request: HttpRequest, tweets: QuerySet[Tweet]) -> None:
        for tweet in tweets.exclude(hidden_at=None):
            self._restore(request, tweet)

    def _restore(self, request: HttpRequest, tweet: Tweet) -> None:
        try:
            actions.restore_tweet(current_user(request), tweet)
        except ValidationError as error:
            self.message_user(request, f"{tweet}: {error.messages[0]}", messages.ERROR)
        else:
            self.log_change(request, tweet, _("Restored."))
            self.message_user(request, _("The tweet is visible again."), messages.SUCCESS)

    @button(
        description=gettext_lazy("Hide"),
        icon="visibility_off",
        permissions=["hide"],
        dialog={
            "title": gettext_lazy("Hide this tweet?"),
            "description": gettext_lazy(
                "It disappears from all pages immediately. You can restore it here."
            ),
            "form_class": HideDialog,
            "form_submit_text": gettext_lazy("Hide"),
        },
    )
    def hide_this(self, request: HttpRequest, form: HideDialog, object_id: str) -> HttpResponse:
        tweet = get_object_or_404(Tweet, pk=object_id)
        self._hide(request, tweet, form.cleaned_data["reason"])
        self.message_user(request, _("The tweet is hidden."), messages.SUCCESS)
        return HttpResponse(headers={"HX-Redirect": self._change_page(object_id)})

    @button(description=gettext_lazy("Restore"), icon="visibility", permissions=["restore"])
    def restore_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        self._restore(request, get_object_or_404(Tweet, pk=object_id))
        return redirect(self._change_page(object_id))

    def _change_page(self, object_id: str) -> str:
        return reverse("admin:twitter_tweet_change", args=[object_id])


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    list_display = [
        *("__str__", "preview", "owner", "kind", "size", "width", "height", "tweet", "created_at"),
    ]
    list_filter = ["kind", ("tweet", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["owner", "tweet"]
    search_fields = ["alt", "owner__name", "owner__username"]
    ordering = ["-id"]
    show_full_result_count = False
    fields = ["preview", "alt", "owner", "tweet", "kind", "size", "width", "height", "created_at"]
    readonly_fields: ClassVar[Any] = fields
    actions = [*ExportMixin.actions]
    exported = ("id", "owner__username", "tweet", "file", "kind", "size", "alt", "created_at")

    @admin.display(description=gettext_lazy("picture"))
    def preview(self, media: Media) -> str:
        return _render_pictures([media], 80)


@admin.register(Hashtag)
class HashtagAdmin(ReadOnlyAdmin):
    """Hashtags, trending ones first."""

    list_display = ["__str__", "recent_people", "recent_tweets", "tweets_count"]
    search_fields = ["name"]
    fields = ["name", "recent_people", "recent_tweets", "tweets_count"]
    readonly_fields: ClassVar[Any] = fields
    actions = [*ExportMixin.actions]
    exported = ("id", "name", "recent_people", "recent_tweets", "tweets_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        tags: QuerySet[Any] = self.model.objects.annotate(
            tweets_count=Count("taggings"),
            recent_people=_count_recent("people"),
            recent_tweets=_count_recent("uses"),
        )
        return tags.order_by("-recent_people", "-recent_tweets", "name")

    @admin.display(description=gettext_lazy("tweets"), ordering="tweets_count")
    def tweets_count(self, tag: Any) -> int:
        return int(tag.tweets_count)

    @admin.display(
        description=format_lazy(gettext_lazy("users in {days} days"), days=TREND_PERIOD.days),
        ordering="recent_people",
    )
    def recent_people(self, tag: Any) -> int:
        return int(tag.recent_people)

    @admin.display(
        description=format_lazy(gettext_lazy("tweets in {days} days"), days=TREND_PERIOD.days),
        ordering="recent_tweets",
    )
    def recent_tweets(self, tag: Any) -> int:
        return int(tag.recent_tweets)


def _count_recent(counted: str) -> Coalesce:
    """Return a number that `trends()` annotates, 0 for hashtags that are not trending."""
    trend = Hashtag.objects.trends().filter(pk=OuterRef("pk")).order_by()
    return Coalesce(Subquery(trend.values(counted)), 0)


def _render_pictures(media: Any, height: int) -> str:
    # The admin's stylesheet overrides `width` and `height` attributes.
    link = '<a href="{}"><img src="{}" alt="{}" style="display: inline; height: {}px"></a> '
    rows = [(each.url, each.thumbnail_url, each.alt, height) for each in media]
    return format_html_join("", link, rows)
