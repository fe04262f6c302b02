"""Tweets, and every question that is asked about them."""

import math
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User
from twitter.models.reactions import Bookmark, Like
from twitter.models.search import words_match
from twitter.models.text import storable_text

LONGEST_TEXT = 5000
HEAT_LASTS = timedelta(days=1)
"""How much newer a tweet must be to stand beside one with ten times its reactions."""

SHOWN = Q(hidden_at=None)
IN_FEED = Q(hidden_at=None, reply_to=None, repost_of=None)

LATEST_OF_EACH = """
    SELECT latest.id
    FROM (
        SELECT followed_id AS id FROM twitter_follow WHERE follower_id = %s UNION ALL SELECT %s
    ) AS authors CROSS JOIN LATERAL ({}) AS latest
    ORDER BY latest.created_at DESC, latest.id DESC LIMIT %s
"""


class TweetQuerySet(models.QuerySet["Tweet"]):
    reader: int | None = None
    """Who follows those whose tweets these are, if that is how they were chosen."""

    def _clone(self) -> "TweetQuerySet":
        clone: TweetQuerySet = super()._clone()  # type: ignore[misc]
        clone.reader = self.reader
        return clone

    def shown(self) -> "TweetQuerySet":
        """What was not hidden or deleted, each with all that is shown of it."""
        return (
            self.filter(SHOWN)
            .filter(Q(repost_of=None) | Q(repost_of__hidden_at=None))
            .select_related("author", "repost_of__author")
            .prefetch_related("media", "repost_of__media")
        )

    def feed(self) -> "TweetQuerySet":
        """Everybody's own tweets, newest first; replies are in their threads."""
        return (
            self.filter(IN_FEED)
            .select_related("author")
            .prefetch_related("media")
            .order_by("-created_at", "-id")
        )

    def popular(self) -> "TweetQuerySet":
        """The feed by heat: what is new and much liked first."""
        return self.feed().order_by("-heat", "-id")

    def following(self, person: User) -> "TweetQuerySet":
        """What those whom `person` follows wrote or passed on, and `person` too."""
        followed = person.follows.values("followed")
        mine_or_theirs = Q(author=person) | Q(author__in=followed)
        tweets = self.shown().filter(mine_or_theirs, reply_to=None)
        tweets.reader = person.pk
        return tweets.order_by("-created_at", "-id")

    def by(self, person: User) -> "TweetQuerySet":
        """All that `person` wrote or passed on."""
        return self.shown().filter(author=person).order_by("-created_at", "-id")

    def thread(self, tweet: "Tweet") -> "TweetQuerySet":
        """The whole conversation that `tweet` belongs to, in the order it was held."""
        root = tweet.thread_id or tweet.pk
        return self.shown().filter(Q(pk=root) | Q(thread=root)).order_by("created_at", "id")

    def bookmarked_by(self, person: User) -> "TweetQuerySet":
        """What `person` keeps, the latest kept first."""
        kept = self.shown().filter(bookmarks__person=person)
        return kept.annotate(bookmark=F("bookmarks__id")).order_by("-bookmark", "-id")

    def tagged(self, name: str) -> "TweetQuerySet":
        return self.filter(tags__name=name.lower())

    def search(self, text: str) -> "TweetQuerySet":
        """Tweets with all words of `text`, in any of their forms, newest first."""
        return words_match(self.shown(), text).order_by("-created_at", "-id")

    def with_answered(self) -> "TweetQuerySet":
        """Tell of each reply whom it answers, by name, as `answers_to`."""
        answered = Coalesce(OuterRef("repost_of__reply_to"), OuterRef("reply_to"))
        who = User.objects.filter(tweets=answered, tweets__hidden_at=None)
        return self.annotate(answers_to=Subquery(who.values("name")[:1]))

    def seen_by(self, person: User) -> "TweetQuerySet":
        """Tell of each tweet, or of the one it passes on, what `person` did with it."""
        original = Coalesce(OuterRef("repost_of"), OuterRef("pk"))
        mine = {"tweet": original, "person": person}
        reposts = Tweet.objects.filter(SHOWN, author=person, repost_of=original)
        return self.annotate(
            is_liked=Exists(Like.objects.filter(**mine)),
            is_bookmarked=Exists(Bookmark.objects.filter(**mine)),
            is_reposted=Exists(reposts),
        )

    def after(self, value: Any, tweet_id: int) -> "TweetQuerySet":
        """The part that follows a tweet in the order of these; an index serves the first condition.

        `value` is what the tweet has in the field that they are ordered by.
        """
        field = str(self.query.order_by[0])
        name, is_before = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        is_not = "gte" if is_before == "lt" else "lte"
        return self.filter(**{f"{name}__{is_before}e": value}).exclude(
            **{name: value, f"id__{is_not}": tweet_id}
        )

    def part(self, start: int, stop: int) -> "TweetQuerySet":
        """Return the slice, for those who follow many as fast on a large table as on a small one.

        An index gives the latest of one author; PostgreSQL would sort all that any of them wrote.
        """
        if self.reader is None or connection.vendor != "postgresql":
            return self[start:stop]
        of_one = self.filter(author=RawSQL("authors.id", ())).values("id", "created_at")[:stop]
        latest, values = of_one.query.sql_with_params()
        ids = RawSQL(LATEST_OF_EACH.format(latest), (self.reader, self.reader, *values, stop))  # noqa: S611  constants
        return self.filter(pk__in=ids)[start:stop]

    def held(self, tweet_id: int) -> "Tweet":
        """Lock a tweet for this transaction; DoesNotExist if it is gone or hidden.

        Whoever changes its counts holds it, so that of two at once both count.
        """
        return self.select_for_update(no_key=True).get(pk=tweet_id, hidden_at=None)

    def recount(self) -> None:
        """Set what is counted of replies and reposts to what there is."""
        for name, field in (("replies_count", "reply_to"), ("reposts_count", "repost_of")):
            rows = Tweet.objects.filter(SHOWN, **{field: OuterRef("pk")}).order_by()
            count = rows.values(field).annotate(n=Count("pk")).values("n")
            self.update(**{name: Coalesce(Subquery(count), 0)})

    def purgeable(self) -> "TweetQuerySet":
        """What was hidden too long ago to be restored."""
        return self.filter(hidden_at__lt=timezone.now() - timedelta(days=settings.TWEETS_KEPT_DAYS))


class Tweet(models.Model):
    author = models.ForeignKey(
        User, verbose_name=_("author"), on_delete=models.CASCADE, related_name="tweets"
    )
    text = models.TextField(
        _("text"), blank=True, validators=[MaxLengthValidator(LONGEST_TEXT), storable_text]
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
    heat = models.FloatField(_("heat"), default=0, editable=False)
    hidden_at = models.DateTimeField(_("hidden"), null=True, editable=False)
    hidden_by = models.ForeignKey(
        User,
        verbose_name=_("hidden by"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    hidden_reason = models.CharField(_("why hidden"), max_length=300, blank=True, editable=False)

    objects = TweetQuerySet.as_manager()

    class Meta:
        verbose_name = _("tweet")
        verbose_name_plural = _("tweets")
        permissions = [("moderate", "Can hide and restore tweets")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="tweet_feed", condition=IN_FEED),
            models.Index(fields=["-heat", "-id"], name="tweet_popular", condition=IN_FEED),
            models.Index(fields=["author", "-created_at", "-id"], name="tweet_by", condition=SHOWN),
            # Hidden ones too: a deletion looks here for what it has to let go.
            models.Index(
                fields=["thread", "created_at", "id"],
                name="tweet_thread",
                condition=Q(thread__isnull=False),
            ),
            models.Index(
                fields=["hidden_at"], name="tweet_hidden", condition=Q(hidden_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), LONGEST_TEXT), name="tweet_text_length"
            ),
            models.UniqueConstraint(
                fields=["author", "repost_of"],
                condition=Q(hidden_at=None, repost_of__isnull=False),
                name="repost_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60] or f"№ {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.heat = heat(self.created_at, self._reactions)
        super().save(*args, **kwargs)

    @property
    def original(self) -> "Tweet":
        """The tweet that this one passes on, or itself."""
        return self.repost_of or self

    @property
    def _reactions(self) -> int:
        return self.likes_count + self.replies_count + 2 * self.reposts_count

    def count(self, **changes: int) -> None:
        """Add to the counts, and warm or cool accordingly. The tweet must be held."""
        for name, change in changes.items():
            setattr(self, name, max(0, getattr(self, name) + change))
        self.save(update_fields=[*changes, "heat"])

    def may_be_edited_by(self, person: User) -> bool:
        """Its author may, for a while; a repost has no words of its own."""
        until = self.created_at + timedelta(minutes=settings.TWEET_EDIT_MINUTES)
        is_own = self.author_id == person.pk and self.repost_of_id is None
        return is_own and timezone.now() < until

    def may_be_deleted_by(self, person: User) -> bool:
        return self.author_id == person.pk or person.has_perm("twitter.moderate")


def heat(created_at: datetime, reactions: int) -> float:
    """Return what the popular feed is ordered by: it changes only when somebody reacts."""
    return math.log10(1 + reactions) + created_at.timestamp() / HEAT_LASTS.total_seconds()
