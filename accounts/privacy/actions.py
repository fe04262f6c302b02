"""Asking for a copy of one's data, and deleting old copies."""

from collections.abc import Iterable
from functools import partial

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit.recording import Action, record
from accounts.privacy.models import FILE_LIFETIME, FOLDER, DataExport
from jobs.doorbell import ring
from twitter.models import User

TASK = "privacy.export"


@transaction.atomic
def request_export(person: User) -> DataExport:
    """Ask for a copy of the person's data; return the open request if there is one already.

    A worker writes the file, after the surrounding transaction has committed.
    """
    try:
        with transaction.atomic():
            export = DataExport.objects.create(person=person)
    except IntegrityError:
        return DataExport.objects.open().get(person=person)
    record(Action.EXPORTED, export, actor=person, content="own data")
    transaction.on_commit(partial(ring, TASK, export.pk))
    return export


def delete_strays() -> None:
    """Delete old files that no row names: their workers ended before they could write the name."""
    if not default_storage.exists(FOLDER):
        return
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}{name}"
        is_old = default_storage.get_modified_time(path) < timezone.now() - FILE_LIFETIME
        if is_old and not DataExport.objects.filter(file=path).exists():
            default_storage.delete(path)


def delete_former(export: DataExport) -> None:
    """Delete the person's former copies: one takes up storage at a time."""
    _delete(DataExport.objects.filter(person=export.person_id, pk__lt=export.pk))


def delete_outdated() -> int:
    """Delete the files that have expired, with their rows; return how many."""
    return _delete(DataExport.objects.outdated())


def _delete(exports: Iterable[DataExport]) -> int:
    deleted = 0
    for export in list(exports):
        if export.file.name:
            default_storage.delete(export.file.name)
        export.delete()
        deleted += 1
    return deleted
