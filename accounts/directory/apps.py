"""Directory sync, an app of its own inside `accounts`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "accounts.directory"
    verbose_name = _("Directory sync")

    def ready(self) -> None:
        from accounts.directory.models import forget_person  # noqa: PLC0415  models exist now
        from accounts.signals import account_deleted  # noqa: PLC0415

        account_deleted.connect(forget_person, dispatch_uid="accounts.directory")
