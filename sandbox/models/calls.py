"""The log of API calls by bots, of bounded length."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sandbox.models.accounts import Account
from sandbox.models.webhooks import WebhookEvent

MAX_CALLS = 10_000
PRUNE_INTERVAL = 500


class ApiCall(models.Model):
    bot = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("bot"))
    event = models.ForeignKey(
        WebhookEvent,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="calls",
        verbose_name=_("caused by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    method = models.CharField(_("method"), max_length=10)
    path = models.CharField(_("path"), max_length=500)
    status = models.IntegerField(_("status"), null=True, blank=True)
    ms = models.IntegerField(_("duration, ms"))
    request = models.JSONField(_("request"), null=True, blank=True)
    response = models.JSONField(_("response"), null=True, blank=True)

    class Meta:
        verbose_name = _("API call")
        verbose_name_plural = _("API calls")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def prune(self) -> None:
        """Delete the oldest calls, once in 500 calls."""
        if self.pk % PRUNE_INTERVAL == 0:
            ApiCall.objects.filter(pk__lte=self.pk - MAX_CALLS).delete()
