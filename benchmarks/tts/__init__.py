"""Measurements of speech: run its modules with `python -m`. Each run has a var/ of its own."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
os.environ.setdefault("RHVOICE_DIR", str(ROOT / "var" / "rhvoice"))
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="svyaz-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
django.setup()


@contextmanager
def redis() -> Iterator[None]:
    """Run an embedded Valkey for the block, child processes included, unless REDIS_URL is set."""
    if not settings.BROKER_IS_EMBEDDED:
        yield
        return
    from launcher import broker  # noqa: PLC0415  after django.setup()

    with broker.running(settings.RUN_DIR) as url:
        os.environ["REDIS_URL"] = url
        yield
