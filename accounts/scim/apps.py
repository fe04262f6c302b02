"""SCIM, an app of its own inside `accounts`."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.signals import account_deleted


class ScimConfig(AppConfig):
    name = "accounts.scim"
    verbose_name = _("SCIM")

    def ready(self) -> None:
        account_deleted.connect(self.forget, dispatch_uid="accounts.scim")

    def forget(self, person: Any, **_signal: Any) -> None:
        """Delete what the identity provider said of somebody whose account was deleted."""
        self.get_model("ScimUser")._default_manager.filter(person=person).delete()
