"""Likes and bookmarks: at most one of each per person and tweet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User


class Reaction(models.Model):
    """The base of likes and bookmarks."""

    tweet = models.ForeignKey(
        "twitter.Tweet",
        verbose_name=_("tweet"),
        on_delete=models.CASCADE,
        related_name="%(class)ss",
        db_index=False,  # the constraint has one
    )
    person = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="%(class)ss"
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["tweet", "person"], name="%(class)s_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self._meta.verbose_name} {self.tweet_id}"


class Like(Reaction):
    """A public reaction, counted in `Tweet.likes_count`."""

    class Meta(Reaction.Meta):
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        indexes = [models.Index(fields=["tweet", "-id"], name="like_latest")]


class Bookmark(Reaction):
    """A private reaction."""

    class Meta(Reaction.Meta):
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")
