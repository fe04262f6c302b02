from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import AsyncClient, Client
from pytest_django.fixtures import SettingsWrapper

from realtime.testing import sockets
from twitter.actions import post_tweet, upload_media
from twitter.models import User
from twitter.tests.factories import picture

__all__ = ["sockets"]

PAGES = [
    *("/", "/settings", "/notifications", "/bookmarks", "/search?q=a", "/names?begins=a"),
    *("/people/root", "/people/nobody", "/tags/a", "/tts/", "/admin/", "/docs", "/sandbox/"),
    *("/api/users/me", "/api/tweets", "/api/notifications", "/api/tweets/0"),
]


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", name="Ольга")


@pytest.mark.parametrize("path", PAGES)
def test_what_depends_on_the_user_is_not_stored(root: Any, client: Any, path: Any) -> None:
    client.force_login(root)

    assert "no-store" in client.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/settings"])
async def test_nothing_private_is_stored_under_asgi_either(db: Any, path: str) -> None:
    answer = await AsyncClient().get(path)

    assert "no-store" in answer.headers["Cache-Control"]


def test_the_middleware_of_calls_forbids_storing_too() -> None:
    assert "core.middleware.cache_control.private_by_default" in settings.API_MIDDLEWARE


def test_pictures_are_still_stored(
    root: Any, sockets: Any, tmp_path: Path, settings: SettingsWrapper
) -> None:
    settings.MEDIA_ROOT = tmp_path
    media = upload_media(root, picture())
    post_tweet(root, "x", [media])

    assert "max-age" in Client().get(media.url).headers["Cache-Control"]
