"""Linking of Pachca accounts by codes that only the signed-in user sees."""

from math import ceil

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from bots.models import Bot, LinkCode, PachcaAccount
from core.redis.attempts import AttemptLimit, Counter, attempt_limiter

MAX_WRONG_CODES = 5
WRONG_CODES = AttemptLimit("link-code", free=MAX_WRONG_CODES, first=60, cap=3600, memory=24 * 3600)


class WrongCode(Exception):
    """The code does not exist or has expired."""


class TooManyTries(Exception):
    """The account has sent too many wrong codes and must wait for `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = ceil(wait)


def link_page() -> str:
    return f"{settings.SITE_URL}{reverse('pachca-link')}"


@transaction.atomic
def spend_code(bot: Bot, pachca_user_id: int, code: str) -> PachcaAccount:
    """Link the author of the message to the user who owns the code.

    Raises WrongCode, TooManyTries after MAX_WRONG_CODES wrong codes (with growing delays), and
    RedisError if attempts cannot be counted.
    """
    counters = [Counter(WRONG_CODES, f"{bot.in_sandbox} {pachca_user_id}")]
    limiter = attempt_limiter(settings.REDIS_URL)
    if wait := limiter.begin(counters):
        raise TooManyTries(wait)
    person = LinkCode.objects.spend(code)
    if person is None:
        raise WrongCode
    limiter.clear(counters)
    return PachcaAccount.objects.link(person, pachca_user_id, in_sandbox=bot.in_sandbox)
