"""What the admin may look at: connections are rows of no table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Connection(models.Model):
    """Stands for the open connections, so that there are permissions and a log for them."""

    class Meta:
        managed = False
        default_permissions = ("view", "change")
        verbose_name = _("live connection")
        verbose_name_plural = _("live connections")
