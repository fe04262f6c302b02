"""The demo is a client of the sandbox at which people can sign in."""

import pytest
from pytest_django.fixtures import SettingsWrapper

from launcher.demo import enable_sign_in
from sandbox.actions import add_bot
from sandbox.models import OAuthClient

pytestmark = pytest.mark.django_db


def test_the_demo_bot_signs_people_in_at_each_address_of_this_machine(
    settings: SettingsWrapper,
) -> None:
    bot = add_bot("Demo", "demo", "")

    enable_sign_in(bot)
    settings.SITE_URL, settings.PORT = "http://127.0.0.1:8001", 8001
    enable_sign_in(bot)

    client = OAuthClient.objects.get()
    assert (client.client_id, client.secret) == (
        settings.PACHCA_CLIENT_ID,
        settings.PACHCA_CLIENT_SECRET,
    )
    assert client.redirect_uris == [
        "http://127.0.0.1:8001/login/pachca/callback",
        "http://localhost:8001/login/pachca/callback",
        "http://[::1]:8001/login/pachca/callback",
    ]


def test_with_a_client_in_pachca_the_demo_registers_none(settings: SettingsWrapper) -> None:
    settings.PACHCA_SIGN_IN_SANDBOX = False

    enable_sign_in(add_bot("Demo", "demo", ""))

    assert not OAuthClient.objects.exists()
