"""Group tags, such as departments and offices."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sandbox.models.accounts import Account


class GroupTag(models.Model):
    name = models.CharField(_("name"), max_length=255, unique=True)
    members = models.ManyToManyField(
        Account, related_name="tags", blank=True, verbose_name=_("members")
    )

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
