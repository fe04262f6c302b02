"""Tweets and their queries."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Concat, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User
from twitter.models.reactions import Bookmark, Like
from twitter.models.search import index_terms, match_words, search_terms
from twitter.text.normal import fold, storable_text

MAX_TEXT_LENGTH = 5000
FOLD_CHARACTERS, FOLD_LINES = 800, 12
HEAT_PERIOD = timedelta(days=1)
"""The age difference that outweighs ten times as many reactions in the popular feed."""

SHOWN = Q(hidden_at=None)
IS_ERASED = Q(text="", repost_of=None) & ~Q(media__isnull=False)
"""Of a hidden tweet: the content was deleted permanently."""
IN_FEED = Q(hidden_at=None, reply_to=None, repost_of=None)

LATEST_BY_AUTHOR = """
    SELECT latest.id
    FROM (
        SELECT followed_id AS id FROM twitter_follow WHERE follower_id = %s UNION ALL SELECT %s
    ) AS authors CROSS JOIN LATERAL ({}) AS latest
    ORDER BY latest.created_at DESC, latest.id DESC LIMIT %s
"""


class TweetQuerySet(models.QuerySet["Tweet"]):
    """Queries of tweets. Feeds are ordered, and load what is displayed with each tweet."""

    reader: int | None = None
    """The id of the person whose `following` feed this is."""

    def _clone(self) -> "TweetQuerySet":
        clone: TweetQuerySet = super()._clone()  # type: ignore[misc]
        clone.reader = self.reader
        return clone

    def shown(self) -> "TweetQuerySet":
        """Filter visible tweets, and load the author, the pictures and the original of reposts."""
        return (
            self.filter(SHOWN)
            .filter(Q(repost_of=None) | Q(repost_of__hidden_at=None))
            .select_related("author", "repost_of__author")
            .prefetch_related("media", "repost_of__media")
        )

    def feed(self) -> "TweetQuerySet":
        """Return the feed of all tweets without replies and reposts, newest first."""
        return (
            self.filter(IN_FEED)
            .select_related("author")
            .prefetch_related("media")
            .order_by("-created_at", "-id")
        )

    def popular(self) -> "TweetQuerySet":
        """Return `feed()` ordered by heat, which combines newness and reactions."""
        return self.feed().order_by("-heat", "-id")

    def following(self, person: User) -> "TweetQuerySet":
        """Return tweets and reposts of `person` and the people they follow, newest first."""
        followed = person.follows.values("followed")
        mine_or_theirs = Q(author=person) | Q(author__in=followed)
        tweets = self.shown().filter(mine_or_theirs, reply_to=None)
        tweets.reader = person.pk
        return tweets.order_by("-created_at", "-id")

    def by(self, person: User) -> "TweetQuerySet":
        """Return all tweets, replies and reposts of `person`, newest first."""
        return self.shown().filter(author=person).order_by("-created_at", "-id")

    def thread(self, tweet: "Tweet") -> "TweetQuerySet":
        """Return the whole conversation that `tweet` belongs to, oldest first."""
        root = tweet.thread_id or tweet.pk
        return self.shown().filter(Q(pk=root) | Q(thread=root)).order_by("created_at", "id")

    def bookmarked_by(self, person: User) -> "TweetQuerySet":
        """Return what `person` bookmarked, the latest bookmark first."""
        tweets = self.shown().filter(bookmarks__person=person)
        return tweets.annotate(bookmark=F("bookmarks__id")).order_by("-bookmark", "-id")

    def tagged(self, name: str) -> "TweetQuerySet":
        """Filter tweets with a hashtag, given without #; case is ignored."""
        return self.filter(tags__name=fold(name))

    def search(self, text: str) -> "TweetQuerySet":
        """Return tweets that contain all words of `text`, in any form, newest first."""
        return match_words(self.shown(), text).order_by("-created_at", "-id")

    def unindexed(self) -> "TweetQuerySet":
        """Filter tweets that are not in the search index yet, newest first."""
        return self.filter(terms=None).order_by("-id")

    def with_reply_author(self) -> "TweetQuerySet":
        """Annotate replies with the author they reply to, as `answers_to`: "Name @username"."""
        answered = Coalesce(OuterRef("repost_of__reply_to"), OuterRef("reply_to"))
        who = User.objects.filter(tweets=answered, tweets__hidden_at=None)
        shown = Concat("name", Value(" @"), "username")
        return self.annotate(answers_to=Subquery(who.values(shown=shown)[:1]))

    def with_viewer(self, person: User) -> "TweetQuerySet":
        """Annotate `is_liked`, `is_bookmarked` and `is_reposted`, for reposts of the original."""
        original = Coalesce(OuterRef("repost_of"), OuterRef("pk"))
        mine = {"tweet": original, "person": person}
        reposts = Tweet.objects.filter(SHOWN, author=person, repost_of=original)
        return self.annotate(
            is_liked=Exists(Like.objects.filter(**mine)),
            is_bookmarked=Exists(Bookmark.objects.filter(**mine)),
            is_reposted=Exists(reposts),
        )

    def after(self, value: Any, tweet_id: int) -> "TweetQuerySet":
        """Filter the tweets that follow a given one in the order of this queryset.

        `value` is the value of its ordering field. An index serves the first condition.
        """
        field = str(self.query.order_by[0])
        name, is_before = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        is_not = "gte" if is_before == "lt" else "lte"
        return self.filter(**{f"{name}__{is_before}e": value}).exclude(
            **{name: value, f"id__{is_not}": tweet_id}
        )

    def page_slice(self, start: int, stop: int) -> "TweetQuerySet":
        """Return a slice whose cost does not grow with the table.

        On PostgreSQL a `following` feed takes the latest tweets of each author from an index. A
        plain slice would make the planner sort all tweets of all authors.
        """
        if self.reader is None or connection.vendor != "postgresql":
            return self[start:stop]
        of_one = self.filter(author=RawSQL("authors.id", ())).values("id", "created_at")[:stop]
        latest, values = of_one.query.sql_with_params()
        ids = RawSQL(LATEST_BY_AUTHOR.format(latest), (self.reader, self.reader, *values, stop))  # noqa: S611  constants
        return self.filter(pk__in=ids)[start:stop]

    def lock(self, tweet_id: int) -> "Tweet":
        """Return a tweet locked until the end of the transaction.

        Lock a tweet before changing its counts, or concurrent changes are lost. Raises DoesNotExist
        if it was deleted or hidden.
        """
        return self.select_for_update(no_key=True).get(pk=tweet_id, hidden_at=None)

    def recount(self) -> None:
        """Recompute the numbers of replies and reposts."""
        for name, field in (("replies_count", "reply_to"), ("reposts_count", "repost_of")):
            rows = Tweet.objects.filter(SHOWN, **{field: OuterRef("pk")}).order_by()
            count = rows.values(field).annotate(n=Count("pk")).values("n")
            self.update(**{name: Coalesce(Subquery(count), 0)})

    def purgeable(self) -> "TweetQuerySet":
        """Filter tweets that were hidden more than TWEETS_KEPT_DAYS ago; annotate `is_answered`.

        Rows that are erased already and still have replies are excluded.
        """
        until = timezone.now() - timedelta(days=settings.TWEETS_KEPT_DAYS)
        old = self.filter(hidden_at__lt=until).with_is_answered()
        return old.exclude(IS_ERASED & Q(is_answered=True))

    def with_is_answered(self) -> "TweetQuerySet":
        """Annotate `is_answered`: whether there are replies, or replies to those."""
        below = Tweet.objects.filter(Q(reply_to=OuterRef("pk")) | Q(thread=OuterRef("pk")))
        return self.annotate(is_answered=Exists(below))

    def not_erased(self) -> "TweetQuerySet":
        """Filter tweets of which more is left than their position in a conversation."""
        return self.exclude(IS_ERASED, hidden_at__isnull=False)


class Tweet(models.Model):
    """A tweet, a reply or a repost (which has an empty text).

    Deleted tweets are hidden and can be restored until they are purged.
    """

    author = models.ForeignKey(
        User, verbose_name=_("author"), on_delete=models.CASCADE, related_name="tweets"
    )
    text = models.TextField(
        _("text"), blank=True, validators=[MaxLengthValidator(MAX_TEXT_LENGTH), storable_text]
    )
    terms = models.TextField(  # noqa: DJ001  NULL is for tweets that are still to be indexed
        null=True, editable=False, help_text=_("Terms of the search index.")
    )
    created_at = models.DateTimeField(_("posted"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    reply_to = models.ForeignKey(
        "self",
        verbose_name=_("reply to"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="replies",
    )
    thread = models.ForeignKey(
        "self",
        verbose_name=_("in the thread of"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        help_text=_("The tweet that began the conversation."),
    )
    repost_of = models.ForeignKey(
        "self",
        verbose_name=_("repost of"),
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="reposts",
    )
    likes_count = models.PositiveIntegerField(_("likes"), default=0, editable=False)
    replies_count = models.PositiveIntegerField(_("replies"), default=0, editable=False)
    reposts_count = models.PositiveIntegerField(_("reposts"), default=0, editable=False)
    heat = models.FloatField(_("popularity"), default=0, editable=False)
    hidden_at = models.DateTimeField(_("hidden"), null=True, editable=False)
    hidden_by = models.ForeignKey(
        User,
        verbose_name=_("hidden by"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    hidden_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    objects = TweetQuerySet.as_manager()

    class Meta:
        verbose_name = _("tweet")
        verbose_name_plural = _("tweets")
        permissions = [
            ("moderate", "Can hide and restore tweets"),
            ("post_tweet", "Can post, reply, repost and upload pictures"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="tweet_feed", condition=IN_FEED),
            models.Index(fields=["-heat", "-id"], name="tweet_popular", condition=IN_FEED),
            models.Index(fields=["author", "-created_at", "-id"], name="tweet_by", condition=SHOWN),
            # Includes hidden tweets: deleting a row looks up the rows that refer to it.
            models.Index(
                fields=["thread", "created_at", "id"],
                name="tweet_thread",
                condition=Q(thread__isnull=False),
            ),
            models.Index(fields=["-id"], name="tweet_unindexed", condition=Q(terms=None)),
            models.Index(
                fields=["hidden_at"], name="tweet_hidden", condition=Q(hidden_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), MAX_TEXT_LENGTH), name="tweet_text_length"
            ),
            models.UniqueConstraint(
                fields=["author", "repost_of"],
                condition=Q(hidden_at=None, repost_of__isnull=False),
                name="repost_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60] or f"#{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the tweet after updating its heat and, if the text is saved, its search terms."""
        self.heat = heat(self.created_at, self._reactions)
        fields = kwargs.get("update_fields")
        has_new_text = fields is None or "text" in fields
        if has_new_text:
            self.terms = search_terms(self.text)
        if fields is not None and has_new_text:
            kwargs["update_fields"] = {*fields, "terms"}
        super().save(*args, **kwargs)
        if has_new_text:
            index_terms([(self.pk, self.terms)])

    mentioned_people: Mapping[str, User] = MappingProxyType({})
    """The existing people that the text mentions, by folded username.

    Set by `twitter.pages.rendering.attach_mentioned_people`.
    """

    @property
    def original(self) -> "Tweet":
        """The reposted tweet, or the tweet itself."""
        return self.repost_of or self

    @property
    def is_long(self) -> bool:
        """Whether lists truncate the text and show a "Show more" link."""
        return len(self.text) > FOLD_CHARACTERS or self.text.count("\n") >= FOLD_LINES

    @property
    def is_erased(self) -> bool:
        """Whether the content was purged and the row remains only because it has replies."""
        is_empty = self.repost_of_id is None and not self.text
        return self.hidden_at is not None and is_empty and not self.media.exists()

    @property
    def _reactions(self) -> int:
        return self.likes_count + self.replies_count + 2 * self.reposts_count

    def count(self, **changes: int) -> None:
        """Add to counts such as `likes_count` and update the heat. The tweet must be locked."""
        for name, change in changes.items():
            setattr(self, name, max(0, getattr(self, name) + change))
        self.save(update_fields=[*changes, "heat"])

    def may_be_edited_by(self, person: User) -> bool:
        """Return whether `person` is the author and TWEET_EDIT_MINUTES have not passed.

        Reposts cannot be edited.
        """
        until = self.created_at + timedelta(minutes=settings.TWEET_EDIT_MINUTES)
        is_own = self.author_id == person.pk and self.repost_of_id is None
        return is_own and timezone.now() < until

    def may_be_deleted_by(self, person: User) -> bool:
        """Return whether `person` is the author or a moderator."""
        return self.author_id == person.pk or person.has_perm("twitter.moderate")


def heat(created_at: datetime, reactions: int) -> float:
    """Return the rank in the popular feed; it changes only when somebody reacts."""
    return math.log10(1 + reactions) + created_at.timestamp() / HEAT_PERIOD.total_seconds()
