"""The audit log, an app of its own inside `accounts`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "accounts.audit"
    verbose_name = _("Audit log")

    def ready(self) -> None:
        from accounts.audit import receivers  # noqa: PLC0415  models can be imported now

        receivers.connect()
