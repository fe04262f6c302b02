"""Proving to a bot who one is: by a code that only the signed-in person has seen."""

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from bots.models import Bot, LinkCode, PachcaAccount

MOST_WRONG_CODES = 5
WRONG_CODES_COUNT_FOR = 10 * 60


class WrongCode(Exception):
    """Nobody has this code, or its time is over."""


class TooManyTries(Exception):
    """This account sent too many wrong codes; it must wait."""


def link_page() -> str:
    return f"{settings.SITE_URL}{reverse('pachca-link')}"


@transaction.atomic
def spend_code(bot: Bot, pachca_user_id: int, code: str) -> PachcaAccount:
    """Link whoever wrote to the bot with the person whose code it is.

    Raises WrongCode, and TooManyTries from the sixth wrong code in ten minutes on.
    """
    tries = f"bots.link.{bot.in_sandbox}.{pachca_user_id}"
    if cache.get(tries, 0) >= MOST_WRONG_CODES:
        raise TooManyTries
    person = LinkCode.objects.spend(code)
    if person is None:
        cache.add(tries, 0, WRONG_CODES_COUNT_FOR)
        cache.incr(tries)
        raise WrongCode
    return PachcaAccount.objects.link(person, pachca_user_id, in_sandbox=bot.in_sandbox)
