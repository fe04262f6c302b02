"""The configuration of fault injection: a single row for all processes."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

PROBABILITY = [MaxValueValidator(1.0)]


class Faults(models.Model):
    webhook_delay_ms = models.PositiveIntegerField(_("webhooks: delay, ms"), default=0)
    webhook_drop = models.FloatField(_("webhooks: dropped"), default=0.0, validators=PROBABILITY)
    webhook_duplicate = models.FloatField(
        _("webhooks: duplicated"), default=0.0, validators=PROBABILITY
    )
    webhook_reorder = models.FloatField(
        _("webhooks: reordered"), default=0.0, validators=PROBABILITY
    )
    api_rate_429 = models.FloatField(_("API: 429"), default=0.0, validators=PROBABILITY)
    api_rate_500 = models.FloatField(_("API: 500"), default=0.0, validators=PROBABILITY)
    api_timeout = models.FloatField(_("API: no response"), default=0.0, validators=PROBABILITY)
    api_delay_ms = models.PositiveIntegerField(_("API: delay, ms"), default=0)

    class Meta:
        verbose_name = _("faults")
        verbose_name_plural = _("faults")

    def __str__(self) -> str:
        return str(_("faults"))

    @classmethod
    def current(cls) -> "Faults":
        """Return the current configuration; without a row, no faults."""
        return cls.objects.first() or cls(pk=1)
