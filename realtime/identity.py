"""Who connects: a session's user, or whoever holds the api-key that was shown."""

from collections.abc import Callable, Sequence
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.module_loading import import_string

from realtime.errors import Offence

Person = AbstractBaseUser | AnonymousUser
Authenticator = Callable[[str], AbstractBaseUser | None]

KEY_PROTOCOL = "api-key."
"""A browser can send no headers of its own; it offers `api-key.<the key>` as a subprotocol."""

UNAUTHORIZED = 4401


def person_room(id: object) -> str:
    """Return the name of the room that only the person with this id may join by themselves."""
    return f"person.{id}"


def key_shown(scope: dict[str, Any]) -> str | None:
    """Return the api-key from the header or from the subprotocols of the handshake."""
    for name, value in scope["headers"]:
        if name.lower() == b"api-key":
            return str(value.decode("latin-1"))
    offered: Sequence[str] = scope.get("subprotocols") or ()
    keys = [each.removeprefix(KEY_PROTOCOL) for each in offered if each.startswith(KEY_PROTOCOL)]
    return keys[0] if keys else None


def subprotocol_spoken(scope: dict[str, Any]) -> str | None:
    """Return what to agree on: browsers hang up unless one that they offered is named."""
    offered: Sequence[str] = scope.get("subprotocols") or ()
    return next((each for each in offered if not each.startswith(KEY_PROTOCOL)), None)


async def person_at(scope: dict[str, Any]) -> Person:
    """Return who opens this connection; Offence for a key that is not valid."""
    person: Person = scope.get("user") or AnonymousUser()
    key = key_shown(scope)
    if key is None or person.is_authenticated:
        return person
    return await holder_of(key)


async def holder_of(key: object) -> AbstractBaseUser:
    """Return the person of an api-key; settings.REALTIME_AUTHENTICATOR names who knows it."""
    path: str | None = getattr(settings, "REALTIME_AUTHENTICATOR", None)
    if path and isinstance(key, str) and key and "\0" not in key:
        authenticate: Authenticator = import_string(path)
        person: AbstractBaseUser | None = await database_sync_to_async(authenticate)(key)
        if person is not None:
            return person
    raise Offence("invalid_key", "The api-key is not valid.", UNAUTHORIZED, is_fatal=True)
