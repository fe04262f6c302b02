"""The settings under pytest: the only override there is."""

import os

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("SANDBOX", "1")

from project.settings import *  # noqa: E402, F403

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
