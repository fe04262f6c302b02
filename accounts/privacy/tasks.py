"""Celery tasks. Each may run twice or not at all without harm; the work is in the rows."""

from celery import shared_task

from accounts.privacy.actions import TASK, delete_outdated, delete_strays
from accounts.privacy.models import DataExport
from accounts.privacy.runner import ExportRunner
from jobs.doorbell import ring
from jobs.pacing import paced

SWEEP_BATCH = 100


@shared_task(name=TASK)
def export(pk: int) -> None:
    """Write the file of a requested export, unless another worker does."""
    ExportRunner().work(DataExport.objects.claim(pk))


@shared_task(name="privacy.sweep")
@paced("PRIVACY_SWEEP_EVERY")
def sweep() -> None:
    """Ring for the exports that wait, and delete the files that have expired."""
    for pk in DataExport.objects.claimable().values_list("pk", flat=True)[:SWEEP_BATCH]:
        ring(TASK, pk)
    delete_outdated()
    delete_strays()
