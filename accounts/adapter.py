"""What allauth asks of the site: who may register, how messages look, where they go."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.limits import end_attempt
from accounts.reauthentication import is_confirmed_by_sign_in
from bots.models.fields import EncryptedTextField

WRONG_PASSWORD = _("The username or e-mail address and the password do not match.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG_PASSWORD,
        "email_password_mismatch": WRONG_PASSWORD,
        "incorrect_password": _("The password is not correct."),
        "enter_current_password": _("The current password is not correct."),
        "too_many_login_attempts": _("Too many failed attempts. Try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are created by invitation only."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return where the call comes from; `core.asgi.forwarded` knows the proxies."""
        return request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104  a unix socket

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing here: `accounts.limits.AttemptLimitBackend` does."""

    def reauthenticate(self, user: Any, password: str) -> bool:
        is_same = bool(super().reauthenticate(user, password))
        if is_same:
            end_attempt(user, self.request)
        return is_same

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return how the person can confirm who they are; by a password only if it signs in."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if settings.PASSWORD_SIGN_IN:
            return methods
        return [method for method in methods if method["id"] != "reauthenticate"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A recent sign-in is enough for people who have nothing to confirm with."""
        if is_confirmed_by_sign_in(self.request, self.get_reauthentication_methods):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("account" if self.request.user.is_authenticated else "login")

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message. One that fails is logged: the page must not tell whether the address
        is known."""
        context = {"request": self.request, "email": email, "site_url": settings.SITE_URL} | context
        mail.deliver(self.render_mail(template_prefix, email, context))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are encrypted at rest."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is not correct."),
    }

    def encrypt(self, text: str) -> str:
        return str(EncryptedTextField().get_prep_value(text))

    def decrypt(self, encrypted_text: str) -> str:
        return EncryptedTextField().from_db_value(encrypted_text) or ""

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return str(_("Passkey"))
