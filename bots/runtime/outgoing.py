"""API clients of bots for handlers and deliveries, with their transformers."""

from collections.abc import Iterator
from contextlib import contextmanager

from bots.framework.api import Api, Transformer, connection
from bots.framework.api.client import AddedMethod, check_new
from bots.framework.routing.injection import Context, context_value
from bots.framework.transformers import auto_retry, throttle
from bots.models import Bot
from bots.runtime.journal import journal
from jobs.leases import check_current_lease

# A delivery that would have to wait longer is postponed: it must not hold up other chats.
MAX_HOLD = 5.0
# Another worker may make the calls of a job whose lease is lost.
connection.guards.append(check_current_lease)

_installed: list[tuple[str | None, Transformer]] = []
_added: list[tuple[str | None, dict[str, AddedMethod]]] = []


def use(*transformers: Transformer, bot: str | None = None) -> None:
    """Install transformers for all bots, or for the bot with the slug `bot`.

    They wrap the default ones. Call it at import time, as in the handlers module of an app.
    """
    _installed.extend((bot, transformer) for transformer in transformers)


def add(*, bot: str | None = None, **methods: AddedMethod) -> None:
    """Add methods to the apis of all bots, or of the bot with the slug `bot`.

    `add(say=say)` makes `async def say(api, …)` callable as `api.say(…)` in handlers. Call it at
    import time. Raises ValueError for a name that is taken.
    """
    for slug, others in _added:
        taken = others.keys() & methods.keys()
        if taken and (slug == bot or None in (slug, bot)):
            raise ValueError(f"Another plugin has added {', '.join(sorted(taken))} already.")
    check_new(methods)
    _added.append((bot, methods))


@contextmanager
def use_temporarily(*transformers: Transformer, bot: str | None = None) -> Iterator[None]:
    """Install transformers for the duration of the block, for tests."""
    use(*transformers, bot=bot)
    try:
        yield
    finally:
        for transformer in transformers:
            _installed.remove((bot, transformer))


def api_of(bot: Bot) -> Api:
    """Return the api for handlers of the bot, with throttling and retries."""
    api = _api_with_methods(bot)
    api.use(journal(bot), throttle(bot.token), auto_retry(), *_installed_for(bot))
    return api


@context_value("api")
async def _api(context: Context) -> Api:
    return api_of(context["bot"])


def delivery_api_of(bot: Bot, chat: str = "") -> Api:
    """Return the api for deliveries to the chat, without retries: their rows are retried."""
    api = _api_with_methods(bot)
    api.use(journal(bot), throttle(bot.token, longest=MAX_HOLD, chat=chat), *_installed_for(bot))
    return api


def checking_api_of(bot: Bot) -> Api:
    """Return the api for calls that a user waits for, without retries.

    The bot may be unsaved; its calls are not in the journal then.
    """
    api = _api_with_methods(bot)
    api.use(*([journal(bot)] if bot.pk else []), *_installed_for(bot))
    return api


def _installed_for(bot: Bot) -> list[Transformer]:
    return [transformer for slug, transformer in _installed if slug in (None, bot.slug)]


def _api_with_methods(bot: Bot) -> Api:
    api = Api(bot.token, bot.api_url)
    for slug, methods in _added:
        if slug in (None, bot.slug):
            api.add(**methods)
    return api
