"""Measurements of speech: run its modules with `python -m`. Each run has a var/ of its own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
os.environ.setdefault("RHVOICE_DIR", str(ROOT / "var" / "rhvoice"))
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="svyaz-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
django.setup()
