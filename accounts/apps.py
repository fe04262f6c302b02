"""Accounts: how people sign in, and what they and the administrators see of it."""

from allauth.account.signals import user_logged_in as signed_in
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.limits import end_attempt  # noqa: PLC0415  models can be imported now
        from accounts.sessions import note_sign_in  # noqa: PLC0415
        from accounts.single_sign_on import note_provider  # noqa: PLC0415

        user_logged_in.connect(end_attempt, dispatch_uid="accounts.limits")
        signed_in.connect(note_provider, dispatch_uid="accounts.single_sign_on")
        user_logged_in.connect(note_sign_in, dispatch_uid="accounts.sessions")
