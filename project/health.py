"""The health checks and the two endpoints for orchestrators and proxies."""

import logging
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from accounts.directory.services import NAME, has_failed
from bots.runtime import outages
from core.health import TIMEOUT, Part, Unavailable, answer, report
from core.redis import client
from core.storage.filesystem import is_full
from project.celery import app as celery_app
from realtime.actions import seconds_interrupted
from tts import storage as speech_storage

logger = logging.getLogger(__name__)

# Seconds. The check writes a file, and requests to a bucket cost money.
MEDIA_FRESH = 10.0
PROBE_SIZE = 64 * 1024
# Seconds for which the subscription to events of other processes may be interrupted.
MAX_INTERRUPTION = 5.0


def _check_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _check_broker() -> None:
    client(settings.REDIS_URL).ping()


def _check_worker() -> None:
    """Ping all workers and wait for one. The loop that receives tasks sends the response."""
    with celery_app.connection_for_write(connect_timeout=TIMEOUT) as broker:
        broker.connect()
        if not celery_app.control.ping(limit=1, timeout=TIMEOUT * 2 / 3, connection=broker):
            raise Unavailable("No worker responds.")


def _check_media() -> None:
    """Write a file like those of pictures and speech, and delete it."""
    if not speech_storage.is_writable():
        raise Unavailable("The directory for temporary files is full or read-only.")
    try:
        probe = default_storage.save(f"health/{uuid4().hex}", ContentFile(bytes(PROBE_SIZE)))
        default_storage.delete(probe)
    except OSError as error:
        reason = "is full" if is_full(error) else f"cannot be used ({type(error).__name__})"
        raise Unavailable(f"The media storage {reason}.") from error


def _check_pachca() -> None:
    """Report outages that the bots have recorded; the probe itself calls nothing."""
    try:
        if cut_off := outages.describe_outages():
            raise Unavailable(cut_off)
    except DatabaseError:
        logger.debug("Outages of Pachca cannot be read without the database.", exc_info=True)
    finally:
        connection.close()


def check_directory() -> None:
    """Report that the last sync of the directory has failed or was stopped by its limit."""
    try:
        if settings.DIRECTORY_BOT and has_failed():
            raise Unavailable(f"The directory sync fails. See the service {NAME} in the admin.")
    except DatabaseError:
        logger.debug("The directory sync cannot be checked without the database.", exc_info=True)
    finally:
        connection.close()


def _check_subscription() -> None:
    if seconds_interrupted() > MAX_INTERRUPTION:
        raise Unavailable("Events from other processes are not received.")


PARTS = (
    Part("database", _check_database),
    Part("broker", _check_broker),
    Part("worker", _check_worker),
    Part("subscription", _check_subscription),
    Part("media", _check_media, fresh=MEDIA_FRESH),
    Part("pachca", _check_pachca, is_optional=True),
    Part("directory", check_directory, is_optional=True),
)


async def live(request: HttpRequest) -> JsonResponse:
    """Respond if the process runs, whatever the state of its dependencies."""
    return answer({"status": "ok"}, 200)


async def ready(request: HttpRequest) -> JsonResponse:
    """Report the state of the database, broker, worker, subscription and media storage.

    An outage of Pachca and a directory sync that fails are reported too, but do not make the site
    unavailable.
    """
    return await report(PARTS)
