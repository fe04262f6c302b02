"""Copies of people's data, an app of its own inside `accounts`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "accounts.privacy"
    verbose_name = _("Privacy")
