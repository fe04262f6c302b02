"""Asking who somebody is before something that cannot be undone."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.sessions import SIGNED_IN_AT

View = Callable[..., HttpResponseBase]


def require_confirmation(view: View) -> View:
    """Ask for the password, a code or a passkey, unless that was done in the last minutes.

    People with none of these signed in elsewhere, by single sign-on: they sign in once more.
    Put it below `login_required`.
    """
    confirmed: View = reauthentication_required(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if get_adapter().get_reauthentication_methods(request.user):
            return confirmed(request, *args, **kwargs)
        if _has_just_signed_in(request):
            return view(request, *args, **kwargs)
        logout(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def _has_just_signed_in(request: HttpRequest) -> bool:
    age = time.time() - request.session.get(SIGNED_IN_AT, 0)
    return bool(age < app_settings.REAUTHENTICATION_TIMEOUT)
