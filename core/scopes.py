"""Scopes of API keys: what a program that shows a key may do."""

from enum import StrEnum
from typing import Any


class Scope(StrEnum):
    """What an API key allows."""

    READ = "read"
    WRITE = "write"
    SPEECH = "speech"
    PUBLISH = "publish"
    HOOKS = "hooks"


ALL_SCOPES = frozenset(Scope)


def allows(person: Any, scope: Scope) -> bool:
    """Tell whether a person may be served with a scope.

    settings.KEY_AUTHENTICATOR sets `key_scopes` on the holder of a key. People who have signed in
    have none, and are not limited.
    """
    scopes = getattr(person, "key_scopes", None)
    return scopes is None or scope in scopes
