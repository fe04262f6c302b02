"""Asking who somebody is before something that cannot be undone.

People with a password, an authenticator app or a passkey confirm with it. The others sign in
elsewhere, with Pachca or by single sign-on: they sign in once more.
"""

import time
from collections.abc import Callable
from typing import Any

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.sessions import SIGNED_IN_AT

View = Callable[..., HttpResponseBase]

CONFIRMED_SIGN_IN = "confirmed_sign_in"
"""The name under which a session holds the time of the sign-in that was enough to confirm."""


def require_confirmation(view: View) -> View:
    """Ask for the password, a code or a passkey, unless that was done in the last minutes.

    `accounts.middleware.LeadToSignIn` handles people with none of these. Put it below
    `login_required`.
    """
    confirmed: View = reauthentication_required(view)
    return confirmed


def is_confirmed_by_sign_in(request: HttpRequest, methods_of: Callable[[Any], Any]) -> bool:
    """Return whether the person has just signed in and had nothing else to confirm with then.

    It stays enough when they set up a second factor after it, so that they see the recovery codes.
    """
    signed_in_at = request.session.get(SIGNED_IN_AT, 0)
    if time.time() - signed_in_at >= app_settings.REAUTHENTICATION_TIMEOUT:
        return False
    if request.session.get(CONFIRMED_SIGN_IN) == signed_in_at:
        return True
    if methods_of(request.user):
        return False
    request.session[CONFIRMED_SIGN_IN] = signed_in_at
    return True


def sign_in_again(request: HttpRequest) -> HttpResponseBase:
    """End the session and lead to the sign-in page, and from there back to the page."""
    path = request.get_full_path()
    logout(request)
    return redirect_to_login(path)
