"""Roles, an app of its own inside `accounts`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolesConfig(AppConfig):
    name = "accounts.roles"
    verbose_name = _("Roles")

    def ready(self) -> None:
        from accounts.roles import assignment  # noqa: PLC0415  models can be imported now

        assignment.connect()
