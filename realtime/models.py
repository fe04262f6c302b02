"""The model of the admin page; connections are not stored in the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Connection(models.Model):
    """An open connection. The model has permissions and a log in the admin, but no table."""

    id = models.CharField(primary_key=True, max_length=300)

    class Meta:
        managed = False
        default_permissions = ("view", "change")
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return self.id
