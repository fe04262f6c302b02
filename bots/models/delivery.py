"""Deliveries: outgoing API calls and their responses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot
from bots.models.jobs import OPEN, Job, JobManager
from bots.models.update import Update


class DeliveryManager(JobManager["Delivery"]):
    # A worker that was killed may have been in the middle of the call.
    also_written = """
        , may_have_arrived = (may_have_arrived OR state = 'working')
        , failures = failures + CASE WHEN state = 'working' THEN 1 ELSE 0 END
        """


class Delivery(Job):
    """A call of the Pachca API, stored before it is made. Calls of a chat are made in order."""

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
        help_text=_(
            "An attempt ended without a response. Check the chat before you send it again."
        ),
    )
    failures = models.PositiveSmallIntegerField(
        _("failures"),
        default=0,
        db_default=0,
        help_text=_("Failed attempts that may have reached Pachca."),
    )
    waiting_since = models.DateTimeField(
        _("waiting since"),
        null=True,
        blank=True,
        help_text=_("When Pachca first was unreachable or asked to retry later."),
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
        return f"#{self.pk}"

    def again(self) -> None:
        """Reset the row so that the call is made again."""
        self.may_have_arrived, self.message_id = False, None
        self.failures, self.waiting_since = 0, None
        self.save(
            update_fields=["may_have_arrived", "message_id", "failures", "waiting_since"],
        )
        super().again()
