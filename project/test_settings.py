"""The settings for pytest, the only override of project.settings."""

import atexit
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

# Each run has its own var/, so that concurrent runs are isolated.
if "VAR_DIR" not in os.environ:
    own = Path(__file__).resolve().parent.parent / "var" / "test" / str(os.getpid())
    os.environ["VAR_DIR"] = str(own)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
# Each worker of pytest-xdist has its own subdirectory and its own Redis database.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["VAR_DIR"] += f"/{worker}"
    if url := os.environ.get("REDIS_URL"):
        address = urlsplit(url)
        number = int(address.path.strip("/") or 0) + int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = address._replace(path=f"/{number}").geturl()
# Shared by all runs.
os.environ.setdefault("RHVOICE_DIR", str(Path(__file__).resolve().parent.parent / "var/rhvoice"))
os.environ["DEBUG"] = os.environ["SANDBOX"] = "1"

from project.settings import *  # noqa: F403
from project.settings import DATABASES, STATIC_ROOT, VAR_DIR

DEBUG = False
# WhiteNoise finds a file on request, instead of listing all of them for each test client.
WHITENOISE_AUTOREFRESH = True
# Tests compare source strings; only test_languages.py uses translations.
LANGUAGE_CODE = "en"
# Leases are renewed by a connection that does not see the rows of a test's transaction: only tests
# with `transaction=True` may set one that is short enough to be renewed.
JOBS_LEASE = 600
# Tests that block a loop on purpose must not write rows; test_watchdog.py starts its own watchdog.
BOTS_BLOCKED_AFTER = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Commits do not wait for fsync.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, so that threads and processes share one database with real locks.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
