"""What is done beside every page: second factors of staff, confirmations, notes of sessions."""

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.reauthentication import sign_in_again
from accounts.sessions import SEEN_AT, note
from accounts.single_sign_on import SIGNED_IN_BY_PROVIDER
from twitter.models import User

View = Callable[[HttpRequest], HttpResponseBase]

NOTE_EVERY = 300  # seconds between two notes of when and where a session was last used


def has_second_factor(person: User) -> bool:
    """Return whether the person has a passkey or an authenticator app."""
    types = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(get_adapter().is_mfa_enabled(person, types=types))


def require_second_factor(get_response: View) -> View:
    """Lead staff without a second factor to the page where they set one up."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if (
            settings.STAFF_SECOND_FACTOR
            and _is_for_staff(request.path)
            and isinstance(request.user, User)
            and not request.session.get(SIGNED_IN_BY_PROVIDER)
            and not has_second_factor(request.user)
        ):
            messages.warning(request, _("Set up a second factor to go on to the admin."))
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def _is_for_staff(path: str) -> bool:
    admin = reverse("admin:index")
    is_open = path in (reverse("admin:logout"), reverse("admin:jsi18n"))
    return (path.startswith(admin) and not is_open) or path == reverse("invitations")


class LeadToSignIn:
    """Lead people who have nothing to confirm with to the sign-in page; allauth refuses them.

    Put it after the middleware of allauth, which handles everybody else.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not (isinstance(exception, ReauthenticationRequired) and request.user.is_authenticated):
            return None
        if get_account_adapter().get_reauthentication_methods(request.user):
            return None
        return sign_in_again(request)


def note_sessions(get_response: View) -> View:
    """Note when and where a session is used, at most every few minutes."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        session = request.session
        if (
            session.accessed
            and SESSION_KEY in session
            and time.time() - session.get(SEEN_AT, 0) > NOTE_EVERY
            and isinstance(request.user, User)
        ):
            note(request, request.user)
        return response

    return middleware
