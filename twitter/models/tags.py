"""Hashtags and mentions: what a text points to."""

from datetime import timedelta

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User
from twitter.models.text import LONGEST_TAG
from twitter.models.tweets import Tweet

TREND_LASTS = timedelta(days=7)


class HashtagQuerySet(models.QuerySet["Hashtag"]):
    def trends(self, lasting: timedelta = TREND_LASTS) -> "HashtagQuerySet":
        """Tags of late, with the number of people (`people`) and of tweets (`uses`), most first.

        People count, so that nobody makes a trend alone.
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
    name = models.CharField(_("hashtag"), max_length=LONGEST_TAG, unique=True)
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
    """One use of a hashtag."""

    hashtag = models.ForeignKey(Hashtag, on_delete=models.CASCADE, related_name="taggings")
    tweet = models.ForeignKey(
        Tweet, on_delete=models.CASCADE, related_name="taggings", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tweet", "hashtag"], name="tag_once")]

    def __str__(self) -> str:
        return f"#{self.hashtag_id} in {self.tweet_id}"


class Mention(models.Model):
    tweet = models.ForeignKey(
        Tweet, on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tweet", "person"], name="mention_once")]

    def __str__(self) -> str:
        return f"@{self.person_id} in {self.tweet_id}"
