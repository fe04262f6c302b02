"""Limits on guessing passwords, for every form that calls Django's `authenticate`.

`AttemptLimitBackend` is the first authentication backend. It counts each attempt before a password
is compared, by the name that was typed, whether or not such a person exists, and by the address:

- per name and address, which slows down guessing and locks out nobody elsewhere;
- per name, which slows down guessing from many addresses;
- per address, which slows down guessing at many names.

An address from which the person has signed in before is exempt from the last two, so others
cannot lock people out of the places they work at. Without Redis no password is accepted.
"""

import logging
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from math import ceil
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from core.redis import client, key
from core.redis.attempts import AttemptLimit, Counter, attempt_limiter
from twitter.text.normal import fold_username

logger = logging.getLogger(__name__)

MINUTE, HOUR, DAY = 60, 3600, 86_400
PER_NAME_AND_ADDRESS = AttemptLimit("sign-in", free=5, first=2, cap=15 * MINUTE, memory=DAY)
PER_NAME = AttemptLimit("sign-in.name", free=50, first=2, cap=15 * MINUTE, memory=DAY)
PER_ADDRESS = AttemptLimit("sign-in.address", free=100, first=1, cap=5 * MINUTE, memory=HOUR)
WRONG_TOKENS = AttemptLimit("scim", free=10, first=1, cap=5 * MINUTE, memory=HOUR)
ADDRESS_MEMORY = 90 * DAY  # for which an address from which somebody signed in is exempt
MAX_NAME = 150  # characters in a log line
IPV6_NETWORK = 64  # bits: whoever has one address of such a network has all of them


class TooManyAttempts(ValidationError):
    """The password was not compared; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        self.wait = ceil(wait)
        super().__init__(_message(self.wait), code="too_many_attempts")


class SignInUnavailable(ValidationError):
    """The password was not compared, because attempts cannot be counted."""

    def __init__(self) -> None:
        text = _("Signing in is not possible at the moment. Try again in a minute.")
        super().__init__(text, code="unavailable")


class AttemptLimitBackend:
    """Refuses attempts over the limit; leaves all others to the backends after it."""

    def authenticate(
        self, request: HttpRequest | None, password: str | None = None, **credentials: Any
    ) -> None:
        """Count an attempt to sign in with a password.

        Raises TooManyAttempts or SignInUnavailable, which forms show as their errors.
        """
        if password is not None:
            begin_attempt(_name_in(credentials), address_of(request), request)

    async def aauthenticate(
        self, request: HttpRequest | None, password: str | None = None, **credentials: Any
    ) -> None:
        await sync_to_async(self.authenticate)(request, password, **credentials)


def begin_attempt(name: str, address: str, request: HttpRequest | None = None) -> None:
    """Count an attempt by `name`, folded or not; TooManyAttempts or SignInUnavailable."""
    name = fold_username(name)
    try:
        counters = _counters(name, address)
        wait = attempt_limiter(settings.REDIS_URL).begin(counters)
    except RedisError as error:
        logger.error("Passwords are refused: attempts cannot be counted without Redis.")
        raise SignInUnavailable from error
    if wait:
        shown = name[:MAX_NAME]
        logger.warning("Sign-in as %r from %s refused for %.0f s.", shown, address, wait)
        raise TooManyAttempts(wait)
    if request is not None:
        request.META["accounts.attempt"] = counters


def end_attempt(user: Any, request: HttpRequest | None, **_signal: Any) -> None:
    """Forget the attempts of somebody who has signed in, and exempt the address."""
    if request is None:
        return
    address = address_of(request)
    names = {fold_username(name) for name in (user.get_username(), user.email) if name}
    own = [Counter(PER_NAME_AND_ADDRESS, f"{name}\n{address}") for name in names]
    counted: list[Counter] = request.META.pop("accounts.attempt", [])
    wider = [each for each in counted if each.limit != PER_NAME_AND_ADDRESS]
    limiter = attempt_limiter(settings.REDIS_URL)
    try:
        limiter.clear([*own, *(each for each in counted if each not in wider)])
        limiter.refund(wider)
        if address:
            for name in names:
                client(settings.REDIS_URL).set(_exemption(name, address), 1, ex=ADDRESS_MEMORY)
    except RedisError:
        logger.warning("The attempts of %s are not forgotten: Redis does not answer.", user.pk)


def count_wrong_token(address: str) -> int:
    """Count a wrong token of SCIM; return for how many seconds its address has to wait, or 0.

    A valid token is accepted all the same: it is too long to be guessed.
    """
    try:
        wait = attempt_limiter(settings.REDIS_URL).begin([Counter(WRONG_TOKENS, address)])
    except RedisError:
        logger.error("Wrong tokens of SCIM are not counted without Redis.")
        return 0
    logger.warning("A wrong token of SCIM from %s.", address)
    return ceil(wait)


def address_of(request: HttpRequest | None) -> str:
    """Return the address that counts: of IPv6 the network; "" for a unix socket or no request."""
    text = request.META.get("REMOTE_ADDR", "") if request is not None else ""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ip_network((address, IPV6_NETWORK), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def _counters(name: str, address: str) -> Sequence[Counter]:
    own = Counter(PER_NAME_AND_ADDRESS, f"{name}\n{address}")
    if not address:
        return [own]
    if client(settings.REDIS_URL).exists(_exemption(name, address)):
        return [own]
    return [own, Counter(PER_NAME, name), Counter(PER_ADDRESS, address)]


def _exemption(name: str, address: str) -> str:
    return key("sign-in", Counter(PER_NAME_AND_ADDRESS, f"exempt\n{name}\n{address}").key)


def _name_in(credentials: dict[str, Any]) -> str:
    """Return the name that was typed: forms differ in what they call it."""
    fields = (get_user_model().USERNAME_FIELD, "username", "email", "login")
    return next((str(credentials[field]) for field in fields if credentials.get(field)), "")


def _message(wait: int) -> str:
    if wait < 2 * MINUTE:
        text = ngettext(
            "Too many attempts to sign in. Try again in %(count)d second.",
            "Too many attempts to sign in. Try again in %(count)d seconds.",
            wait,
        )
        return text % {"count": wait}
    minutes = ceil(wait / MINUTE)
    text = ngettext(
        "Too many attempts to sign in. Try again in %(count)d minute.",
        "Too many attempts to sign in. Try again in %(count)d minutes.",
        minutes,
    )
    return text % {"count": minutes}
