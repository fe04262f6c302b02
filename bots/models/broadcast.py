"""Broadcasts: one message to many people, sent to each once."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot
from bots.models.command import Audience
from bots.models.delivery import Delivery
from bots.models.fields import SecretUnreadable
from core.text.visibility import is_blank
from jobs.database_clock import FromNow
from jobs.rows import OPEN, Condition, Job, JobManager, State


class Stage(models.TextChoices):
    DRAFT = "draft", _("draft")
    GATHERING = "gathering", _("collecting recipients")
    RUNNING = "running", _("sending")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class BroadcastManager(JobManager["Broadcast"]):
    def claim_condition(self) -> Condition:
        condition, params = super().claim_condition()
        return f"({self._table}.stage IN ('gathering', 'running') AND {condition})", params

    def load_claimed(self, pk: int) -> "Broadcast | None":
        """Return the row that was just claimed, with its bot; end it if its secrets are lost."""
        try:
            return self.select_related("bot").get(pk=pk)
        except SecretUnreadable as error:
            self.get(pk=pk).end(Stage.FAILED, str(error))
            return None

    def move(self, pk: int, to: Stage, *stages: Stage, **changes: Any) -> bool:
        """Bring it to another stage if it is in one of `stages`; return whether it was.

        A worker that has claimed the row loses its claim.
        """
        released = {"state": State.WAITING, "due_at": FromNow(), "claimed_until": None}
        mine = self.filter(pk=pk, stage__in=stages)
        return bool(mine.update(stage=to, **released, **changes))


class Broadcast(Job):
    """A message to many people, and how far it has come. `files` are items of a delivery.

    While it is being sent it is a job that is claimed for each batch; `stage` is what people see.
    """

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="broadcasts", verbose_name=_("bot"))
    text = models.TextField(_("text"), blank=True)
    files = models.JSONField(_("files"), default=list, blank=True)
    audience = models.CharField(
        _("audience"), max_length=9, choices=Audience, default=Audience.EVERYBODY
    )
    tags = models.CharField(
        _("tags"), max_length=500, blank=True, help_text=_("Separated by commas.")
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("users"),
        help_text=_("Only users who have linked their Pachca account."),
    )
    stage = models.CharField(_("state"), max_length=9, choices=Stage, default=Stage.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    state = models.CharField(
        max_length=8,
        choices=State,
        default=State.WAITING,
        db_default=State.WAITING,
        editable=False,
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = BroadcastManager()

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
        return f"#{self.pk}"

    def clean(self) -> None:
        if self.audience == Audience.TAGS and not self.tag_list:
            raise ValidationError({"tags": _gettext("Name at least one tag.")})
        if is_blank(self.text) and not self.files:
            raise ValidationError({"text": _gettext("There is nothing to say.")})

    def end(self, stage: Stage, error: str = "") -> None:
        """Write that the claimed broadcast is over; raises LostClaim."""
        self.finish(State.WAITING, stage=stage, error=error)

    @property
    def tag_list(self) -> list[str]:
        return [it.strip() for it in self.tags.split(",") if it.strip()]

    def counts(self) -> dict[str, int]:
        """Return the numbers of recipients: all, sent, failed and waiting.

        After the end of the broadcast no recipients are waiting.
        """
        outcome = Recipient.objects.filter(broadcast=self).aggregate(
            all=models.Count("pk"),
            unsent=models.Count("pk", filter=models.Q(queued_at=None)),
            open=models.Count("pk", filter=models.Q(delivery__state__in=OPEN)),
            failed=models.Count("pk", filter=models.Q(delivery__state=State.FAILED)),
        )
        waiting, failed = outcome["open"], outcome["failed"]
        if self.stage in (Stage.CANCELLED, Stage.FAILED):
            failed += outcome["unsent"]
        else:
            waiting += outcome["unsent"]
        sent = outcome["all"] - waiting - failed
        return {"all": outcome["all"], "sent": sent, "failed": failed, "waiting": waiting}


class Recipient(models.Model):
    """A recipient of a broadcast. `queued_at` is set when the delivery has been written."""

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
