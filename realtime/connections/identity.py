"""Authentication of a connection by a session, by an API key or by a middleware."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string
from rest_framework.exceptions import Throttled

from core.scopes import Scope, allows
from realtime.errors import Offence
from realtime.wire.room_names import is_plain_text

Person = AbstractBaseUser | AnonymousUser
Authenticator = Callable[[str], AbstractBaseUser | None]

KEY_PROTOCOL = "api-key."
"""Browsers cannot set headers of a handshake; they offer the subprotocol `api-key.<the key>`."""

UNAUTHORIZED = 4401
FORBIDDEN = 4403


def person_room(id: object) -> str:
    """Return the name of a person's own room, which only connections of that person may join."""
    return f"person.{id}"


def client_address(scope: dict[str, Any]) -> str:
    """Return the client's IP address; empty for a Unix socket, as from a proxy on this host."""
    address, _ = scope.get("client") or ("", 0)
    return str(address)


def find_api_key(scope: dict[str, Any]) -> str | None:
    """Return the API key from the header or the subprotocols of the handshake."""
    for name, value in scope["headers"]:
        if name.lower() == b"api-key":
            return str(value.decode("latin-1"))
    offered: Sequence[str] = scope.get("subprotocols") or ()
    keys = [each.removeprefix(KEY_PROTOCOL) for each in offered if each.startswith(KEY_PROTOCOL)]
    return keys[0] if keys else None


def has_credentials(scope: dict[str, Any]) -> bool:
    """Return whether the handshake carries credentials, valid or not."""
    return "user" in scope or bool(_session_key(scope)) or find_api_key(scope) is not None


def negotiate_subprotocol(scope: dict[str, Any]) -> str | None:
    """Return the subprotocol to agree on.

    A browser that offered subprotocols closes the connection unless one of them is agreed on.
    """
    offered: Sequence[str] = scope.get("subprotocols") or ()
    return next((each for each in offered if not each.startswith(KEY_PROTOCOL)), None)


@dataclass(frozen=True, slots=True)
class Credential:
    """A session key or an API key, with the function that finds its user.

    It is checked again periodically, since it may be revoked while the connection is open.
    """

    authenticate: Authenticator
    secret: str = field(repr=False)

    async def find_user(self) -> AbstractBaseUser | None:
        """Return the user whom the credential authenticates now."""
        user: AbstractBaseUser | None = await database_sync_to_async(self.authenticate)(self.secret)
        return user


@dataclass(frozen=True, slots=True)
class Identity:
    """The user of a connection, and the credential that authenticated it, if there is one."""

    user: Person
    credential: Credential | None = None


async def identify(scope: dict[str, Any]) -> Identity:
    """Authenticate a handshake. Raises Offence for an API key that is not usable."""
    if "user" in scope:  # set by a middleware around the endpoint
        identity = Identity(scope["user"] or AnonymousUser())
    else:
        identity = await _identify_by_session(scope)
    key = find_api_key(scope)
    if key is None or identity.user.is_authenticated:
        return identity
    return await authenticate_key(key, client_address(scope))


async def authenticate_key(key: object, address: str) -> Identity:
    """Authenticate an API key that was sent from an address.

    Calls the function that settings.KEY_AUTHENTICATOR names, which may raise Throttled. Raises
    Offence for a key that is not valid or lacks the scope `read`, or if too many were tried.
    """
    path: str | None = getattr(settings, "KEY_AUTHENTICATOR", None)
    if path and isinstance(key, str) and key and is_plain_text(key):
        authenticate = import_string(path)
        try:
            user = await database_sync_to_async(authenticate)(key, address)
        except Throttled as error:
            raise Offence("too_many_keys", str(error.detail), 4429, is_fatal=True) from error
        if user is not None and not allows(user, Scope.READ):
            sentence = "The api-key does not allow this. It needs the scope “read”."
            raise Offence("insufficient_scope", sentence, FORBIDDEN, is_fatal=True)
        if user is not None:
            return Identity(user, Credential(authenticate, key))
    raise Offence("invalid_key", "The api-key is not valid.", UNAUTHORIZED, is_fatal=True)


async def _identify_by_session(scope: dict[str, Any]) -> Identity:
    """Return the user of the session cookie. Without a cookie the database is not queried."""
    session = _session_key(scope)
    if session:
        credential = Credential(session_user, session)
        user = await credential.find_user()
        if user is not None:
            return Identity(user, credential)
    return Identity(AnonymousUser())


def _session_key(scope: dict[str, Any]) -> str:
    """Return the session key in the cookie; empty if it cannot be one.

    A project without sessions may have no database, so there the cookie is not looked at.
    """
    if not apps.is_installed("django.contrib.sessions"):
        return ""
    cookies = next((value for name, value in scope["headers"] if name.lower() == b"cookie"), b"")
    key: str = parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")
    return key if is_plain_text(key) else ""


def session_user(key: str) -> AbstractBaseUser | None:
    """Return the user who is signed in by a session."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    return user if isinstance(user, AbstractBaseUser) else None
