"""Pachca's documented rate limits. They do not apply while Redis is unavailable."""

import hashlib
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from core.redis.rate_limit import Window, rate_limiter, seconds_left
from sandbox.api.errors import ApiError
from sandbox.models import Account

DAY = 24 * 3600
SENDS_A_DAY = 7500
SENDS = {
    "MessageOperations_createMessage",
    "MessageOperations_updateMessage",
    "MessageOperations_deleteMessage",
}
READS = {"MessageOperations_getMessage", "ChatMessageOperations_listChatMessages"}

EVENTS = Window("events", 5, 2)
READING = Window("read", 10, 1)
EVERYTHING_ELSE = Window("other", 50, 1)
SENDING = Window("send", 30, 5)


class TooManyCalls(Exception):
    """A rate limit was exceeded. Unlike other errors, the response is plain text."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    def response(self) -> HttpResponse:
        return HttpResponse(
            "Too Many Requests\n",
            status=self.status,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": str(self.retry_after)},
        )


def check(account: Account, operation_id: str) -> None:
    """Raise TooManyCalls if the token exceeds the limit of the operation's class."""
    if operation_id in SENDS:
        _count(account, [SENDING])
    elif operation_id in READS:
        _count(account, [READING])
    elif operation_id == "BotOperations_getWebhookEvents":
        _count(account, [EVENTS])
    else:
        _count(account, [EVERYTHING_ELSE])


def check_chat(account: Account, chat_id: int, *, is_new: bool) -> None:
    """Raise if the token sends too many messages to a chat per second or per day."""
    second, day = Window(f"chat.{chat_id}", 4, 1), Window(f"day.{chat_id}", SENDS_A_DAY, DAY)
    _count(account, [second, day] if is_new else [second])


def _count(account: Account, windows: list[Window]) -> None:
    token = hashlib.blake2b(account.token.encode(), digest_size=12).hexdigest()
    try:
        counts = rate_limiter(settings.REDIS_URL).count(f"sandbox.{token}", windows)
    except RedisError:
        return
    for window, count in zip(windows, counts, strict=True):
        if count > window.calls:
            raise _refusal(window)


def _refusal(window: Window) -> Exception:
    if window.seconds == DAY:
        return ApiError(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate_limit",
            _("Daily message limit of this chat reached."),
        )
    return TooManyCalls(seconds_left(window))
