"""The system check that stored secrets can be decrypted."""

import logging
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.core.checks import Error as CheckError
from django.db import Error, OperationalError, connection

from bots.models.fields import stored_secrets

logger = logging.getLogger(__name__)

ADVICE = (
    "SECRET_KEY has changed: put the former one into SECRET_KEY_FALLBACKS and run"
    " `manage.py rotate_secrets`, or enter the secret again in the admin."
)


@register(Tags.database)
def check_secrets_are_readable(
    databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Decrypt every stored secret; runs with `check --database default` and with `migrate`."""
    if "default" not in (databases or ()):
        return []
    try:
        connection.ensure_connection()
    except OperationalError as error:
        return [CheckError(f"The database cannot be used: {error}.", id="bots.E101")]
    return [
        Warning(f"Cannot be decrypted: {secret}.", hint=ADVICE, id="bots.W101")
        for secret in find_unreadable_secrets()
    ]


def log_unreadable_secrets(**_: Any) -> None:
    """Log each secret that cannot be decrypted; connected to the start of a worker."""
    for secret in find_unreadable_secrets():
        logger.error("Cannot be decrypted: %s. %s", secret, ADVICE)


def find_unreadable_secrets() -> list[str]:
    """Return the names of secrets that cannot be decrypted; [] while the tables do not exist."""
    try:
        return [str(secret) for secret in stored_secrets() if not secret.is_readable()]
    except Error:
        return []
