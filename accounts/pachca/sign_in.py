"""Signing in with Pachca: who may, and what is kept of it."""

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.pachca.grants import remember
from accounts.pachca.oauth import PROVIDER, is_on
from accounts.pachca.people import (
    AddressInUse,
    ForeignAddress,
    NoAccount,
    NotAnEmployee,
    Profile,
    Refused,
    find_or_create,
)

logger = logging.getLogger(__name__)

REASONS = {
    NotAnEmployee: _("Guests, bots and suspended people of Pachca get no account here."),
    ForeignAddress: _("Your e-mail address in Pachca is not one of the company's."),
    AddressInUse: _(
        "Somebody has an account with your e-mail address here. If it is yours, sign in as "
        "before and link your Pachca account in the settings. Otherwise ask an administrator."
    ),
    NoAccount: _("You have no account here yet. Ask an administrator for one."),
}


def apps() -> list[SocialApp]:
    """Return the client that is registered in Pachca, or nothing."""
    if not is_on():
        return []
    return [
        SocialApp(
            provider=PROVIDER,
            name="Pachca",
            client_id=settings.PACHCA_CLIENT_ID,
            secret=settings.PACHCA_CLIENT_SECRET,
        )
    ]


def is_by_pachca(sociallogin: Any) -> bool:
    return bool(sociallogin.account.provider == PROVIDER)


def admit(request: HttpRequest, sociallogin: Any) -> None:
    """Set whose account it is, and keep the token; a page explains to the others why not.

    The link of the Pachca account is the only record of whose it is, so nothing of allauth's is
    stored: neither a SocialAccount nor its token, which would not be encrypted.
    """
    data, token = sociallogin.account.extra_data, sociallogin.token
    sociallogin.token = None
    profile = Profile.parse(data, in_sandbox=settings.PACHCA_SIGN_IN_SANDBOX)
    try:
        person = find_or_create(profile, create=settings.PACHCA_CREATE_ACCOUNTS)
    except Refused as refusal:
        raise ImmediateHttpResponse(_refuse(request, profile, refusal)) from refusal
    sociallogin.user = person
    if person.is_active:
        remember(profile, token.token, str(data.get("scope") or "").split())


def _refuse(request: HttpRequest, profile: Profile, refusal: Refused) -> Any:
    logger.warning("Pachca account %s was refused: %s", profile.id, refusal)
    name = profile.nickname or str(profile.id)
    user_login_failed.send(sender=__name__, credentials={"username": name}, request=request)
    context = {"reason": REASONS[type(refusal)]}
    return render(request, "accounts/pachca_refused.html", context, status=403)
