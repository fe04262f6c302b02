"""Tweets, their pictures and hashtags in the admin."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from twitter import actions
from twitter.admin.export import Exported
from twitter.forms import HideForm
from twitter.models import Hashtag, Media, Tweet
from twitter.models.tags import TREND_LASTS
from twitter.pages.showing import person_of

PREVIEWED = 4


class Observed(Exported, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """Rows that people write on the page, where everybody hears of it: here they are looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind")
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


@admin.register(Tweet)
class TweetAdmin(Observed):
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
    actions = [*Exported.actions, "hide", "restore"]
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

    @admin.display(description=gettext_lazy("pictures"))
    def pictures(self, tweet: Tweet) -> str:
        return _drawn(list(tweet.media.all())[:PREVIEWED], 40)

    @admin.display(description=gettext_lazy("pictures"))
    def all_pictures(self, tweet: Tweet) -> str:
        return _drawn(tweet.media.all(), 200)

    @admin.display(description=gettext_lazy("on the page"))
    def page(self, tweet: Tweet) -> str:
        address = reverse("tweet", args=[tweet.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, address)

    @admin.action(description=gettext_lazy("Hide, with a reason"), permissions=["moderate"])
    def hide(self, request: HttpRequest, tweets: QuerySet[Tweet]) -> HttpResponse | None:
        """Ask for the reason first, then take the tweets off every page."""
        form = HideForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": _("Hide tweets"),
                "opts": self.opts,
                "form": form,
                "tweets": tweets,
            }
            return TemplateResponse(request, "twitter/admin/hide.html", context)
        for tweet in tweets:
            actions.hide_tweet(person_of(request), tweet, form.cleaned_data["reason"])
            self.log_change(
                request, tweet, _("Hidden: %(reason)s") % {"reason": form.cleaned_data["reason"]}
            )
        return None

    @admin.action(description=gettext_lazy("Restore"), permissions=["moderate"])
    def restore(self, request: HttpRequest, tweets: QuerySet[Tweet]) -> None:
        for tweet in tweets.exclude(hidden_at=None):
            try:
                actions.restore_tweet(person_of(request), tweet)
            except ValidationError as error:
                self.message_user(request, f"{tweet}: {error.messages[0]}", messages.ERROR)
            else:
                self.log_change(request, tweet, _("Restored."))


@admin.register(Media)
class MediaAdmin(Observed):
    list_display = ["preview", "owner", "kind", "size", "width", "height", "tweet", "created_at"]
    list_filter = ["kind", ("tweet", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["owner", "tweet"]
    search_fields = ["alt", "owner__name", "owner__username"]
    ordering = ["-id"]
    show_full_result_count = False
    fields = ["preview", "alt", "owner", "tweet", "kind", "size", "width", "height", "created_at"]
    readonly_fields: ClassVar[Any] = fields
    actions = [*Exported.actions]
    exported = ("id", "owner__username", "tweet", "file", "kind", "size", "alt", "created_at")

    @admin.display(description=gettext_lazy("picture"))
    def preview(self, media: Media) -> str:
        return _drawn([media], 80)


@admin.register(Hashtag)
class HashtagAdmin(Observed):
    """Hashtags, the trends of the last days first."""

    list_display = ["__str__", "people_of_late", "tweets_of_late", "tweets_count"]
    search_fields = ["name"]
    fields = ["name", "people_of_late", "tweets_of_late", "tweets_count"]
    readonly_fields: ClassVar[Any] = fields
    actions = [*Exported.actions]
    exported = ("id", "name", "people_of_late", "tweets_of_late", "tweets_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        tags: QuerySet[Any] = self.model.objects.annotate(
            tweets_count=Count("taggings"),
            people_of_late=_of_late("people"),
            tweets_of_late=_of_late("uses"),
        )
        return tags.order_by("-people_of_late", "-tweets_of_late", "name")

    @admin.display(description=gettext_lazy("tweets"), ordering="tweets_count")
    def tweets_count(self, tag: Any) -> int:
        return int(tag.tweets_count)

    @admin.display(
        description=format_lazy(gettext_lazy("people in {days} days"), days=TREND_LASTS.days),
        ordering="people_of_late",
    )
    def people_of_late(self, tag: Any) -> int:
        return int(tag.people_of_late)

    @admin.display(
        description=format_lazy(gettext_lazy("tweets in {days} days"), days=TREND_LASTS.days),
        ordering="tweets_of_late",
    )
    def tweets_of_late(self, tag: Any) -> int:
        return int(tag.tweets_of_late)


def _of_late(counted: str) -> Coalesce:
    """Return what `trends()` counts of a hashtag, 0 where it is no trend."""
    trend = Hashtag.objects.trends().filter(pk=OuterRef("pk")).order_by()
    return Coalesce(Subquery(trend.values(counted)), 0)


def _drawn(media: Any, height: int) -> str:
    # The admin's stylesheet lets no attribute decide how large a picture is.
    link = '<a href="{}"><img src="{}" alt="{}" style="display: inline; height: {}px"></a> '
    rows = [(each.url, each.thumbnail_url, each.alt, height) for each in media]
    return format_html_join("", link, rows)
