"""What the admin may look at: open connections, which are rows of no table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Connection(models.Model):
    """Stands for an open connection, so that there are permissions and a log for it."""

    id = models.CharField(primary_key=True, max_length=300)

    class Meta:
        managed = False
        default_permissions = ("view", "change")
        verbose_name = _("live connection")
        verbose_name_plural = _("live connections")

    def __str__(self) -> str:
        return self.id
