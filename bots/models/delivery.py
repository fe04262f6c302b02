"""A delivery: a call that is to go out, and what Pachca said to it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bots.jobs import OPEN, Job, JobManager
from bots.models.bot import Bot
from bots.models.update import Update


class DeliveryManager(JobManager["Delivery"]):
    # Whoever had the row and died may have died in the middle of its call.
    also_written = ", may_have_arrived = (may_have_arrived OR state = 'working')"


class Delivery(Job):
    """One call of the Pachca API, written before it is made. Calls of one chat keep their order."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="deliveries", verbose_name=_("bot"))
    update = models.ForeignKey(
        Update,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("update"),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    chat = models.CharField(_("chat"), max_length=64, blank=True)
    method = models.CharField(_("method"), max_length=64)
    payload = models.JSONField(_("payload"))
    may_have_arrived = models.BooleanField(
        _("may have arrived"),
        default=False,
        help_text=_("An attempt ended without an answer: look before sending again."),
    )
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    response = models.JSONField(_("response"), null=True, blank=True)
    message_id = models.BigIntegerField(_("message"), null=True, blank=True, db_index=True)

    objects = DeliveryManager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["created_at"], name="bots_delivery_created"),
            models.Index(
                fields=["bot", "chat", "id"],
                name="bots_delivery_open",
                condition=models.Q(state__in=OPEN),
            ),
            models.Index(
                fields=["state", "due_at"],
                name="bots_delivery_due",
                condition=models.Q(state__in=OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.pk}"
