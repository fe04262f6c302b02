"""The page where everybody signs in, and the way to the provider of single sign-on and back."""

import logging
from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.webauthn.views import login_webauthn
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from requests import RequestException

from accounts.pachca import oauth as pachca

logger = logging.getLogger(__name__)


class SignInView(LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {
            "passwords": settings.PASSWORD_SIGN_IN,
            "sso_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "with_pachca": pachca.is_on(),
        }
        return {**super().get_context_data(**kwargs), **own}


sign_in = SignInView.as_view()
_to_pachca = OAuth2LoginView.adapter_view(pachca.PachcaOAuth2Adapter)
_from_pachca = OAuth2CallbackView.adapter_view(pachca.PachcaOAuth2Adapter)


def login_by_passkey(request: HttpRequest) -> HttpResponseBase:
    if not settings.PASSWORD_SIGN_IN:
        raise Http404
    response: HttpResponseBase = login_webauthn(request)
    return response


def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to the provider."""
    _refuse_other_processes(request)
    try:
        response: HttpResponseBase = views.login(request, provider_id)
    except RequestException as error:
        return _explain_failure(request, error)
    return response


def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Sign in who comes back from the provider."""
    try:
        response: HttpResponseBase = views.callback(request, provider_id)
    except RequestException as error:
        return _explain_failure(request, error)
    return response


def login_with_pachca(request: HttpRequest) -> HttpResponseBase:
    """Lead to Pachca's consent page."""
    if not pachca.is_on():
        raise Http404
    _refuse_other_processes(request)
    response: HttpResponseBase = _to_pachca(request)
    return response


def _refuse_other_processes(request: HttpRequest) -> None:
    """Refuse to connect accounts, as allauth could; here confirmed addresses and links do.

    allauth reads the form first, then the query. Raises Http404.
    """
    for values in (request.GET, request.POST):
        if values.get("process", "login") != "login":
            raise Http404


def return_from_pachca(request: HttpRequest) -> HttpResponseBase:
    """Sign in who comes back from Pachca's consent page."""
    if not pachca.is_on():
        raise Http404
    if request.GET.get("iss", pachca.issuer()) != pachca.issuer():
        mixed_up: HttpResponseBase = render_authentication_error(request, pachca.provider(request))
        return mixed_up
    response: HttpResponseBase = _from_pachca(request)
    return response


def cancelled(request: HttpRequest) -> HttpResponseBase:
    """Lead back who has changed their mind at the provider."""
    return redirect("login")


def refuse(request: HttpRequest) -> HttpResponseBase:
    """Refuse who cannot get an account: somebody else has taken the address meanwhile."""
    return render(request, "accounts/address_in_use.html", status=403)


def _explain_failure(request: HttpRequest, error: Exception) -> HttpResponseBase:
    logger.error("The provider of single sign-on cannot be reached: %s", error)
    return render(request, "socialaccount/authentication_error.html", status=502)
