"""Who may call SCIM: programs with a token of the settings, and nobody without one."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from accounts.audit.models import AuditEvent
from accounts.limits import WRONG_TOKENS
from accounts.scim.tests.conftest import TOKEN, Directory
from core.settings.environment import Environment, Misconfigured
from twitter.models import User


def test_without_a_token_in_the_settings_there_is_nothing(
    directory: Directory, settings: SettingsWrapper
) -> None:
    settings.SCIM_TOKEN = []

    assert directory.call("GET", "/Users").status_code == 404
    assert directory.add_user("olga").status_code == 404
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "header",
    ["", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer wrong", f"Bearer {TOKEN}1", "Bearer é"],
)
def test_a_wrong_token_is_refused_and_recorded(db: None, broker: Any, header: str) -> None:
    client = Client(headers={"authorization": header} if header else {})

    response: Any = client.get("/scim/v2/ServiceProviderConfig")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="SCIM"'
    assert response.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_name, event.address) == (
        "sign_in_failed",
        "SCIM",
        "127.0.0.1",
    )


def test_many_wrong_tokens_from_an_address_have_to_wait(directory: Directory, broker: Any) -> None:
    stranger = Directory("wrong")

    statuses = [stranger.call("GET", "/Users").status_code for _ in range(WRONG_TOKENS.free + 2)]

    assert statuses == [401] * WRONG_TOKENS.free + [429] * 2
    assert int(stranger.call("GET", "/Users").headers["Retry-After"]) >= 1
    assert AuditEvent.objects.count() == WRONG_TOKENS.free
    assert directory.call("GET", "/Users").status_code == 200


def test_during_a_rotation_both_tokens_are_valid(
    directory: Directory, settings: SettingsWrapper
) -> None:
    settings.SCIM_TOKEN = ["another-token-of-more-than-32-characters", TOKEN]

    assert directory.call("GET", "/Users").status_code == 200


def test_a_signed_in_administrator_needs_a_token_too(root: User, broker: Any) -> None:
    browser = Client()
    browser.force_login(root)

    assert browser.get("/scim/v2/Users").status_code == 401


def test_a_short_token_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_TOKEN", "short")

    with pytest.raises(Misconfigured, match="SCIM_TOKEN must have at least 32 characters"):
        Environment().tokens("SCIM_TOKEN")
