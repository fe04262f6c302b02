"""Single sign-on with OpenID Connect: whose account a sign-in belongs to, and what it may do.

Sign-ins with Pachca, which have the same adapter, are left to `accounts.pachca.sign_in`.
"""

import logging
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.shortcuts import render

from accounts.backends import people_with_email
from accounts.pachca import sign_in as pachca
from twitter.actions import free_username
from twitter.models import User

logger = logging.getLogger(__name__)

PROVIDER = "oidc"
SIGNED_IN_BY_PROVIDER = "signed_in_by_provider"
"""The name under which a session holds that the provider has vouched for the person."""


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the providers of the settings; none is stored in the database."""
        found = [*_oidc_apps(), *pachca.apps()]
        return [app for app in found if provider in (None, app.provider, app.provider_id)]

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        if exception is not None:
            logger.error("Signing in with %s failed: %s", provider.name, exception)

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        """Return the one person whose confirmed address the provider vouches for, to link them."""
        if pachca.is_by_pachca(sociallogin) or not settings.OIDC_LINK_BY_EMAIL:
            return None
        for email in confirmed_emails(sociallogin):
            people = User.objects.filter(
                emailaddress__email=email, emailaddress__verified=True, is_active=True
            ).distinct()[:2]
            if len(people) == 1:
                return people[0], email
        return None

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Link the account that was found by its address; refuse an address that is in use."""
        if pachca.is_by_pachca(sociallogin):
            pachca.admit(request, sociallogin)
            return
        emails = confirmed_emails(sociallogin)
        if sociallogin.is_existing:
            if not sociallogin.account.pk:
                sociallogin.connect(request, sociallogin.user)
            assign_rights(sociallogin.user, claims_of(sociallogin))
            return
        sociallogin.email_addresses = [
            EmailAddress(email=email, verified=True, primary=True) for email in emails[:1]
        ]
        sociallogin.user.email = emails[0] if emails else ""
        if any(people_with_email(email).exists() for email in _emails(sociallogin, emails)):
            page = render(request, "accounts/address_in_use.html", status=403)
            raise ImmediateHttpResponse(page)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Return whether somebody who has no account here may get one."""
        domains = {domain.lower() for domain in settings.OIDC_EMAIL_DOMAINS}
        own = {email.rpartition("@")[2] for email in confirmed_emails(sociallogin)}
        return bool(settings.OIDC_CREATE_ACCOUNTS and (not domains or domains & own))

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """Create the account, without a password."""
        claims = claims_of(sociallogin)
        person: User = sociallogin.user
        person.set_unusable_password()
        full = f"{claims.get('given_name') or ''} {claims.get('family_name') or ''}".strip()
        person.name = str(claims.get("name") or full or claims.get("preferred_username") or "")[
            :100
        ]
        wanted = str(claims.get("preferred_username") or person.email or person.name)
        person.username = free_username(wanted.partition("@")[0])
        sociallogin.save(request)
        assign_rights(person, claims)
        return person


def _oidc_apps() -> list[SocialApp]:
    if not settings.OIDC_ISSUER:
        return []
    app = SocialApp(
        provider="openid_connect",
        provider_id=PROVIDER,
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={"server_url": settings.OIDC_ISSUER, "oauth_pkce_enabled": True},
    )
    return [app]


def _emails(sociallogin: Any, confirmed: list[str]) -> Iterable[str]:
    claimed = str(claims_of(sociallogin).get("email") or "").lower()
    return filter(None, {*confirmed, claimed})


def claims_of(sociallogin: Any) -> dict[str, Any]:
    """Return what the provider says of the person, the ID token and the user info together."""
    data = sociallogin.account.extra_data
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})}


def confirmed_emails(sociallogin: Any) -> list[str]:
    """Return the address that the provider vouches for, in lower case, or nothing."""
    claims = claims_of(sociallogin)
    is_verified = claims.get("email_verified") in (True, "true") or settings.OIDC_TRUST_EMAIL
    email = str(claims.get("email") or "").lower()
    return [email] if email and is_verified else []


def assign_rights(person: User, claims: dict[str, Any]) -> None:
    """Give the person the Django groups, and the rights in the admin, of their provider's groups.

    Only what the settings map changes; other groups and, without a mapping, rights stay.
    """
    claimed = claims.get(settings.OIDC_GROUPS_CLAIM) or []
    theirs = {claimed} if isinstance(claimed, str) else {str(each) for each in claimed}
    held = {group for name, group in settings.OIDC_GROUPS.items() if name in theirs}
    for group in set(settings.OIDC_GROUPS.values()):
        row, _made = Group.objects.get_or_create(name=group)
        (person.groups.add if group in held else person.groups.remove)(row)
    rights = {}
    if settings.OIDC_ADMIN_GROUPS:
        rights["is_superuser"] = bool(theirs.intersection(settings.OIDC_ADMIN_GROUPS))
    if settings.OIDC_ADMIN_GROUPS or settings.OIDC_STAFF_GROUPS:
        staff = {*settings.OIDC_STAFF_GROUPS, *settings.OIDC_ADMIN_GROUPS}
        rights["is_staff"] = bool(theirs & staff)
    changed = {name: value for name, value in rights.items() if getattr(person, name) != value}
    for name, value in changed.items():
        setattr(person, name, value)
    if changed:
        person.save(update_fields=list(changed))


def note_provider(request: HttpRequest, sociallogin: Any = None, **_signal: Any) -> None:
    """Note in the session who has vouched: the provider asks for second factors, not we.

    Pachca promises none, so after it they are asked for here, where they can be set up.
    """
    if sociallogin is None:
        return
    if not (pachca.is_by_pachca(sociallogin) and settings.PASSWORD_SIGN_IN):
        request.session[SIGNED_IN_BY_PROVIDER] = True
