"""Celery tasks. Each may run twice or not at all without harm; the work is in the rows."""

from celery import shared_task

from accounts.privacy import deletion
from accounts.privacy.actions import TASK, delete_outdated, delete_strays
from accounts.privacy.deletion import DeletionRunner
from accounts.privacy.models import AccountDeletion, DataExport
from accounts.privacy.runner import ExportRunner
from jobs.doorbell import ring
from jobs.pacing import paced

SWEEP_BATCH = 100


@shared_task(name=TASK)
def export(pk: int) -> None:
    """Write the file of a requested export, unless another worker does."""
    ExportRunner().work(DataExport.objects.claim(pk))


@shared_task(name=deletion.TASK)
def delete_account(pk: int) -> None:
    """Delete the data of a person who has asked for it, unless another worker does."""
    DeletionRunner().work(AccountDeletion.objects.claim(pk))


@shared_task(name="privacy.sweep")
@paced("PRIVACY_SWEEP_EVERY")
def sweep() -> None:
    """Ring for the jobs that wait, and delete the files that have expired."""
    for task, model in ((TASK, DataExport), (deletion.TASK, AccountDeletion)):
        for pk in model.objects.claimable().values_list("pk", flat=True)[:SWEEP_BATCH]:
            ring(task, pk)
    delete_outdated()
    delete_strays()
