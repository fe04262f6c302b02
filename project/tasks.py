"""Periodic tasks for Django's own apps."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="project.clear_sessions")
def clear_sessions() -> None:
    """Delete expired sessions, which Django does not do itself."""
    call_command("clearsessions")
