"""The job queue: `celery -A project worker`, `celery -A project beat`."""

import os

from celery import Celery

from core.logs import tasks  # noqa: F401  connects to Celery's signals
from jobs.beat import WITH_BEAT, EmbeddedBeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("svyaz")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.user_options["worker"].add(WITH_BEAT)
app.steps["worker"].add(EmbeddedBeat)
