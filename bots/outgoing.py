"""The apis that handlers and deliveries are given: each bot's own chain of transformers."""

from collections.abc import Iterator
from contextlib import contextmanager

from bots.api import Api, Transformer
from bots.models import Bot
from bots.transformers import auto_retry, journal, throttle

# Whoever delivers gives the row back rather than hold up other chats for long.
LONGEST_HOLD = 5.0

_installed: list[tuple[str | None, Transformer]] = []


def use(*transformers: Transformer, bot: str | None = None) -> None:
    """Have every call of all bots, or of the one at this address, go through the transformers too.

    Call it where an app is loaded, as in its handlers module. They go around the default ones.
    """
    _installed.extend((bot, transformer) for transformer in transformers)


@contextmanager
def used(*transformers: Transformer, bot: str | None = None) -> Iterator[None]:
    """Have calls go through the transformers for a while, as tests do."""
    use(*transformers, bot=bot)
    try:
        yield
    finally:
        for transformer in transformers:
            _installed.remove((bot, transformer))


def api_of(bot: Bot) -> Api:
    """Return the api of the bot that its handlers are given: limits kept, failures repeated."""
    api = Api(bot)
    api.use(journal(bot), throttle(bot), auto_retry(), *_own(bot))
    return api


def delivery_api_of(bot: Bot, chat: str = "") -> Api:
    """Return the api that deliveries to the chat go out by: their rows, not the api, wait and try
    again.
    """
    api = Api(bot)
    api.use(journal(bot), throttle(bot, longest=LONGEST_HOLD, chat=chat), *_own(bot))
    return api


def checking_api_of(bot: Bot) -> Api:
    """Return the api for questions that a person waits for: each is asked once.

    The bot need not be stored yet; then there is no journal that its calls could be in.
    """
    api = Api(bot)
    api.use(*([journal(bot)] if bot.pk else []), *_own(bot))
    return api


def _own(bot: Bot) -> list[Transformer]:
    return [transformer for slug, transformer in _installed if slug in (None, bot.slug)]
