"""Celery tasks. Each may run twice or not at all without harm; the work is in the rows."""

from celery import shared_task

from accounts.pachca.avatars import TASK, AvatarRunner
from accounts.pachca.grants import check_grants
from accounts.pachca.models import AvatarDownload
from jobs.doorbell import ring
from jobs.pacing import paced

SWEEP_BATCH = 100


@shared_task(name=TASK)
def fetch_avatar(pk: int) -> None:
    """Fetch the avatar of a new account, unless another worker does."""
    AvatarRunner().work(AvatarDownload.objects.claim(pk))


@shared_task(name="pachca.sweep")
@paced("PACHCA_SWEEP_EVERY")
def sweep() -> None:
    """Ring for the avatars that wait."""
    for pk in AvatarDownload.objects.claimable().values_list("pk", flat=True)[:SWEEP_BATCH]:
        ring(TASK, pk)


@shared_task(name="pachca.check_grants")
@paced("PACHCA_CHECK_EVERY")
def check() -> None:
    """Find out which tokens people have revoked."""
    check_grants()
