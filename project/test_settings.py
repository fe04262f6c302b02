"""The settings under pytest: the only override there is."""

import atexit
import os
import shutil
from pathlib import Path

# A var/ of its own for every run, so that runs side by side do not meet.
if "VAR_DIR" not in os.environ:
    own = Path(__file__).resolve().parent.parent / "var" / "test" / str(os.getpid())
    os.environ["VAR_DIR"] = str(own)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
# Fetched once for all runs.
os.environ.setdefault("RHVOICE_DIR", str(Path(__file__).resolve().parent.parent / "var/rhvoice"))
os.environ["DEBUG"] = os.environ["SANDBOX"] = "1"

from project.settings import *  # noqa: F403
from project.settings import DATABASES, STATIC_ROOT, VAR_DIR

DEBUG = False
# The tests read the source strings; test_languages.py alone asks for the translations.
LANGUAGE_CODE = "en"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, so that the threads and processes of a test see one database with its real locks.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
