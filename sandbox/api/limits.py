"""Rate limits as Pachca documents them, counted in Redis across processes.

Windows are fixed, one INCR each, all in one round trip. Where Redis is away nothing is limited.
"""

import hashlib
import logging
import time
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from redis import Redis
from redis.exceptions import RedisError

from sandbox.errors import ApiError
from sandbox.models import Account

logger = logging.getLogger(__name__)

DAY = 24 * 3600
SENDS_A_DAY = 7500
SENDS = {
    "MessageOperations_createMessage",
    "MessageOperations_updateMessage",
    "MessageOperations_deleteMessage",
}
READS = {"MessageOperations_getMessage", "ChatMessageOperations_listChatMessages"}
PATIENCE = 0.3
RESTS_FOR = 5.0


@dataclass(frozen=True)
class Window:
    name: str
    calls: int
    seconds: int


EVENTS = Window("events", 5, 2)
READING = Window("read", 10, 1)
EVERYTHING_ELSE = Window("other", 50, 1)
SENDING = Window("send", 30, 5)


class TooManyCalls(Exception):
    """Answered as plain text, unlike every other refusal."""

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
    """Refuse the call if the token made too many of its class."""
    if operation_id in SENDS:
        _count(account, [SENDING])
    elif operation_id in READS:
        _count(account, [READING])
    elif operation_id == "BotOperations_getWebhookEvents":
        _count(account, [EVENTS])
    else:
        _count(account, [EVERYTHING_ELSE])


def check_chat(account: Account, chat_id: int, *, is_new: bool) -> None:
    """Refuse if the token sends too much to this one chat, by the second or by the day."""
    second, day = Window(f"chat.{chat_id}", 4, 1), Window(f"day.{chat_id}", SENDS_A_DAY, DAY)
    _count(account, [second, day] if is_new else [second])


def _count(account: Account, windows: list[Window]) -> None:
    now = time.time()
    for window, count in zip(windows, counter().counts(account, windows, now), strict=False):
        if count > window.calls:
            raise _refusal(window, now)


def _refusal(window: Window, now: float) -> Exception:
    if window.seconds == DAY:
        return ApiError(
            HTTPStatus.TOO_MANY_REQUESTS, "rate_limit", _("Too many messages in this chat today.")
        )
    return TooManyCalls(window.seconds - int(now) % window.seconds)


class Counter:
    """Counts in Redis. When it is away nothing is counted, and it is let alone for a while."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._rests_until = 0.0

    def counts(self, account: Account, windows: list[Window], now: float) -> list[int]:
        """Count this call in every window and return the counts."""
        if now < self._rests_until:
            return []
        token = hashlib.blake2b(account.token.encode(), digest_size=12).hexdigest()
        pipeline = self._redis.pipeline(transaction=False)
        for window in windows:
            key = f"svyaz:sandbox:{token}:{window.name}:{int(now) // window.seconds}"
            pipeline.incr(key)
            pipeline.expire(key, window.seconds + 1)
        try:
            return [int(count) for count in pipeline.execute()[::2]]
        except RedisError as error:
            self._rests_until = now + RESTS_FOR
            logger.warning("The sandbox counts no calls for a while: %s", error)
            return []


@cache
def counter() -> Counter:
    return Counter(settings.REDIS_URL)
