from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from project import settings as installation

SIGN_IN = "/login"


def test_russian_is_the_language_of_an_installation() -> None:
    assert installation.LANGUAGE_CODE == "ru"


def test_who_names_no_language_is_answered_in_that_of_the_installation(
    client: Any, settings: SettingsWrapper
) -> None:
    settings.LANGUAGE_CODE = "ru"

    page = client.get(SIGN_IN)

    assert page.headers["Content-Language"] == "ru"
    assert "Имя пользователя или почта" in page.text
    assert "Войти · Связь" in page.text


@pytest.mark.parametrize(
    ("language", "title"),
    [("ru-RU,ru;q=0.9,en;q=0.5", "Войти · Связь"), ("en-GB,en;q=0.9,ru;q=0.5", "Sign in · Svyaz")],
)
def test_a_browser_is_answered_in_its_language(language: str, title: str) -> None:
    browser = Client(headers={"accept-language": language})

    assert f"<title>{title}</title>" in browser.get(SIGN_IN).text
