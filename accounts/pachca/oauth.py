"""Pachca as an OAuth 2.0 server: its addresses, and whose token one is."""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest

PROVIDER = "pachca"


def is_on() -> bool:
    """Return whether people can sign in with Pachca."""
    return bool(settings.PACHCA_CLIENT_ID and settings.PACHCA_CLIENT_SECRET)


def api_url() -> str:
    """Return the address of the API that issues tokens: Pachca's or the sandbox's."""
    in_sandbox = settings.PACHCA_SIGN_IN_SANDBOX
    return str(settings.SANDBOX_API_URL if in_sandbox else settings.PACHCA_API_URL)


def authorize_url() -> str:
    """Return the address of the consent page."""
    if settings.PACHCA_SIGN_IN_SANDBOX:
        return f"{settings.SITE_URL}/sandbox/apps/authorize"
    return str(settings.PACHCA_AUTHORIZE_URL)


def issuer() -> str:
    """Return what the server calls itself in its answers (RFC 9207)."""
    if settings.PACHCA_SIGN_IN_SANDBOX:
        return f"{settings.SITE_URL}/sandbox"
    parts = urlsplit(settings.PACHCA_API_URL)
    return f"{parts.scheme}://{parts.netloc}"


def provider(request: HttpRequest) -> Any:
    """Return allauth's provider."""
    return get_adapter().get_provider(request, PROVIDER)


def revoke_token(token: str) -> None:
    """End a token in Pachca. Raises RequestException if that did not succeed."""
    form = {
        "token": token,
        "client_id": settings.PACHCA_CLIENT_ID,
        "client_secret": settings.PACHCA_CLIENT_SECRET,
    }
    with get_adapter().get_requests_session() as session:
        session.request("POST", f"{api_url()}/oauth/revoke", data=form).raise_for_status()


class PachcaOAuth2Adapter(OAuth2Adapter):
    provider_id = PROVIDER

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.access_token_url = f"{api_url()}/oauth/token"
        self.authorize_url = authorize_url()

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any
    ) -> Any:
        """Ask whose token it is. Raises OAuth2Error or RequestException."""
        with get_adapter().get_requests_session() as session:
            headers = {"Authorization": f"Bearer {token.token}"}
            answer = session.request("GET", f"{api_url()}/profile", headers=headers)
        if not answer.ok:
            raise OAuth2Error(
                f"GET /profile: {answer.status_code}. The bot needs the scope profile:read."
            )
        body = answer.json()
        profile = body.get("data") if isinstance(body, dict) else None
        if not isinstance(profile, dict) or not isinstance(profile.get("id"), int):
            raise OAuth2Error("GET /profile: the answer is no profile.")
        scope = str(kwargs.get("response", {}).get("scope") or "")
        return provider(request).sociallogin_from_response(request, {**profile, "scope": scope})
