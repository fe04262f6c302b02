"""Housekeeping of the audit log."""

from celery import shared_task

from accounts.audit.recording import purge


@shared_task(name="audit.purge")
def purge_events() -> None:
    """Delete the events that are older than AUDIT_KEEP_DAYS."""
    purge()
