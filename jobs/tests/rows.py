"""A kind of job for the tests: this app has no table of its own."""

import time
from collections.abc import Callable
from typing import ClassVar

from django.db import models

from jobs.rows import Job, JobManager


class ChoreManager(JobManager["Chore"]):
    pass


class Chore(Job):
    name = models.CharField(max_length=50)

    objects: ClassVar[ChoreManager] = ChoreManager()

    class Meta:
        app_label = "jobs"
        db_table = "jobs_tests_chore"


def claimed(name: str = "a") -> Chore:
    row = Chore.objects.claim(Chore.objects.create(name=name).pk)
    assert row is not None
    return row


def wait_until(is_true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
