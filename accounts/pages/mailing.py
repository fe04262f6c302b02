"""The pages that send e-mail, where the installation can."""

from collections.abc import Callable
from functools import wraps

from allauth.account import views
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def needs_mail(view: View) -> View:
    """Say what to do instead where e-mail is not set up."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if settings.EMAIL_IS_CONFIGURED and settings.PASSWORD_SIGN_IN:
            return view(request)
        return render(request, "accounts/no_mail.html", status=404)

    return guarded


email = needs_mail(views.email)
password_reset = needs_mail(views.password_reset)
