"""Intake: an update becomes a row before anybody is told that it has arrived."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bots import identity
from bots.fields import SecretUnreadable
from bots.jobs import State
from bots.models import Bot, Update

# Pachca waits no longer than 3 s for what comes of these, and a form can be opened no later.
INLINE_KINDS = frozenset({identity.BUTTON, identity.FORM})


class Refused(Exception):
    """The request is not taken; `status` is the HTTP status to say so with."""

    status = 400


class NoSuchBot(Refused):
    """There is no such bot, or it is off."""

    status = 404


class NotSigned(Refused):
    """The signature is missing or wrong."""

    status = 401


class TooOld(Refused):
    """webhook_timestamp is too far from now."""

    status = 401


class NotReadable(Refused):
    """The body is not a JSON object with a webhook_timestamp."""


class SecretLost(Refused):
    """The bot's signing secret cannot be read."""

    status = 503


@dataclass(frozen=True)
class Post:
    """What somebody has sent to a bot's address."""

    slug: str
    body: bytes
    signature: str


@dataclass(frozen=True)
class Receipt:
    """An update that is stored: just now, or it had been before."""

    update: Update
    is_new: bool


def take(posts: Sequence[Post]) -> list[Receipt | Refused]:
    """Check the posts and store what is in order, all with one query and one statement."""
    bots = _bots({post.slug for post in posts})
    read = [_checked(bots.get(post.slug), post) for post in posts]
    updates = [one for one in read if isinstance(one, Update)]
    stored = iter(store(updates))
    return [Receipt(one, next(stored)) if isinstance(one, Update) else one for one in read]


def _bots(slugs: set[str]) -> dict[str, Bot]:
    """Return the bots that are on, by address; those whose secret cannot be read have none."""
    wanted = Bot.objects.on().filter(slug__in=slugs)
    facts = ("slug", "pachca_user_id", "hears_itself")
    try:
        bots = list(wanted.only("signing_secret", *facts))
    except SecretUnreadable:
        bots = list(wanted.only(*facts))
    return {bot.slug: bot for bot in bots}


def _checked(bot: Bot | None, post: Post) -> Update | Refused:
    try:
        if bot is None:
            raise NoSuchBot
        check_signature(bot, post.body, post.signature)
        update, sent = read(bot, post.body)
        if abs(int(time.time()) - sent) > settings.BOTS_WEBHOOK_MAX_AGE:
            raise TooOld
    except Refused as refusal:
        return refusal
    if update.kind in INLINE_KINDS and update.state == State.WAITING:
        _claim_for_this_process(update)
    return update


def check_signature(bot: Bot, body: bytes, signature: str) -> None:
    """Raise NotSigned unless `signature` is the hex HMAC-SHA256 of the body under the bot's secret.

    Compared in constant time. A bot without a secret takes nothing.
    """
    try:
        secret = bot.signing_secret
    except SecretUnreadable:
        raise SecretLost from None
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = signature.encode(errors="replace")
    if not secret or not hmac.compare_digest(expected.encode(), given):
        raise NotSigned


def read(bot: Bot, body: bytes) -> tuple[Update, int]:
    """Return the unsaved update that the body tells of, and its time of sending, unix seconds.

    Raises NotReadable.
    """
    try:
        raw = body.decode()
        payload = json.loads(raw)
        sent = payload["webhook_timestamp"]
        update = Update(
            bot=bot,
            raw=raw,
            key=identity.key_of(payload),
            kind=identity.kind_of(payload),
            chat=identity.chat_of(payload),
            state=State.IGNORED if _is_to_be_ignored(bot, payload) else State.WAITING,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotReadable from error
    if type(sent) is not int:
        raise NotReadable
    return update, sent


def _is_to_be_ignored(bot: Bot, payload: identity.Payload) -> bool:
    """Tell whether the bot itself has caused the event, and is not to hear of that."""
    if bot.hears_itself or bot.pachca_user_id is None:
        return False
    return identity.author_of(payload) == bot.pachca_user_id


def _claim_for_this_process(update: Update) -> None:
    """Store the update as already taken: whoever stores it handles it while Pachca waits."""
    lease = timedelta(seconds=settings.BOTS_INLINE_LIMIT + settings.JOBS_LEASE)
    update.state, update.attempts = State.WORKING, 1
    update.claimed_until = timezone.now() + lease


FIELDS = [field for field in Update._meta.concrete_fields if not field.primary_key]
COLUMNS = ", ".join(f'"{field.column}"' for field in FIELDS)
INSERT = (
    f'INSERT INTO "{Update._meta.db_table}" ({COLUMNS}) VALUES %s'  # noqa: S608  names of columns
    ' ON CONFLICT ("bot_id", "key") DO NOTHING RETURNING "bot_id", "key", "id"'
)
ROW = f"({', '.join(['%s'] * len(FIELDS))})"


def store(updates: Sequence[Update]) -> list[bool]:
    """Store the updates in their order, and tell of each whether it is new.

    One statement, so one commit, whichever of them were stored before. New ones get their keys.
    """
    if not updates:
        return []
    values = [value for update in updates for value in _values(update)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT.replace("%s", ", ".join([ROW] * len(updates)), 1), values)
        new = {(bot_id, key): pk for bot_id, key, pk in cursor.fetchall()}
    for update in updates:
        # Of two that are the same the first is the new one.
        update.pk = new.pop((update.bot_id, update.key), None)
    return [update.pk is not None for update in updates]


def _values(update: Update) -> Iterable[Any]:
    for field in FIELDS:
        yield field.get_db_prep_save(field.pre_save(update, True), connection)
