"""The job queue: `celery -A project worker`, `celery -A project beat`."""

import os

from celery import Celery

from project import task_log  # noqa: F401  connects to Celery's signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("svyaz")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
