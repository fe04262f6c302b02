"""The backend of the test kit: the real inbox, dispatch and delivery, run step by step."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import time_machine
from django.db.models import Min
from django.utils.crypto import get_random_string

from bots.framework.api.connection import run
from bots.framework.fsm.storage import Key, storage
from bots.intake import inbox
from bots.models import Bot, Delivery, PachcaAccount, Update
from bots.models.jobs import State
from bots.runtime import delivery, dispatch, inline, outgoing
from bots.runtime.profiles import profiles
from bots.testing.client import CallRefused, HandlerFailed
from bots.testing.pachca import Json, Pachca
from jobs import database_clock

# Maximum number of steps after one event; more indicate an endless loop.
MAX_ROUNDS = 20


@contextmanager
def durable_bot(pachca: Pachca) -> Iterator["DurableBot"]:
    """Create a bot whose calls go to the in-memory Pachca."""
    bot = Bot.objects.create(
        name="Test",
        slug="test",
        token=get_random_string(8),
        signing_secret=get_random_string(8),
        pachca_user_id=pachca.bot_user_id,
    )
    profiles.clear()  # of an earlier test
    with outgoing.use_temporarily(pachca, bot=bot.slug):
        yield DurableBot(bot, pachca)


def _seconds_advanced() -> float:
    """Return by how much the test kit's `wait` has advanced the clock of this process."""
    real = time_machine.escape_hatch
    return time.time() - real.time.time() if real.is_travelling() else 0.0


class DurableBot:
    """A bot whose updates and deliveries are rows, as in production."""

    def __init__(self, bot: Bot, pachca: Pachca) -> None:
        self.bot, self._pachca = bot, pachca

    def receive(self, payload: Json) -> dict[str, str]:
        body = json.dumps({**payload, "webhook_timestamp": int(time.time())}).encode()
        signature = hmac.new(self.bot.signing_secret.encode(), body, hashlib.sha256).hexdigest()
        (receipt,) = inbox.take([inbox.Post(self.bot.slug, body, signature)])
        if isinstance(receipt, inbox.Refused):
            raise receipt
        is_inline = receipt.update.state == State.WORKING
        return run(inline.handle(receipt.update.pk)) if is_inline else {}

    def settle(self, fails_quietly: bool) -> None:
        with database_clock.advanced_by(_seconds_advanced()):
            self._settle(fails_quietly)

    def _settle(self, fails_quietly: bool) -> None:
        for _ in range(MAX_ROUNDS):
            due = [*self._due(Update), *self._due(Delivery)]
            for pk in self._due(Update).values_list("pk", flat=True):
                run(dispatch.handle(pk))
            if not fails_quietly:
                self._check_handlers()
            chats = self._due(Delivery).values_list("chat").annotate(Min("pk"))
            for chat, _first in chats.order_by("pk__min"):
                run(delivery.deliver(self.bot.pk, chat))
            if not fails_quietly:
                self._check_answers()
            if not due:
                return
        raise AssertionError("The bot goes on and on.")

    def state_of(self, user_id: int) -> str | None:
        return storage().load(Key(self.bot.pk, f"user:{user_id}")).state

    def link(self, user: Any, user_id: int) -> None:
        PachcaAccount.objects.link(user, user_id, in_sandbox=self.bot.in_sandbox)

    def _due(self, model: Any) -> Any:
        return model.objects.claimable().filter(bot=self.bot)

    def _check_handlers(self) -> None:
        failed = Update.objects.filter(bot=self.bot).exclude(error="").order_by("-pk").first()
        if failed is not None:
            raise HandlerFailed(failed.error)

    def _check_answers(self) -> None:
        """Raise CallRefused for replies that Pachca would reject."""
        if not self._pachca.refused:
            return
        reasons = [f"base: {it}" for it in self._pachca.refused]
        failed = Delivery.objects.filter(bot=self.bot, state=State.FAILED, error__in=reasons)
        if refused := failed.order_by("-pk").first():
            raise CallRefused(f"{refused.method}: {refused.error.removeprefix('base: ')}")
