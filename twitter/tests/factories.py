"""Rows and files for tests."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from twitter.models import Notification, Tweet, User


def make_person(username: str, name: str = "") -> User:
    return User.objects.create(username=username, name=name)


def make_tweets(author: User, count: int) -> list[Tweet]:
    """Make tweets that say "1", "2" and so on."""
    return [Tweet.objects.create(author=author, text=str(n)) for n in range(1, count + 1)]


def notifications_of(person: User) -> list[tuple[str, str]]:
    """Return the kinds and actors' usernames of a person's notifications, newest first."""
    return [(each.kind, each.actor.username) for each in Notification.objects.of(person)]


def picture(
    format: str = "PNG", size: tuple[int, int] = (40, 30), name: str = "cat.png", **options: Any
) -> SimpleUploadedFile:
    """Make a picture as a browser would send it, red on the left and blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.save(file, format, **options)
    return SimpleUploadedFile(name, file.getvalue(), f"image/{format.lower()}")
