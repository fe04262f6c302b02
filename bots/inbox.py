"""Intake: an update becomes a row before anybody is told that it has arrived."""

import hashlib
import hmac
import json
import time

from django.conf import settings
from django.db import IntegrityError, transaction

from bots import identity
from bots.doorbell import ring
from bots.jobs import State
from bots.models import Bot, Update


class Refused(Exception):
    """The request is not taken; `status` is the HTTP status to say so with."""

    status = 400


class NotSigned(Refused):
    """The signature is missing or wrong."""

    status = 401


class TooOld(Refused):
    """webhook_timestamp is too far from now."""

    status = 401


class NotReadable(Refused):
    """The body is not a JSON object with a webhook_timestamp."""


def check_signature(bot: Bot, body: bytes, signature: str) -> None:
    """Raise NotSigned unless `signature` is the hex HMAC-SHA256 of the body under the bot's secret.

    Compared in constant time. A bot without a secret takes nothing.
    """
    expected = hmac.new(bot.signing_secret.encode(), body, hashlib.sha256).hexdigest()
    given = signature.encode(errors="replace")
    if not bot.signing_secret or not hmac.compare_digest(expected.encode(), given):
        raise NotSigned


def read(bot: Bot, body: bytes) -> Update:
    """Return the update that the body tells of, not yet stored; raises NotReadable and TooOld."""
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
            state=State.IGNORED if _is_own(bot, payload) else State.WAITING,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotReadable from error
    if type(sent) is not int:
        raise NotReadable
    if abs(int(time.time()) - sent) > settings.BOTS_WEBHOOK_MAX_AGE:
        raise TooOld
    return update


def store(update: Update) -> bool:
    """Store the update and ring for a worker; False when it was stored before."""
    try:
        with transaction.atomic():
            update.save(force_insert=True)
    except IntegrityError:
        return False
    if update.state == State.WAITING:
        transaction.on_commit(lambda: ring("bots.handle_update", update.pk))
    return True


def _is_own(bot: Bot, payload: identity.Payload) -> bool:
    return bot.pachca_user_id is not None and identity.author_of(payload) == bot.pachca_user_id
