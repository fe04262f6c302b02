"""Webhook events: each is a row before it is sent, and so is every attempt to send it."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.database_clock import FromNow
from sandbox.models.accounts import Account
from sandbox.models.chats import Chat
from sandbox.models.messages import Message
from sandbox.ulid import new_ulid

# Longer than the longest delay and time-out, so leases are not renewed.
LEASE = timedelta(seconds=40)


class State(models.TextChoices):
    DUE = "due", pgettext_lazy("webhook", "due")
    SENDING = "sending", _("being sent")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    DROPPED = "dropped", _("dropped by fault injection")
    SKIPPED = "skipped", _("has no address")


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def due(self) -> Self:
        """Return what can be claimed: events that wait, and those whose claim has expired."""
        return self.filter(state__in=(State.DUE, State.SENDING), due_at__lte=FromNow())

    def not_waiting(self) -> Self:
        return self.exclude(state=State.DUE)

    def claim(self, taker: str, at_most: int) -> list["WebhookEvent"]:
        """Claim due rows, oldest first; of several processes one gets each row."""
        ids = list(self.due().order_by("id").values_list("id", flat=True)[:at_most])
        if not ids:
            return []
        self.due().filter(pk__in=ids).update(
            state=State.SENDING, taker=taker, due_at=FromNow(LEASE.total_seconds())
        )
        claimed = self.filter(pk__in=ids, taker=taker, state=State.SENDING)
        return list(claimed.select_related("bot").order_by("id"))


class WebhookEvent(models.Model):
    id = models.CharField(primary_key=True, max_length=26, default=new_ulid)
    bot = models.ForeignKey(
        Account, models.CASCADE, related_name="webhook_events", verbose_name=_("bot")
    )
    event_type = models.CharField(_("event"), max_length=40)
    payload = models.JSONField(_("payload"))
    created_at = models.DateTimeField(_("happened at"), default=timezone.now)
    in_history = models.BooleanField(_("in the event history"), default=True)

    # What the event is about: so the calls a bot makes because of it are found.
    chat = models.ForeignKey(
        Chat, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("chat")
    )
    user = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    message = models.ForeignKey(
        Message, models.CASCADE, null=True, blank=True, verbose_name=_("message")
    )

    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    taker = models.CharField(max_length=36, blank=True, editable=False)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["due", "sending"]),
                name="sandbox_event_due",
            ),
            models.Index(fields=["bot", "chat", "id"], name="sandbox_event_of_chat"),
            models.Index(fields=["bot", "user", "id"], name="sandbox_event_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.pk}"

    def finish(self, state: State) -> None:
        self.state = state
        self.save(update_fields=["state"])

    def postpone(self, until: datetime) -> None:
        self.state, self.due_at = State.DUE, until
        self.save(update_fields=["state", "due_at"])


class WebhookAttempt(models.Model):
    event = models.ForeignKey(
        WebhookEvent, models.CASCADE, related_name="attempts", verbose_name=_("event")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    ms = models.IntegerField(_("duration, ms"))
    status = models.IntegerField(_("status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.status or self.error)
