"""The sessions of a person: where they signed in, and with what."""

import re
import time
from collections.abc import Iterable
from typing import Any

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

from realtime.actions import revalidate
from twitter.models import User

SEEN_AT = "seen_at"
"""The name under which a session holds when it was last noted, in seconds."""
SIGNED_IN_AT = "signed_in_at"
"""The name under which a session holds when it began, in seconds."""

BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def note(request: HttpRequest, person: User) -> None:
    """Write down where a session is used now."""
    UserSession.objects.create_from_request(request, user=person)
    request.session[SEEN_AT] = int(time.time())


def note_sign_in(request: HttpRequest, user: Any, **_signal: Any) -> None:
    if isinstance(user, User):
        note(request, user)
        request.session[SIGNED_IN_AT] = request.session[SEEN_AT]


def sessions_of(person: User) -> list[UserSession]:
    """Return the sessions that have not ended, the one that was used last first."""
    sessions: list[UserSession] = UserSession.objects.purge_and_list(person)
    return sorted(sessions, key=lambda session: session.last_seen_at, reverse=True)


def end_sessions(person: User, sessions: Iterable[UserSession]) -> int:
    """End sessions and close the connections that they opened; return how many there were."""
    count = 0
    for session in sessions:
        session.end()
        count += 1
    revalidate(person.pk)
    return count


def device_of(user_agent: str) -> str:
    """Name the browser and the system, as far as the browser tells."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    program = re.match(r"[\w.-]+", user_agent)
    known = ", ".join(filter(None, [browser, system]))
    return known or (program[0] if program else _("Unknown device"))
