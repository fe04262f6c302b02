"""Sign-in with Pachca, an app of its own inside `accounts`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PachcaConfig(AppConfig):
    name = "accounts.pachca"
    verbose_name = _("Sign-in with Pachca")
