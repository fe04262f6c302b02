"""Trying a command: all that would happen is worked out, shown, and then undone."""

import asyncio
import json
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bots import handling
from bots.api import Api, ApiError, NoAnswer, run
from bots.commands.directory import profile
from bots.models import Bot, Update
from bots.outgoing import checking_api_of
from bots.transformers import dry_run

PLACES = {"private": "user", "chat": "discussion", "thread": "thread"}


@dataclass
class Trial:
    """What a message to the bot would have led to."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    handler: str = ""
    error: str = ""
    seconds: float = 0.0


def try_out(bot: Bot, text: str, person: int, place: str = "private") -> Trial:
    """Have the bot's own handlers take the message, and undo whatever they wrote.

    Pachca is asked who the person is, and nothing else: every other call is only said to have
    worked, because an open transaction must not wait for the network. What a handler does outside
    the database and the api is not undone.
    """
    started = time.perf_counter()
    trial = Trial()
    try:
        run(_introduced(bot, person))
        with transaction.atomic():
            outcome = run(_handled(_arrived(bot, text, person, place)))
            trial.handler = outcome.handler
            trial.answers = [it.payload.get("message", it.payload) for it in outcome.answers]
            transaction.set_rollback(True)
    except Exception as error:  # whatever a handler raises is what the trial shows
        trial.error = f"{type(error).__name__}: {error}"
    trial.seconds = time.perf_counter() - started
    return trial


async def _introduced(bot: Bot, person: int) -> None:
    with suppress(ApiError, NoAnswer):
        await profile(checking_api_of(bot), bot, person)


async def _handled(update: Update) -> handling.Outcome:
    api = Api(update.bot)
    api.use(dry_run(reads=False))
    async with asyncio.timeout(settings.BOTS_HANDLER_LIMIT):
        return await handling.run(update, api=api)


def _arrived(bot: Bot, text: str, person: int, place: str) -> Update:
    own = bot.pachca_user_id or 0
    payload = {
        "type": "message",
        "event": "new",
        "id": 1,
        "entity_type": PLACES[place],
        "entity_id": own,
        "chat_id": 1,
        "user_id": person,
        "content": text,
        "created_at": timezone.now().isoformat(),
        "webhook_timestamp": int(time.time()),
    }
    return Update.objects.create(
        bot=bot,
        key=f"trial:{uuid.uuid4().hex}",
        kind="message.new",
        chat="trial",
        raw=json.dumps(payload),
    )
