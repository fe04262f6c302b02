"""Trial runs of commands, whose changes are rolled back."""

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

from bots.framework.api import Api, ApiError, NoAnswer, run
from bots.framework.transformers import dry_run
from bots.models import Bot, Update
from bots.runtime import execution
from bots.runtime.outgoing import checking_api_of
from bots.runtime.profiles import profile

PLACES = {"private": "user", "chat": "discussion", "thread": "thread"}


@dataclass
class Trial:
    """The result of a trial run."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    handler: str = ""
    error: str = ""
    seconds: float = 0.0


def try_out(bot: Bot, text: str, person: int, place: str = "private") -> Trial:
    """Handle a message with the bot's handlers, and roll back their changes.

    Pachca is only asked for the profile of the author. Other calls get invented responses, because
    an open transaction must not wait for the network. Effects outside of the database and the api
    are not undone.
    """
    started = time.perf_counter()
    trial = Trial()
    try:
        run(_load_profile(bot, person))
        with transaction.atomic():
            outcome = run(_handle(_create_update(bot, text, person, place)))
            trial.handler = outcome.handler
            trial.answers = [it.payload.get("message", it.payload) for it in outcome.answers]
            transaction.set_rollback(True)
    except Exception as error:  # the trial shows any exception
        trial.error = f"{type(error).__name__}: {error}"
    trial.seconds = time.perf_counter() - started
    return trial


async def _load_profile(bot: Bot, person: int) -> None:
    with suppress(ApiError, NoAnswer):
        await profile(checking_api_of(bot), bot, person)


async def _handle(update: Update) -> execution.Outcome:
    api = Api(update.bot.token, update.bot.api_url)
    api.use(dry_run(reads=False))
    async with asyncio.timeout(settings.BOTS_HANDLER_LIMIT):
        return await execution.run(update, api=api)


def _create_update(bot: Bot, text: str, person: int, place: str) -> Update:
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
