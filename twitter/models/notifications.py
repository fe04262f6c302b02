"""What happened to a person's tweets and name while they were away."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twitter.models.people import User
from twitter.models.tweets import Tweet


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, person: User) -> "NotificationQuerySet":
        """The newest first, each with who did it and to which tweet; not of what was hidden."""
        return (
            self.filter(Q(tweet=None) | Q(tweet__hidden_at=None), person=person)
            .select_related("actor", "tweet")
            .order_by("-id")
        )

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)


class Notification(models.Model):
    class Kind(models.TextChoices):
        MENTION = "mention", _("mentioned you")
        LIKE = "like", _("liked your tweet")
        FOLLOW = "follow", _("follows you")
        REPLY = "reply", _("replied to you")
        REPOST = "repost", _("passed your tweet on")

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
