"""Tweets."""

from datetime import datetime

from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User

LONGEST_TEXT = 5000

# JSON can carry them, databases cannot store them: NUL and half surrogate pairs.
storable_text = RegexValidator(
    r"[\x00\ud800-\udfff]", _("The text has characters that cannot be stored."), inverse_match=True
)


class TweetQuerySet(models.QuerySet["Tweet"]):
    def feed(self) -> "TweetQuerySet":
        """Everybody's tweets, newest first, each with its author."""
        return self.select_related("author").order_by("-created_at", "-id")

    def after(self, created_at: datetime, tweet_id: int) -> "TweetQuerySet":
        """The part of the feed that follows a tweet; the index serves the first condition."""
        return self.filter(created_at__lte=created_at).exclude(
            created_at=created_at, id__gte=tweet_id
        )


class Tweet(models.Model):
    author = models.ForeignKey(
        User, verbose_name=_("author"), on_delete=models.CASCADE, related_name="tweets"
    )
    text = models.TextField(_("text"), validators=[MaxLengthValidator(LONGEST_TEXT), storable_text])
    created_at = models.DateTimeField(_("posted"), default=timezone.now, editable=False)

    objects = TweetQuerySet.as_manager()

    class Meta:
        verbose_name = _("tweet")
        verbose_name_plural = _("tweets")
        indexes = [models.Index(fields=["-created_at", "-id"], name="tweet_feed")]
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), LONGEST_TEXT), name="tweet_text_length"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
