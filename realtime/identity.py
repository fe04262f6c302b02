"""Who connects: a session's user, or whoever holds the api-key that was shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, parse_cookie
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


def address_of(scope: dict[str, Any]) -> str:
    """Return where a client calls from; a unix socket, from the proxy beside us, has no address."""
    address, _ = scope.get("client") or ("", 0)
    return str(address)


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


@dataclass(frozen=True, slots=True)
class Proof:
    """What was shown for a person; looked at again from time to time, since it may be revoked."""

    look: Authenticator
    secret: str = field(repr=False)

    async def person(self) -> AbstractBaseUser | None:
        """Return whom it is good for now."""
        person: AbstractBaseUser | None = await database_sync_to_async(self.look)(self.secret)
        return person


@dataclass(frozen=True, slots=True)
class Guest:
    person: Person
    proof: Proof | None = None


async def guest_at(scope: dict[str, Any]) -> Guest:
    """Return who opens this connection; Offence for a key that is not valid."""
    if "user" in scope:  # by a middleware, where the endpoint is mounted under one
        guest = Guest(scope["user"] or AnonymousUser())
    else:
        guest = await _guest_with_cookies(scope)
    key = key_shown(scope)
    return guest if key is None or guest.person.is_authenticated else await guest_with(key)


async def guest_with(key: object) -> Guest:
    """Return the holder of an api-key; settings.KEY_AUTHENTICATOR names who knows it."""
    path: str | None = getattr(settings, "KEY_AUTHENTICATOR", None)
    if path and isinstance(key, str) and key and "\0" not in key:
        proof = Proof(import_string(path), key)
        person = await proof.person()
        if person is not None:
            return Guest(person, proof)
    raise Offence("invalid_key", "The api-key is not valid.", UNAUTHORIZED, is_fatal=True)


async def _guest_with_cookies(scope: dict[str, Any]) -> Guest:
    """Return who is signed in to the site; a stranger costs no look at the database."""
    cookies = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    session = parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    if session:
        proof = Proof(owner_of_session, session)
        person = await proof.person()
        if person is not None:
            return Guest(person, proof)
    return Guest(AnonymousUser())


def owner_of_session(key: str) -> AbstractBaseUser | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    person = get_user(request)
    return person if isinstance(person, AbstractBaseUser) else None
