"""A broadcast: one message to many people, each of whom gets it once."""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from bots.jobs import OPEN, State
from bots.models.bot import Bot
from bots.models.command import Audience
from bots.models.delivery import Delivery


class Stage(models.TextChoices):
    DRAFT = "draft", _("draft")
    GATHERING = "gathering", _("looking who is there")
    RUNNING = "running", _("being sent")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    def due(self) -> Self:
        """Return those that have something to do now, and that nobody is at."""
        busy = models.Q(claimed_until__gte=timezone.now())
        return self.filter(stage__in=(Stage.GATHERING, Stage.RUNNING)).exclude(busy)

    def move(self, pk: int, to: Stage, *stages: Stage, **changes: Any) -> bool:
        """Bring it to another stage if it is in one of these; False if it is not."""
        mine = self.filter(pk=pk, stage__in=stages)
        return bool(mine.update(stage=to, claimed_until=None, **changes))


class Broadcast(models.Model):
    """What is to be said to whom, and how far that has come. `files` are items of a delivery."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="broadcasts", verbose_name=_("bot"))
    text = models.TextField(_("text"), blank=True)
    files = models.JSONField(_("files"), default=list, blank=True)
    audience = models.CharField(
        _("to whom"), max_length=9, choices=Audience, default=Audience.EVERYBODY
    )
    tags = models.CharField(
        _("group tags"), max_length=500, blank=True, help_text=_("Separated by commas.")
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("people"),
        help_text=_("They must have connected their Pachca account."),
    )
    stage = models.CharField(_("state"), max_length=9, choices=Stage, default=Stage.DRAFT)
    error = models.TextField(_("error"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        indexes = [
            models.Index(
                fields=["stage"],
                name="bots_broadcast_open",
                condition=models.Q(stage__in=["gathering", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"

    def clean(self) -> None:
        if self.audience == Audience.TAGS and not self.tag_list:
            raise ValidationError({"tags": _gettext("Name at least one tag.")})
        if not self.text.strip() and not self.files:
            raise ValidationError({"text": _gettext("There is nothing to say.")})

    @property
    def tag_list(self) -> list[str]:
        return [it.strip() for it in self.tags.split(",") if it.strip()]

    def counts(self) -> dict[str, int]:
        """Return how many people there are in all, and how many were sent it, failed, or wait."""
        outcome = Recipient.objects.filter(broadcast=self).aggregate(
            all=models.Count("pk"),
            unsent=models.Count("pk", filter=models.Q(queued_at=None)),
            open=models.Count("pk", filter=models.Q(delivery__state__in=OPEN)),
            failed=models.Count("pk", filter=models.Q(delivery__state=State.FAILED)),
        )
        waiting = outcome["unsent"] + outcome["open"]
        sent = outcome["all"] - waiting - outcome["failed"]
        return {
            "all": outcome["all"],
            "sent": sent,
            "failed": outcome["failed"],
            "waiting": waiting,
        }


class Recipient(models.Model):
    """One person of a broadcast. `queued_at` tells that their delivery was written, for good."""

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="recipients", verbose_name=_("broadcast")
    )
    pachca_user_id = models.BigIntegerField(_("Pachca user id"))
    queued_at = models.DateTimeField(null=True, editable=False)
    delivery = models.OneToOneField(
        Delivery, models.SET_NULL, null=True, related_name="+", verbose_name=_("delivery")
    )

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast", "pachca_user_id"], name="bots_recipient_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["broadcast", "id"],
                name="bots_recipient_unsent",
                condition=models.Q(queued_at=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.pachca_user_id)
