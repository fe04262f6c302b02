"""Writing the copies: a claimed row becomes a ZIP file in the storage."""

import logging
import secrets
import shutil
import tempfile
from datetime import timedelta
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.privacy.actions import delete_former
from accounts.privacy.contents import files, sections
from accounts.privacy.models import FILE_LIFETIME, FOLDER, DataExport
from jobs.leases import Lease
from jobs.rows import MAX_RETRIES, RETRY_BACKOFF, State
from jobs.runner import ThreadRunner
from twitter.models import User

logger = logging.getLogger(__name__)

encode = DjangoJSONEncoder(ensure_ascii=False).encode


class ExportRunner(ThreadRunner[DataExport, str]):
    def run(self, job: DataExport, lease: Lease) -> str:
        """Write the file; return its name in the storage, which cannot be guessed."""
        job.check_claims()
        person = User.objects.get(pk=job.person_id)
        with tempfile.TemporaryFile() as draft:
            with ZipFile(draft, "w", ZIP_DEFLATED) as archive:
                write(archive, person, lease)
            draft.seek(0)
            lease.check()
            return default_storage.save(f"{FOLDER}{secrets.token_hex(16)}.zip", File(draft))

    def complete(self, job: DataExport, result: str) -> None:
        try:
            job.finish(State.DONE, file=result, expires_at=timezone.now() + FILE_LIFETIME)
        except BaseException:
            default_storage.delete(result)  # the claim was lost: another worker writes its own
            raise
        delete_former(job)

    def fail(self, job: DataExport, error: Exception) -> None:
        logger.error("Data export %s failed", job.pk, exc_info=error)
        text = type(error).__name__
        if job.attempts > MAX_RETRIES:
            job.finish(State.FAILED, error=text)
        else:
            pause = RETRY_BACKOFF.delay(job.attempts)
            job.postpone(timedelta(seconds=pause), error=text)


def write(archive: ZipFile, person: User, lease: Lease) -> None:
    """Write the data and files of a person; LostClaim."""
    for name, rows in sections(person):
        with archive.open(f"{name}.json", "w") as entry:
            comma = "[\n"
            for row in rows:
                entry.write((comma + encode(row)).encode())
                comma = ",\n"
            entry.write(b"[]\n" if comma == "[\n" else b"\n]\n")
        lease.check()
    for stored_name in files(person):
        try:
            with (
                default_storage.open(stored_name) as file,
                archive.open(f"files/{stored_name}", "w") as entry,
            ):
                shutil.copyfileobj(file, entry)
        except FileNotFoundError:
            logger.warning("The file %s of person %s is missing.", stored_name, person.pk)
        lease.check()
