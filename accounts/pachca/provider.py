"""The provider that allauth finds by the name of this module."""

from typing import Any

from allauth.socialaccount.providers.base.provider import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.http import HttpRequest

from accounts.pachca.oauth import PROVIDER, PachcaOAuth2Adapter


class PachcaProvider(OAuth2Provider):
    id = PROVIDER
    name = "Pachca"
    account_class = ProviderAccount
    oauth2_adapter_class = PachcaOAuth2Adapter
    pkce_enabled_default = True

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["id"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Ask for no scopes: Pachca takes those from the settings of the bot."""
        return []

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return {}


provider_classes = [PachcaProvider]
