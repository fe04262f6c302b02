"""The inbox: checks a webhook's signature and age, and stores the update before the response."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from bots.framework.events import identity
from bots.models import Bot, Update
from bots.models.fields import SecretUnreadable
from bots.models.jobs import State
from jobs.database_clock import FromNow, to_sql

# Pachca waits at most 3 s for the response to these, also to open a form.
INLINE_KINDS = frozenset({identity.BUTTON, identity.FORM})
CENTURY = 100 * 366 * 86_400  # seconds


class Refused(Exception):
    """The request is rejected with the HTTP status `status`.

    The docstring of a subclass is the public response. The text of the exception, if any, is the
    detailed reason, which is only logged.
    """

    status = 400

    @property
    def reason(self) -> str:
        return str(self) or type(self).__doc__ or ""


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
    """A request to the webhook of a bot."""

    slug: str
    body: bytes
    signature: str


@dataclass(frozen=True)
class Receipt:
    """A stored update: new, or stored before."""

    update: Update
    is_new: bool


def take(posts: Sequence[Post]) -> list[Receipt | Refused]:
    """Check the requests and store valid updates, with one query and one statement."""
    bots = _bots({post.slug for post in posts})
    read = [_check(bots.get(post.slug), post) for post in posts]
    updates = [one for one in read if isinstance(one, Update)]
    stored = iter(store(updates))
    return [Receipt(one, next(stored)) if isinstance(one, Update) else one for one in read]


def _bots(slugs: set[str]) -> dict[str, Bot]:
    """Return the bots by slug. If a secret cannot be decrypted, all are deferred."""
    wanted = Bot.objects.filter(slug__in=slugs)
    facts = ("slug", "is_on", "pachca_user_id", "hears_itself")
    try:
        bots = list(wanted.only("signing_secret", *facts))
    except SecretUnreadable:
        bots = list(wanted.only(*facts))
    return {bot.slug: bot for bot in bots}


def _check(bot: Bot | None, post: Post) -> Update | Refused:
    try:
        if bot is None or not bot.is_on:
            raise NoSuchBot("The bot is switched off." if bot else "No bot has this address.")
        check_signature(bot, post.body, post.signature)
        update, sent = read(bot, post.body)
        check_age(sent)
    except Refused as refusal:
        return refusal
    if update.kind in INLINE_KINDS and update.state == State.WAITING:
        _claim_for_this_process(update)
    return update


def check_signature(bot: Bot, body: bytes, signature: str) -> None:
    """Raise NotSigned unless `signature` is the hex HMAC-SHA256 of the body under the bot's secret.

    The comparison takes constant time. A bot without a secret accepts no requests.
    """
    try:
        secret = bot.signing_secret
    except SecretUnreadable as error:
        raise SecretLost(str(error)) from None
    if not secret:
        raise NotSigned("The bot has no signing secret. Enter it in the admin.")
    if not signature:
        raise NotSigned("The header Pachca-Signature is missing.")
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        raise NotSigned("Pachca-Signature does not fit the body and the bot's signing secret.")


def check_age(sent: int) -> None:
    """Raise TooOld unless `sent`, in Unix seconds, is within BOTS_WEBHOOK_MAX_AGE."""
    age, limit = int(time.time()) - sent, settings.BOTS_WEBHOOK_MAX_AGE
    if abs(age) <= limit:
        return
    if abs(age) > CENTURY:
        raise TooOld("webhook_timestamp is not a time in unix seconds.")
    side = "behind" if age > 0 else "ahead of"
    raise TooOld(f"webhook_timestamp is {abs(age)} s {side} this machine's clock (limit {limit}).")


def read(bot: Bot, body: bytes) -> tuple[Update, int]:
    """Return the unsaved update in the body, and its time of sending in Unix seconds.

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
            state=State.IGNORED if _is_own_event(bot, payload) else State.WAITING,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotReadable from error
    if type(sent) is not int:
        raise NotReadable
    return update, sent


def _is_own_event(bot: Bot, payload: identity.Payload) -> bool:
    """Return whether the bot has caused the event and ignores its own events."""
    if bot.hears_itself or bot.pachca_user_id is None:
        return False
    return identity.author_of(payload) == bot.pachca_user_id


def _claim_for_this_process(update: Update) -> None:
    """Claim the unsaved update for this process, which handles it while Pachca waits."""
    update.state, update.attempts = State.WORKING, 1
    update.claimed_until = FromNow(settings.BOTS_INLINE_LIMIT + settings.JOBS_LEASE)


# The database sets the primary key, and `due_at` by its own clock.
FIELDS = [it for it in Update._meta.concrete_fields if not (it.primary_key or it.name == "due_at")]
COLUMNS = ", ".join(f'"{field.column}"' for field in FIELDS)
INSERT = (
    f'INSERT INTO "{Update._meta.db_table}" ({COLUMNS}) VALUES %s'  # noqa: S608  names of columns
    ' ON CONFLICT ("bot_id", "key") DO NOTHING RETURNING "bot_id", "key", "id"'
)


def store(updates: Sequence[Update]) -> list[bool]:
    """Store the updates in order and return for each whether it is new.

    Uses one statement, so one commit. New updates get their primary keys.
    """
    if not updates:
        return []
    rows, values = [], []
    for update in updates:
        row, params = _row(update)
        rows.append(row)
        values += params
    with connection.cursor() as cursor:
        cursor.execute(INSERT.replace("%s", ", ".join(rows), 1), values)
        new = {(bot_id, key): pk for bot_id, key, pk in cursor.fetchall()}
    for update in updates:
        # Of two equal updates, the first one is new.
        update.pk = new.pop((update.bot_id, update.key), None)
    return [update.pk is not None for update in updates]


def _row(update: Update) -> tuple[str, list[Any]]:
    """Return the update's columns as a row of VALUES, with its parameters."""
    columns, params = [], []
    for field in FIELDS:
        column, values = to_sql(field, field.pre_save(update, True))
        columns.append(column)
        params += values
    return f"({', '.join(columns)})", params
