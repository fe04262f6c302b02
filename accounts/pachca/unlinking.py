"""Unlinking a Pachca account: nobody loses their only way to sign in."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.pachca.oauth import is_on
from bots.models import PachcaAccount


def keep_a_way_to_sign_in(account: PachcaAccount, **_signal: Any) -> None:
    """Raise PermissionDenied if the person could not sign in without the link."""
    if not _signs_in(account) or _has_another_way(account):
        return
    if settings.PASSWORD_SIGN_IN:
        raise PermissionDenied(
            _(
                "You sign in only with this Pachca account. Set a password or add a passkey in"
                " Settings → Account before you unlink it."
            )
        )
    raise PermissionDenied(
        _("You sign in only with this Pachca account. Ask an administrator to unlink it.")
    )


def _signs_in(account: PachcaAccount) -> bool:
    return is_on() and account.in_sandbox == settings.PACHCA_SIGN_IN_SANDBOX


def _has_another_way(account: PachcaAccount) -> bool:
    person = account.person
    links = PachcaAccount.objects.filter(person=person, in_sandbox=account.in_sandbox)
    if links.exclude(pk=account.pk).exists():
        return True
    if settings.OIDC_ISSUER and SocialAccount.objects.filter(user=person).exists():
        return True
    return settings.PASSWORD_SIGN_IN and (person.has_usable_password() or _has_passkey(person))


def _has_passkey(person: Any) -> bool:
    """Return whether the person has a passkey that signs in by itself."""
    keys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    return any(key.wrap().is_passwordless for key in keys)
