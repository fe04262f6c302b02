"""Fetching the avatars of new accounts from Pachca, in a worker."""

import io
import logging
from datetime import timedelta
from functools import partial

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from accounts.pachca.models import MAX_URL_LENGTH, AvatarDownload
from accounts.privacy.models import AccountDeletion
from bots.framework.api import Api, FileTooLarge, NotFetched
from jobs.doorbell import ring
from jobs.leases import Lease
from jobs.rows import MAX_RETRIES, RETRY_BACKOFF, State
from jobs.runner import ThreadRunner
from twitter.actions import upload_avatar
from twitter.models import User

logger = logging.getLogger(__name__)

TASK = "pachca.fetch_avatar"
DOWNLOAD_TIMEOUT = 20.0  # seconds


def request_avatar(person: User, url: str, *, in_sandbox: bool = False) -> None:
    """Have a worker fetch the picture after the commit, unless the person uploads one before."""
    if len(url) > MAX_URL_LENGTH:
        return
    job, is_new = AvatarDownload.objects.get_or_create(
        person=person, defaults={"url": url, "in_sandbox": in_sandbox}
    )
    if is_new:
        transaction.on_commit(partial(ring, TASK, job.pk))


@transaction.atomic
def refresh_avatar(person: User, url: str, *, in_sandbox: bool = False) -> None:
    """Have a worker fetch the picture again, because it has changed in Pachca."""
    if len(url) > MAX_URL_LENGTH:
        return
    request_avatar(person, url, in_sandbox=in_sandbox)
    job = AvatarDownload.objects.select_for_update().get(person=person)
    if job.url != url:
        job.url = url
        job.save(update_fields=["url"])
        job.again()
        transaction.on_commit(partial(ring, TASK, job.pk))


class AvatarRunner(ThreadRunner[AvatarDownload, "bytes | None"]):
    """Fetches a picture: of limited size, and from public addresses only."""

    def run(self, job: AvatarDownload, lease: Lease) -> bytes | None:
        if _has_own_avatar(job):
            return None
        api = Api("", settings.SANDBOX_API_URL if job.in_sandbox else settings.PACHCA_API_URL)
        download = async_to_sync(api.download)
        return download(job.url, settings.PICTURE_MAX_BYTES, DOWNLOAD_TIMEOUT).content

    @transaction.atomic
    def complete(self, job: AvatarDownload, result: bytes | None) -> None:
        """Store the picture, unless the claim is lost or the account was deleted meanwhile."""
        # Locked in the order in which the directory sync locks them.
        person = User.objects.select_for_update(no_key=True).get(pk=job.person_id)
        job.write(error="")
        stored_as = job.stored_as
        if result is not None and not (is_deleted(person) or _has_own_avatar(job)):
            upload_avatar(person, File(io.BytesIO(result), "avatar"))
            stored_as = str(person.avatar.name)
        job.finish(State.DONE, stored_as=stored_as)

    def fail(self, job: AvatarDownload, error: Exception) -> None:
        is_final = isinstance(error, FileTooLarge | ValidationError)
        if is_final or job.attempts > MAX_RETRIES:
            logger.warning("The avatar of person %s was not fetched: %s", job.person_id, error)
            job.finish(State.FAILED, error=str(error))
            return
        if not isinstance(error, NotFetched):
            logger.error("The avatar of person %s failed", job.person_id, exc_info=error)
        job.postpone(timedelta(seconds=RETRY_BACKOFF.delay(job.attempts)), error=str(error))


def is_deleted(person: User) -> bool:
    """Return whether the person has deleted the account, or is about to."""
    return AccountDeletion.objects.filter(person=person).exists()


def _has_own_avatar(job: AvatarDownload) -> bool:
    """Return whether the person has uploaded a picture here."""
    return User.objects.filter(pk=job.person_id).exclude(avatar__in=["", job.stored_as]).exists()
