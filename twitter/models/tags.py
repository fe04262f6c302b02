"""Hashtags and mentions of tweets."""

from datetime import timedelta

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User
from twitter.models.tweets import Tweet
from twitter.text.spans import MAX_TAG_LENGTH

TREND_PERIOD = timedelta(days=7)


class HashtagQuerySet(models.QuerySet["Hashtag"]):
    """Queries of hashtags."""

    def trends(self, lasting: timedelta = TREND_PERIOD) -> "HashtagQuerySet":
        """Return hashtags used recently, with the numbers of `people` and tweets (`uses`).

        They are ordered by the number of people first, so that one person cannot create a trend.
        """
        recent = Q(
            taggings__created_at__gte=timezone.now() - lasting, taggings__tweet__hidden_at=None
        )
        return (
            self.filter(recent)
            .annotate(people=Count("taggings__tweet__author", distinct=True))
            .annotate(uses=Count("taggings", distinct=True))
            .order_by("-people", "-uses", "name")
        )


class Hashtag(models.Model):
    """A hashtag; `name` is folded and has no #."""

    name = models.CharField(_("hashtag"), max_length=MAX_TAG_LENGTH, unique=True)
    tweets: "models.ManyToManyField[Tweet, Tagging]" = models.ManyToManyField(
        Tweet, through="Tagging", related_name="tags"
    )

    objects = HashtagQuerySet.as_manager()

    class Meta:
        verbose_name = _("hashtag")
        verbose_name_plural = _("hashtags")

    def __str__(self) -> str:
        return f"#{self.name}"


class Tagging(models.Model):
    """A hashtag in a tweet."""

    hashtag = models.ForeignKey(Hashtag, on_delete=models.CASCADE, related_name="taggings")
    tweet = models.ForeignKey(
        Tweet, on_delete=models.CASCADE, related_name="taggings", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("hashtag use")
        verbose_name_plural = _("hashtag uses")
        constraints = [models.UniqueConstraint(fields=["tweet", "hashtag"], name="tag_once")]

    def __str__(self) -> str:
        return f"#{self.hashtag_id} in {self.tweet_id}"


class Mention(models.Model):
    """A person mentioned in a tweet."""

    tweet = models.ForeignKey(
        Tweet, on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["tweet", "person"], name="mention_once")]

    def __str__(self) -> str:
        return f"@{self.person_id} in {self.tweet_id}"
