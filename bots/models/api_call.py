"""The journal of API calls, for debugging."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot

AT_ONCE = 5000


class ApiCallManager(models.Manager["ApiCall"]):
    def prune(self) -> int:
        """Delete rows older than BOTS_JOURNAL_DAYS or beyond the latest BOTS_JOURNAL_ROWS.

        Deletes in small steps, so that locks are short. Returns the number of deleted rows.
        """
        old = timezone.now() - timedelta(days=settings.BOTS_JOURNAL_DAYS)
        last = self.filter(at__lt=old).order_by("-pk").values_list("pk", flat=True).first() or 0
        beyond = self.order_by("-pk").values_list("pk", flat=True)
        last = max(last, next(iter(beyond[settings.BOTS_JOURNAL_ROWS :][:1]), 0))
        gone = 0
        while ids := list(self.filter(pk__lte=last).values_list("pk", flat=True)[:AT_ONCE]):
            gone += self.filter(pk__in=ids).delete()[0]
        return gone


class ApiCall(models.Model):
    """A call of the Pachca API and its response, truncated and without secrets."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="api_calls", verbose_name=_("bot"))
    at = models.DateTimeField(_("time"), default=timezone.now)
    method = models.CharField(_("method"), max_length=64)
    duration_ms = models.PositiveIntegerField(_("duration, ms"), default=0)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    payload = models.TextField(_("payload"))
    answer = models.TextField(_("response"), blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = ApiCallManager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("API call")
        verbose_name_plural = _("API calls")
        indexes = [models.Index(fields=["at"], name="bots_apicall_at")]

    def __str__(self) -> str:
        return f"#{self.pk}"
