"""Notifications of mentions, replies, likes, reposts and follows."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User
from twitter.models.tweets import Tweet


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Queries of notifications."""

    def of(self, person: User) -> "NotificationQuerySet":
        """Filter a person's notifications, newest first, except those about hidden tweets.

        The actor and the tweet are joined.
        """
        return (
            self.filter(Q(tweet=None) | Q(tweet__hidden_at=None), person=person)
            .select_related("actor", "tweet")
            .order_by("-id")
        )

    def unread(self) -> "NotificationQuerySet":
        """Filter unread notifications."""
        return self.filter(read_at=None)

    def unread_people(self) -> list[User]:
        """Return the people for whom any of these notifications is unread."""
        return list(User.objects.filter(pk__in=self.unread().order_by().values("person")))


class Notification(models.Model):
    """What `actor` did to a tweet of `person`, or to the person; at most one row for each."""

    class Kind(models.TextChoices):
        """What the actor did."""

        MENTION = "mention", _("mentioned you")
        LIKE = "like", _("liked your tweet")
        FOLLOW = "follow", _("follows you")
        REPLY = "reply", _("replied to you")
        REPOST = "repost", _("reposted your tweet")

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=8, choices=Kind)
    actor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    tweet = models.ForeignKey(Tweet, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_of"),
            models.Index(fields=["person"], name="notification_unread", condition=Q(read_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "actor", "tweet"], name="notified_once"
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "actor"],
                name="notified_once_of_person",
                condition=Q(tweet=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.kind} → {self.person_id}"
